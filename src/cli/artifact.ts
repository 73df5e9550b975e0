import { open, rm } from 'node:fs/promises';
import type { PipelineError } from '../domain/failures.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import { openKeptFile } from '../wiring/openStores.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { withWarehouse } from './connections.ts';
import { print, type OutputOptions } from './output.ts';
import { refused } from './commandErrors.ts';

interface OpenOptions extends OutputOptions {
  readonly out?: string;
}

/** Writes a kept file as it was before it was sealed, to a file or to stdout. Recorded first: it is patient data. */
export async function openArtifact(named: string, options: OpenOptions): Promise<void> {
  const { out } = options;
  if (out === undefined && options.json === true) {
    throw refused(
      '--json needs --out: without it the file itself goes to stdout',
      'Name a file: --out <file>',
    );
  }
  const kept = await openKeptFile(named);
  await withWarehouse((warehouse) =>
    recordAuditEventAlone(warehouse, {
      action: 'open-artifact',
      actor: thisUser(),
      details: { uri: named },
    }),
  );
  if (out === undefined) return writeToStdout(kept());
  const bytes = await writeNew(out, kept());
  print(options, { uri: named, file: out, bytes }, () => `${out}: ${String(bytes)} bytes; patient data`);
}

/**
 * Writes a file that only its owner can read; deletes it if the content proves wrong. Returns its size in bytes.
 */
async function writeNew(out: string, plain: AsyncIterable<Buffer>): Promise<number> {
  const file = await open(out, 'wx', 0o600).catch((error: unknown) => {
    throw notWritten(out, error);
  });
  try {
    for await (const chunk of plain) await file.appendFile(chunk);
    const { size } = await file.stat();
    return size;
  } catch (error) {
    await rm(out, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function writeToStdout(plain: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of plain) {
    await new Promise<void>((written, failed) => {
      process.stdout.write(chunk, (error) => (error ? failed(error) : written()));
    });
  }
}

function notWritten(out: string, error: unknown): PipelineError {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  const what = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`;
  return refused(`${out} ${what}`, 'Give --out another name.');
}
