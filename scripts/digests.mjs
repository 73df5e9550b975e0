// npm run digests [folder]: writes into docker-compose.yml and Dockerfile the digest of each image beside its version,
// as the registry has it now. Needs docker with buildx, and the network. Images that have a digest keep it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectFolder } from './setup/project.mjs';

const folder = process.argv[2] ?? projectFolder;
/** Built here, so that no registry has it. */
const own = 'ehr-pipeline:local';
const unpinned = /^(\s*image: |FROM )([\w./-]+:[\w.-]+)(?=\s|$)/gm;
/** @type {Map<string, string>} */
const digests = new Map();

for (const file of ['docker-compose.yml', 'Dockerfile']) {
  const named = path.join(folder, file);
  const text = readFileSync(named, 'utf8');
  const pinned = text.replaceAll(unpinned, (line, before, image) =>
    image === own ? line : `${before}${image}@${digestOf(image)}`,
  );
  if (pinned !== text) writeFileSync(named, pinned);
}
for (const [image, digest] of digests) console.log(`${image}@${digest}`);

/** @param {string} image */
function digestOf(image) {
  const known = digests.get(image);
  if (known !== undefined) return known;
  const format = ['--format', '{{.Manifest.Digest}}'];
  const digest = execFileSync('docker', ['buildx', 'imagetools', 'inspect', image, ...format], {
    encoding: 'utf8',
  }).trim();
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new Error(`docker gave no digest of ${image}, but: ${digest.slice(0, 200)}`);
  }
  digests.set(image, digest);
  return digest;
}
