import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { PipelineError } from '../domain/failures.ts';
import { inboxFolder } from './inbox.ts';
import { artifactPurpose, nameIfUri, uriIfArtifact } from './reference.ts';
import { OpeningStream, type DataKeys } from './seal.ts';

/** A file that a person names: an artifact by its uri, or one of a failure's evidence. */
export interface NamedFile {
  /** Within a store. */
  readonly name: string;
  readonly purpose: string;
  /** How the SHA-256 of its plain bytes begins, in hex; '' if its name does not say. */
  readonly sha256: string;
}

const evidencePattern = /^evidence\/[a-z0-9][a-z0-9.-]{0,200}\/\w[\w.-]{0,60}$/;

/** A file in a place of kept files. */
export interface KeptFile extends NamedFile {
  /** Somebody else may have put the file there and still read it: it is never sealed. */
  readonly staysPlain: boolean;
}

/** Undefined if it is no kept file, or not whole yet. */
export function keptFileOf(name: string): KeptFile | undefined {
  if (name.startsWith(`${inboxFolder}/`)) return { name, purpose: name, sha256: '', staysPlain: true };
  const named = evidencePattern.test(name) ? name : uriIfArtifact(name);
  return named === undefined ? undefined : { ...namedFile(named), staysPlain: false };
}

/** @throws PipelineError InvalidInput */
export function namedFile(named: string): NamedFile {
  if (evidencePattern.test(named)) return { name: named, purpose: named, sha256: '' };
  const name = nameIfUri(named);
  if (name === undefined) throw noSuchFile();
  const [, sha256 = ''] = /-([0-9a-f]{12})-[^/]*$/.exec(name) ?? [];
  return { name, purpose: artifactPurpose, sha256 };
}

export function noSuchFile(): PipelineError {
  return new PipelineError('InvalidInput', 'there is no such kept file', {
    hint: 'Name an artifact by its uri, as the failure or the ledger shows it, or evidence/<folder>/<file>. Old ones are removed by retention (pipeline.yaml).',
  });
}

/** Looks in a folder of kept files. Undefined if there is no such file. */
export async function findInFolder(root: string, name: string): Promise<Readable | undefined> {
  const file = path.join(root, name);
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true ? createReadStream(file) : undefined;
}

/** The plain bytes. Only the end proves that they are those that were kept. @throws PipelineError ArtifactMissing */
export async function* openNamed(
  body: Readable,
  { purpose, sha256 }: NamedFile,
  keys: DataKeys,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const opening = new OpeningStream(keys, purpose, ({ message }) => lost(message));
  // The reader gets the failure.
  const plain = pipeline(body, opening, () => undefined) as AsyncIterable<Buffer>;
  for await (const chunk of plain) {
    hash.update(chunk);
    yield chunk;
  }
  if (!hash.digest('hex').startsWith(sha256)) throw lost('holds other bytes than when it was made');
}

function lost(what: string): PipelineError {
  return new PipelineError('ArtifactMissing', `the file ${what}`, {
    hint: 'Check that EHR_DATA_KEY here has every key that the workers have or had. If it does, look who else writes to the place that EHR_ARTIFACTS names.',
    retry: false,
  });
}
