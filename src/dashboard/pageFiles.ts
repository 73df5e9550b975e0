import { fileName } from './exports.ts';

/** What the files of pages are called, without their ending: a mail looks for what was written under that name. */
export const everyonesPage = 'dashboard';
export const totalsPage = 'dashboard-totals';

/** Any file of a page: the page itself, its PDF, the tables saved beside it. */
export const pageFile =
  /^dashboard(?:-totals|-(?:qp|supervisor)-[a-z0-9-]{0,200})?(?:\.[a-z0-9-]{1,200})?\.(?:html|pdf|csv|xlsx)$/;

/** @param person a code, or what tells those apart who share it; never a name */
export function pageOfPerson(kind: 'qp' | 'supervisor', person: string): string {
  return `dashboard-${kind}-${fileName(person)}`;
}
