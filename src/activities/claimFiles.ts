import { Context } from '@temporalio/activity';
import { failureText, PipelineError } from '../domain/failures.ts';
import {
  endAfterFailure,
  givenUp,
  isGivenUp,
  newFileId,
  ruleFor,
  StillWritten,
  takenName,
  takenParts,
  type FileRule,
  type FileSource,
  type OpenSource,
  type SourceFile,
} from '../domain/fileSources.ts';
import { isPassedOver } from '../domain/filePatterns.ts';
import { periodContaining, type Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import type { InboxCopy, Ports } from '../ports.ts';
import type { Claimed, ClaimedFile } from './contracts.ts';
import { beatDuring } from './parts/heartbeats.ts';
import { findPeriod } from './parts/inspectExport.ts';
import { withSource } from './parts/withSource.ts';

type ClaimPorts = Pick<Ports, 'sources' | 'inbox' | 'settings'>;

/** Limit for new files, and again for those of earlier rounds: the result is one payload of the history. */
const mostFilesPerRound = 50;

/**
 * Takes the files that a source has: renames each into its folder `taking`, so that nobody takes it twice, and copies
 * it to the inbox. A second attempt finds what the first has renamed, under the same ids.
 */
export function createClaimFiles(ports: ClaimPorts) {
  return function claimFiles({ source: name }: { source: string }): Promise<Claimed> {
    return beatDuring({ doing: 'taking files' }, () =>
      withSource(ports.sources, name, async (opened, source) => {
        const before = (await takenFiles(opened, source.files)).slice(0, mostFilesPerRound);
        const { whole, unmatched, waiting } = await leftFiles(
          opened,
          source.files,
          ports.sources.quietSeconds,
        );
        // New files have a limit of their own, so that files that cannot be loaded do not hold them back.
        const taken = [...before, ...(await takeAll(opened, whole.slice(0, mostFilesPerRound)))];
        const files: ClaimedFile[] = [];
        let growing = 0;
        for (const each of taken) {
          Context.current().cancellationSignal.throwIfAborted();
          const { bytes, modifiedAt } = each.file;
          const found = await foundIn(each, { ports, opened, source });
          if (found === undefined) growing += 1;
          else files.push({ id: each.id, bytes, modifiedAt, found });
        }
        return {
          files,
          unmatched,
          waiting: waiting + growing + Math.max(0, whole.length - mostFilesPerRound),
        };
      }),
    );
  };
}

interface Taken {
  readonly id: string;
  /** The file's name before it was taken. */
  readonly name: string;
  /** The file as it is now, in `taking`. */
  readonly file: SourceFile;
}

/** Lists the files that earlier attempts or rounds have taken and not settled. */
async function takenFiles(opened: OpenSource, rules: readonly FileRule[]): Promise<Taken[]> {
  const taken = (await opened.list('taking')).flatMap((file) => {
    const parts = takenParts(file.name);
    // Patterns may have changed since: without a report there is no run.
    return parts === undefined || ruleFor(rules, parts.name) === undefined ? [] : [{ ...parts, file }];
  });
  return taken.sort((one, other) =>
    older({ ...one.file, name: one.name }, { ...other.file, name: other.name }),
  );
}

interface Left {
  readonly whole: readonly SourceFile[];
  readonly unmatched: number;
  readonly waiting: number;
}

/** Lists the files left at the source. A file counts as whole if its size and time stay the same for `quietSeconds`. */
async function leftFiles(
  opened: OpenSource,
  rules: readonly FileRule[],
  quietSeconds: number,
): Promise<Left> {
  const named = (await opened.list('left')).filter(({ name }) => !isPassedOver(name));
  const first = named.filter(({ name }) => ruleFor(rules, name) !== undefined);
  const unmatched = named.length - first.length;
  if (first.length === 0) return { whole: [], unmatched, waiting: 0 };
  await Context.current().sleep(quietSeconds * 1000);
  const second = new Map((await opened.list('left')).map((file) => [file.name, file]));
  const whole = first.filter(({ name, bytes, modifiedAt }) => {
    const now = second.get(name);
    return now?.bytes === bytes && now.modifiedAt === modifiedAt;
  });
  return { whole: oldestFirst(whole), unmatched, waiting: first.length - whole.length };
}

async function takeAll(opened: OpenSource, files: readonly SourceFile[]): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (const file of files) {
    const id = newFileId(new Date(), crypto.getRandomValues(new Uint8Array(4)));
    const name = takenName(id, file.name);
    const moved = await opened.move({ folder: 'left', name: file.name }, { folder: 'taking', name });
    // Somebody may have taken it away.
    if (moved) taken.push({ id, name: file.name, file: { ...file, name } });
  }
  return taken;
}

function oldestFirst(files: readonly SourceFile[]): SourceFile[] {
  return [...files].sort(older);
}

function older(one: SourceFile, other: SourceFile): number {
  return one.modifiedAt - other.modifiedAt || (one.name < other.name ? -1 : 1);
}

interface At {
  readonly ports: ClaimPorts;
  readonly opened: OpenSource;
  readonly source: FileSource;
}

/**
 * Finds the period to run a file for; undefined if it is still being written. A failure caused by the file refuses it
 * and does not hold back the others.
 */
async function foundIn(taken: Taken, at: At): Promise<ClaimedFile['found'] | undefined> {
  if (isGivenUp(taken.id, new Date())) return { kind: 'refused', type: 'InternalError', message: givenUp };
  try {
    return await readFound(taken, at);
  } catch (error) {
    if (error instanceof StillWritten) return undefined;
    if (!(error instanceof PipelineError)) throw error;
    const end = endAfterFailure(error.type, failureText(error));
    if (end.to !== 'refused') throw error;
    return { kind: 'refused', type: end.type, message: end.message };
  }
}

async function readFound(
  { id, name, file }: Taken,
  { ports, opened, source }: At,
): Promise<ClaimedFile['found']> {
  const { mostBytes, copies } = ports.sources;
  const { report, reading } = ruleFor(source.files, name)!;
  if (reading.kind === 'unclear') throw unclearName();
  if (file.bytes > mostBytes) throw tooLarge(mostBytes);
  const copy: InboxCopy = { source: source.name, id, modifiedAt: file.modifiedAt };
  const kept = await copies.keep(copy, file.bytes, () => opened.read({ folder: 'taking', name: file.name }));
  const period =
    reading.day === undefined ? await periodIn(kept, report, ports) : periodContaining(report, reading.day);
  return { kind: 'period', report, period, file: kept };
}

async function periodIn(named: string, report: ReportName, { inbox, settings }: ClaimPorts): Promise<Period> {
  const file = await inbox(named);
  try {
    return await findPeriod(file.read(), report, settings.rules);
  } finally {
    await file.release();
  }
}

function unclearName(): PipelineError {
  return new PipelineError('InvalidInput', 'the name of the file can be read with different dates', {
    hint: 'Give the file a name with one date, or its pattern in pipeline.yaml more of the name around the date.',
  });
}

function tooLarge(mostBytes: number): PipelineError {
  const megabytes = String(Math.floor(mostBytes / 1024 / 1024));
  return new PipelineError('ExportTooLarge', `the file has more than ${megabytes} MB`, {
    hint: 'Look at the file; where a report really is that large, raise portal.exportMegabytes.',
    retry: false,
  });
}
