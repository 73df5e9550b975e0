import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isLoopback } from '../../domain/loopback.ts';
import { SettingsReader, type Environment } from '../settingsReader.ts';
import { dataKeys } from './secretKeys.ts';

/** Where runs keep their files: a folder or a bucket, which every worker must reach. */
export type ArtifactsPlace =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'bucket';
      readonly bucket: string;
      /** What stands before each key; '' for nothing. */
      readonly prefix: string;
      /** The address of an S3-compatible server; undefined for AWS. */
      readonly endpoint: string | undefined;
      /** The key of AWS KMS that encrypts objects; undefined for what the bucket says. */
      readonly kmsKey: string | undefined;
    };

const bucketPattern =
  /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/((?:[\w.-]{1,100}\/){0,9}[\w.-]{1,100}))?\/?$/;
const kmsKeyPattern = /^[\w:/-]{1,2048}$/;
const bucketScheme = 's3://';

/** @throws ConfigError if a bucket cannot be read from it, or its server would be reached in plain text. */
export function artifactsPlace(env: Environment = process.env): ArtifactsPlace {
  const reader = new SettingsReader(env);
  const named = reader.optional('EHR_ARTIFACTS', {
    wanted: 'the path of a folder, or s3://bucket/prefix',
    mistake: (text) =>
      text.startsWith(bucketScheme) && (!bucketPattern.test(text) || text.includes('..'))
        ? 'no name of a bucket'
        : undefined,
  });
  const server = {
    wanted: 'the address of an S3-compatible server, https:// unless on this machine',
    mistake: plainEndpoint,
  };
  const endpoint =
    reader.optional('AWS_ENDPOINT_URL_S3', server) ?? reader.optional('AWS_ENDPOINT_URL', server);
  const [, bucket, prefix = ''] = bucketPattern.exec(named ?? '') ?? [];
  if (bucket === undefined) {
    reader.optional('EHR_SCRATCH', {
      wanted: 'it only where EHR_ARTIFACTS is a bucket: all files lie in that folder',
      mistake: () => 'a folder',
    });
  }
  const kmsKey = reader.optional('EHR_ARTIFACTS_KMS_KEY', {
    wanted: 'the id, ARN or alias of a key of AWS KMS, and it only where EHR_ARTIFACTS is a bucket',
    mistake: (text) => (bucket !== undefined && kmsKeyPattern.test(text) ? undefined : 'something else'),
  });
  if (bucket !== undefined) return reader.finish({ kind: 'bucket', bucket, prefix, endpoint, kmsKey });
  return reader.finish({ kind: 'folder', folder: resolve(named ?? '.local/artifacts') });
}

function plainEndpoint(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
    ? undefined
    : `an address that begins with ${protocol}`;
}

/**
 * A private folder on this machine for what is under way: downloads, spooled and scratch files, evidence. The artifacts
 * folder, if there is one.
 */
export function scratchDirectory(env: Environment = process.env): string {
  const place = artifactsPlace(env);
  return place.kind === 'folder' ? place.folder : resolve(setting(env, 'EHR_SCRATCH') ?? '.local/scratch');
}

/** A file system in memory, on Linux. */
export const sharedMemory = '/dev/shm';

/**
 * Where the browser writes downloads, which it cannot seal; undefined for the folder of other scratch files. With
 * a data key they are in memory, where a machine has that, so that a killed worker leaves none on a disk.
 */
export function downloadsDirectory(env: Environment = process.env): string | undefined {
  const named = setting(env, 'EHR_DOWNLOADS');
  if (named !== undefined) return resolve(named);
  const inMemory = dataKeys(env).length > 0 && existsSync(sharedMemory);
  return inMemory ? join(sharedMemory, `ehr-downloads-${String(process.getuid?.() ?? '')}`) : undefined;
}

/** The folder on the worker's machine for files that people hand in; an absolute path. */
export function inboxDirectory(env: Environment = process.env): string {
  return resolve(setting(env, 'EHR_INBOX') ?? join(scratchDirectory(env), 'inbox'));
}

export function configPath(env: Environment = process.env): string {
  return setting(env, 'EHR_CONFIG') ?? 'config/pipeline.yaml';
}

/**
 * Rules and run files for which no variable names a folder: they are in the program's own folder, which updates
 * replace.
 */
export function unnamedPlaces(env: Environment = process.env): {
  readonly config?: string;
  readonly artifacts?: string;
} {
  return {
    ...(setting(env, 'EHR_CONFIG') === undefined ? { config: resolve(configPath(env)) } : {}),
    ...(setting(env, 'EHR_ARTIFACTS') === undefined ? { artifacts: scratchDirectory(env) } : {}),
  };
}

function setting(
  env: Environment,
  variable: 'EHR_ARTIFACTS' | 'EHR_CONFIG' | 'EHR_DOWNLOADS' | 'EHR_INBOX' | 'EHR_SCRATCH',
): string | undefined {
  return new SettingsReader(env).optional(variable, { wanted: 'a path' });
}
