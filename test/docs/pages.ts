import { readdirSync, readFileSync } from 'node:fs';

export const project = new URL('../../', import.meta.url);

/** Every page that a reader finds on GitHub. */
export const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'demo/portal/README.md',
  '.github/pull_request_template.md',
  '.github/ISSUE_TEMPLATE/bug.md',
  '.github/ISSUE_TEMPLATE/idea.md',
  ...filesOf('docs').filter((file) => file.endsWith('.md')),
].map((page) => ({ page, markdown: readFileSync(new URL(page, project), 'utf8') }));

export function filesOf(folder: string): string[] {
  return readdirSync(new URL(folder, project), { encoding: 'utf8' }).map((file) => `${folder}/${file}`);
}
