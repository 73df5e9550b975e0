// npm run -s sbom: what a worker is made of, as CycloneDX, from package-lock.json alone. `npm sbom --omit dev` will not
// do: it leaves out every package that a tool needs too, two in three of them (npm 11.19).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectFolder } from './setup/project.mjs';

/** Licences that package.json does not name, or under another key; the LICENSE file of each is the text of it. */
const licencesInTexts = new Map([
  ['buildcheck', 'MIT'],
  ['cpu-features', 'MIT'],
  ['ssh2', 'MIT'],
  ['unionfs', 'Unlicense'],
]);

/** @type {Record<string, { version: string, dev?: boolean }>} */
const locked = JSON.parse(readFileSync(path.join(projectFolder, 'package-lock.json'), 'utf8')).packages;
const production = new Set(
  Object.entries(locked)
    .filter(([, { dev }]) => dev !== true)
    .map(([folder, { version }]) => `${folder.replace(/^.*node_modules\//, '')}@${version}`),
);

/** @typedef {{ 'bom-ref': string, name: string, licenses?: unknown[] }} Component */
/** @type {{ metadata: { component: Component }, components: Component[], dependencies: { ref: string, dependsOn: string[] }[] }} */
const bill = JSON.parse(
  execFileSync(
    'npm',
    ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'],
    { cwd: projectFolder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  ),
);
const { name } = JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8'));
// npm takes the name of the folder.
bill.metadata.component.name = name;
bill.components = bill.components.filter((each) => production.has(each['bom-ref']));
const refs = new Set([bill.metadata.component, ...bill.components].map((each) => each['bom-ref']));
bill.dependencies = bill.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
for (const each of bill.components) {
  const id = licencesInTexts.get(each.name);
  if (each.licenses === undefined && id !== undefined) each.licenses = [{ license: { id } }];
}
console.log(JSON.stringify(bill, undefined, 2));
