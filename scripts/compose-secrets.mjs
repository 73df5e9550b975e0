// node scripts/compose-secrets.mjs: the secrets that docker-compose.yml mounts. Run again, it keeps what is there.
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from './setup/project.mjs';

const folder = path.join(projectFolder, '.local', 'compose', 'secrets');

/** Hex digits need no escaping in a URL, in SQL or in a shell. */
const random = () => randomBytes(24).toString('hex');

// The folder is closed to other users. The files in it are open, since the user inside a container is another
// one than the owner out here and sees the mounted file alone.
await mkdir(folder, { recursive: true, mode: 0o700 });
// Mounted into the containers; what would be made for it otherwise belongs to root.
await mkdir(path.join(projectFolder, '.local', 'compose', 'tls'), { recursive: true, mode: 0o755 });
await keep('database_root_password', random());
await keep('temporal_db_password', random());
await keep('name_key', random());
await keep('login_key', random());
await keep('data_key', randomBytes(32).toString('base64'));
const password = await keep('database_password', random());
// The server's own pair, by which the worker encrypts the password for that server and no other.
const privateKey = await keep('database_private_key', newPrivateKey());
await keep(
  'database_public_key',
  createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
);
await keep('database_url', `mysql://ehr:${password}@mysql:3306/ehr`);
// The stand-in's. For a real portal, put its password into this file.
await keep('portal_password', 'demo-Passw0rd!');

function newPrivateKey() {
  const { privateKey: pair } = generateKeyPairSync('rsa', { modulusLength: 3072 });
  return pair.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * @param {string} name
 * @param {string} value
 */
async function keep(name, value) {
  const file = path.join(folder, name);
  if (existsSync(file)) {
    console.log(`kept    ${path.relative(projectFolder, file)}`);
    return (await readFile(file, 'utf8')).trim();
  }
  await writeFile(file, value, { mode: 0o644 });
  console.log(`written ${path.relative(projectFolder, file)}`);
  return value;
}
