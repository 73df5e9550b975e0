import type { Draft } from './draft.ts';
import { wordsOf, type PrivateTexts } from './plainNames.ts';

/** A person needs longer for the next click. */
const redirectMilliseconds = 700;

/** Where the portal stands right after the login: the page that came then, at the end of its own redirections. */
export function homeAddress(draft: Draft, split: number): string {
  const { actions, visits, portalUrl } = draft.recording;
  const entered = draft.actions.findLast(({ kind }, index) => index < split && kind === 'fill');
  const after = entered === undefined ? 0 : actions.indexOf(entered);
  const [first, ...later] = visits.filter(
    (visit) => visit.actions > after && !visit.address.startsWith('about:'),
  );
  let home = first;
  for (const visit of later) {
    if (home === undefined || visit.at - home.at > redirectMilliseconds) break;
    home = visit;
  }
  return addressOf(draft, home?.address ?? portalUrl);
}

/** A path of the portal. Queries, and parts with a number, may name a session or a record. */
export function addressOf(draft: Draft, address: string): string {
  const { portalUrl } = draft.recording;
  if (!URL.canParse(address)) return '${portal.url}';
  const url = new URL(address);
  if (url.origin !== new URL(portalUrl).origin) {
    draft.decide('Where the login begins: it was recorded on another origin than EHR_PORTAL_URL.');
    return '${portal.url}';
  }
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const plain = parts.slice(
    0,
    lengthOfPlain(parts, (part) => isPlainPart(part, draft.hidden)),
  );
  const base = new URL(portalUrl).pathname.split('/').filter((part) => part !== '');
  const isBelow = base.every((part, at) => plain[at] === part);
  const path = (isBelow ? plain.slice(base.length) : plain).map((part) => `/${part}`).join('');
  return isBelow ? `\${portal.url}${path}` : path === '' ? '/' : path;
}

function lengthOfPlain(parts: readonly string[], isPlain: (part: string) => boolean): number {
  const end = parts.findIndex((part) => !isPlain(part));
  return end === -1 ? parts.length : end;
}

function isPlainPart(part: string, { typed, people }: PrivateTexts): boolean {
  if (!/^[A-Za-z][A-Za-z._-]{0,39}$/.test(part)) return false;
  if (typed.some((each) => each.length >= 3 && part.toLowerCase().includes(each.toLowerCase()))) return false;
  return !wordsOf(part).some((word) => people.has(word.toLowerCase()));
}
