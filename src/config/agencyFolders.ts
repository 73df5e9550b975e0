import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { isAgencyId, wantedAgencyId } from '../domain/agencyId.ts';
import { ConfigError } from './configError.ts';
import { artifactsPlace, configPath, inboxDirectory, scratchDirectory } from './environment/filePlaces.ts';
import { SettingsReader, type Environment } from './settingsReader.ts';

/**
 * The agencies that share the workers: a folder for each below that of EHR_AGENCIES, with its `pipeline.yaml`, its
 * recipe, and a folder `secrets` of files that are named as the environment variable that each stands for.
 */

/** Undefined if the workers serve the agency without an id alone. */
export function agenciesFolder(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const folder = reader.optional('EHR_AGENCIES', {
    wanted: 'a folder with a folder for each agency',
    mistake: (path) => (isFolder(path) ? undefined : 'no folder'),
  });
  const settings = reader.finish({ folder });
  return settings.folder === undefined ? undefined : resolve(settings.folder);
}

/** The agencies' ids in order. */
export function agencyIds(env: Environment = process.env): string[] {
  return agencyFolders(env).filter(isAgencyId);
}

/** @throws ConfigError if folders have names that are no ids */
export function assertAgencyNames(env: Environment = process.env): void {
  const wrong = agencyFolders(env).filter((name) => !isAgencyId(name)).length;
  if (wrong === 0) return;
  throw new ConfigError([`EHR_AGENCIES: ${String(wrong)} of its folders are not named by ${wantedAgencyId}`]);
}

function agencyFolders(env: Environment): string[] {
  const folder = agenciesFolder(env);
  if (folder === undefined) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && isFolder(join(folder, name)))
    .sort();
}

let configOfHome: string | undefined;

/** The `pipeline.yaml` of the agency without an id, whichever agency this process acts for. */
export function homeConfigPath(): string {
  return configOfHome ?? configPath();
}

/** Makes this process act for an agency: all that is read of the environment from now on is the agency's. */
export function enterAgency(id: string): void {
  const environment = agencyEnvironment(id);
  configOfHome = homeConfigPath();
  for (const name of Object.keys(process.env))
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  Object.assign(process.env, environment);
}

/** Variables that belong to one agency: another's value must never stand in for one that is missing. */
const ownVariable =
  /^(?:DATABASE_|EHR_(?:PORTAL_|ALERT_|SOURCE_|NAME_KEY|LOGIN_KEY|DATA_KEY|CONFIG$|ARTIFACTS|SCRATCH$|INBOX$|AGENCY$))/;

/**
 * The environment of one agency: what its own folder says, and of the process's what is about the machine. Its
 * files lie below those of the process, in `agencies/<id>`, unless it names a place of its own.
 * @throws ConfigError if there is no such agency, or its secrets cannot be read
 */
export function agencyEnvironment(id: string, env: Environment = process.env): Environment {
  const folder = agenciesFolder(env);
  if (folder === undefined) throw new ConfigError([`EHR_AGENCIES: not set, wanted the folder of ${id}`]);
  // Not by the list of all: a worker asks for each agency that it opens, of thousands.
  if (!isAgencyId(id) || !isFolder(join(folder, id)))
    throw new ConfigError([`EHR_AGENCIES: has no folder ${id}`]);
  const shared = Object.fromEntries(Object.entries(env).filter(([name]) => !ownVariable.test(name)));
  const own = secretsOf(join(folder, id, 'secrets'));
  return {
    ...shared,
    ...placesOf(id, env),
    ...own,
    EHR_CONFIG: configIn(folder, id),
    EHR_AGENCY: id,
  };
}

/** The `pipeline.yaml` of an agency of the registry, whether or not it is there. */
export function agencyConfigPath(id: string, env: Environment = process.env): string {
  return configIn(agenciesFolder(env) ?? '', id);
}

function configIn(folder: string, id: string): string {
  return join(folder, id, 'pipeline.yaml');
}

function placesOf(id: string, env: Environment): Environment {
  const place = artifactsPlace(env);
  const below = (folder: string) => join(folder, 'agencies', id);
  const inbox = { EHR_INBOX: below(inboxDirectory(env)) };
  if (place.kind === 'folder') return { EHR_ARTIFACTS: below(place.folder), ...inbox };
  const key = posix.join(place.bucket, place.prefix, 'agencies', id);
  return { EHR_ARTIFACTS: `s3://${key}`, EHR_SCRATCH: below(scratchDirectory(env)), ...inbox };
}

/** Variables that may be given as `…_FILE`. `EHR_ARTIFACTS_KMS_KEY` is the name of a key and no secret. */
const secretName =
  /^(?:DATABASE_URL|EHR_(?!ARTIFACTS_KMS_KEY$)\w+_(?:PASSWORD|TOTP_SECRET|KEY|WEBHOOK_URL|SMTP_URL))$/;

const mostSecrets = 200;
const mostBytes = 64 * 1024;

function secretsOf(folder: string): Environment {
  const names = isFolder(folder) ? readdirSync(folder).filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name)) : [];
  if (names.length > mostSecrets)
    throw new ConfigError([`${folder}: more than ${String(mostSecrets)} files`]);
  return Object.fromEntries(
    names.map((name) => {
      const file = join(folder, name);
      // Named, not read: a secret is read where it is used, since it may have changed by then.
      return secretName.test(name) ? [`${name}_FILE`, file] : [name, valueIn(file)];
    }),
  );
}

function valueIn(file: string): string {
  try {
    if (statSync(file).size > mostBytes) throw new ConfigError([`${file}: larger than 64 KiB`]);
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigError([`${file}: cannot be read (${code})`]);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
