import type { Readable } from 'node:stream';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import { keptRunNamedBy, type RunIdentity } from '../domain/runIdentity.ts';
import type { Rules } from '../domain/rules.ts';
import { writtenAt } from '../domain/fileSources.ts';
import { askForAnother } from '../rows/exportBytes.ts';
import { beatDuring } from './parts/heartbeats.ts';
import { inspectExport } from './parts/inspectExport.ts';
import { madeBy } from './parts/ledgerFiles.ts';
import type { Ports } from '../ports.ts';
import type { ExportMade, StepInput } from './contracts.ts';
import { storeFile } from './parts/storeFile.ts';
import { waitingForStore } from './parts/storeWithHeartbeats.ts';

type TakePorts = Pick<Ports, 'artifacts' | 'inbox' | 'settings' | 'warehouse'>;

/**
 * Takes an export that was saved by hand or, as `run:<run id>`, one that an earlier run kept; every check of a download
 * applies.
 */
export function createTakeFile(ports: TakePorts) {
  return async function takeFile({ run, file }: StepInput & { file: string }): Promise<ExportMade> {
    const keptBy = keptRunNamedBy(file);
    return keptBy === undefined ? takeSavedFile(ports, run, file) : takeKeptExport(ports, run, keptBy);
  };
}

async function takeSavedFile(ports: TakePorts, run: RunIdentity, named: string): Promise<ExportMade> {
  // From a bucket, it is fetched.
  const file = await beatDuring(waitingForStore, () => ports.inbox(named));
  try {
    const records = await readable(() => inspectSavedFile(file.read(), run, ports.settings.rules));
    const exportedAt = notAfter(await ports.warehouse.clock(), writtenAt(named));
    const place = { run, step: 'takeFile', file: 'export.csv' };
    const copied = () => storeFile(ports.artifacts, place, () => file.read(), records);
    return { file: await readable(() => beatDuring(waitingForStore, copied)), exportedAt };
  } finally {
    await file.release();
  }
}

/** The earlier of the two times: an old file that somebody leaves again must not replace a newer export. */
function notAfter(now: string, written: Date | undefined): string {
  return written !== undefined && written.getTime() < Date.parse(now) ? written.toISOString() : now;
}

/**
 * Gives system errors a failure type. Here they are about the file being read; errors of the store already have a type.
 */
async function readable<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw systemCode(error) === undefined ? error : notReadable(error);
  }
}

function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]{2,20}$/.test(code) ? code : undefined;
}

/**
 * Inspects a file that was handed in. Failures after which a download is retried are final here: the file stays the
 * same.
 */
async function inspectSavedFile(file: Readable, run: RunIdentity, rules: Rules): Promise<number> {
  try {
    return await inspectExport(file, run, rules);
  } catch (error) {
    if (!(error instanceof PipelineError) || !error.retry) throw error;
    const { type, message, details } = error;
    throw new PipelineError(type, `the file that was handed in: ${message}`, {
      hint: error.hint.replace(askForAnother, lookAtFile),
      retry: false,
      details,
      cause: error,
    });
  }
}

const lookAtFile =
  'Look at that file; if it is not the export, save the report again and start the run with it.';

/** Takes the export that an earlier run kept. It stays where it is and keeps its age: it replaces no newer export. */
async function takeKeptExport(ports: TakePorts, run: RunIdentity, keptBy: string): Promise<ExportMade> {
  const earlier = await ports.warehouse.findRun(keptBy);
  const kept = madeBy(earlier).export;
  if (earlier === undefined || kept === undefined) {
    throw new PipelineError('InvalidInput', `file: the ledger knows no export of run ${keptBy}`, {
      hint: `Look up what the period has shown: npm run client -- versions ${run.report} ${run.period.from}`,
    });
  }
  const { report, period } = earlier.run;
  if (report !== run.report || period.from !== run.period.from) {
    throw new PipelineError(
      'InvalidInput',
      `file: run ${keptBy} was for ${report} ${periodText(period)}, not for this period`,
      { hint: 'Name a run of the same report and period.' },
    );
  }
  await ports.warehouse.refuseRemoved({ export: kept });
  await inspectExport(await ports.artifacts.open(kept.file), run, ports.settings.rules, { kind: 'kept' });
  return kept;
}

const giveAnother = 'Put the export into the inbox (EHR_INBOX) and name it relative to that folder.';

/** The system's refusal in words; the path itself may name a patient. */
const refusals: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file on the machine of the worker',
  ENOTDIR: 'there is no such file on the machine of the worker',
  EACCES: 'the user that the worker runs as may not read it',
  EPERM: 'the user that the worker runs as may not read it',
  EISDIR: 'the path that was given is a folder and no file',
  ENAMETOOLONG: 'the path is longer than the system allows',
  ELOOP: 'the path leads through links in a circle',
  ESTALE: 'the network share that it lies on has gone',
  EIO: 'the disk or share that it lies on cannot be read',
};

function notReadable(error: unknown): PipelineError {
  const code = systemCode(error) ?? 'unknown error';
  return new PipelineError('InvalidInput', `file: ${refusals[code] ?? 'it cannot be read'} (${code})`, {
    hint: giveAnother,
    details: { code },
    cause: error,
  });
}
