import {
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { ClaimedFile } from '../activities/contracts.ts';
import { agencyId, agencyNamedIn } from '../domain/agencyId.ts';
import { endAfterFailure, type FileEnd } from '../domain/fileSources.ts';
import { parseAgencyInput } from '../domain/inputs.ts';
import { runReportId, sourcesRoundId } from '../domain/temporalNames.ts';
import { agencyOfRun, priorityOfRun } from './agencyOfRun.ts';
import { quick, sources } from './activityProxies.ts';
import { withRunHandling } from './runHandling.ts';
import { runPeriods, type PeriodResult } from './runPeriods.ts';
import {
  addFailure,
  assertNothingFailed,
  newRound,
  noteFailure,
  showDetails,
  type SourcesRound,
} from './roundProgress.ts';

interface TakenFile extends ClaimedFile {
  readonly source: string;
}

/**
 * One round over the sources, as the schedule ehr-sources starts it: takes the files of every source, runs each,
 * and puts it away. Two rounds at once would run the same files, and the schedule gives each start an id of its
 * own. So a workflow under any id but `sources` runs the round as a child with that id, and ends if one is in
 * progress.
 */
export function collectFiles(input?: unknown): Promise<SourcesRound | RoundSkipped> {
  const roundId = agencyId(agencyNamedIn(input), sourcesRoundId);
  return workflowInfo().workflowId === roundId ? takeAndRun(input) : underTheOneId(roundId, input);
}

export interface RoundSkipped {
  readonly skipped: string;
}

function underTheOneId(roundId: string, input: unknown): Promise<SourcesRound | RoundSkipped> {
  return withRunHandling({ input, progress: () => ({ round: roundId }) }, async () => {
    const { agency } = parseAgencyInput(input);
    try {
      return await executeChild(collectFiles, {
        workflowId: roundId,
        args: [agency === undefined ? {} : { agency }],
        staticSummary: 'the files that were left at the sources',
        priority: priorityOfRun(),
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return { skipped: 'another round is under way' };
    }
  });
}

function takeAndRun(input: unknown): Promise<SourcesRound> {
  const round = newRound();
  return withRunHandling({ input, progress: () => round }, async () => {
    parseAgencyInput(input);
    const plan = await quick.planSources();
    const taken = await claimAll(plan.sources, round);
    const files = await refuseUnfit(taken, round);
    const stuck = new Set<string>();
    for (const wave of wavesOf(files)) {
      const ready = await leaveStuck(wave, stuck, round);
      await runWave(ready, { plan, stuck, round });
    }
    showDetails(round);
    assertNothingFailed(round);
    return round;
  });
}

/** Takes the files of all sources. One that cannot be reached does not hold back the others. */
async function claimAll(names: readonly string[], round: SourcesRound): Promise<TakenFile[]> {
  const claims = names.map(async (source): Promise<TakenFile[]> => {
    try {
      const { files, unmatched, waiting } = await sources.claimFiles({ source });
      round.taken += files.length;
      round.unmatched += unmatched;
      round.waiting += waiting;
      return files.map((file) => Object.assign(file, { source }));
    } catch (error) {
      noteFailure(round, source, error);
      return [];
    }
  });
  const files = (await Promise.all(claims)).flat();
  showDetails(round);
  return files.sort((one, other) => one.modifiedAt - other.modifiedAt);
}

type Found = Extract<ClaimedFile['found'], { kind: 'period' }>;

interface FoundFile extends TakenFile {
  readonly found: Found;
}

async function refuseUnfit(files: readonly TakenFile[], round: SourcesRound): Promise<FoundFile[]> {
  for (const file of files) {
    if (file.found.kind !== 'refused') continue;
    const { type, message } = file.found;
    addFailure(round, { what: whatOf(file), type, message });
    await settle(file, { to: 'refused', type, message }, round);
  }
  return files.filter((file): file is FoundFile => file.found.kind === 'period');
}

/**
 * Parts the files into waves with one file of each period, so that those of one period run one by one, oldest first.
 */
function wavesOf(files: readonly FoundFile[]): FoundFile[][] {
  const waves: FoundFile[][] = [];
  const seen = new Map<string, number>();
  for (const file of files) {
    const id = idOf(file);
    const wave = seen.get(id) ?? 0;
    seen.set(id, wave + 1);
    (waves[wave] ??= []).push(file);
  }
  return waves;
}

function idOf({ found: { report, period } }: FoundFile): string {
  return runReportId(report, period, agencyOfRun());
}

/** Leaves a file for the next round if an older one of its period waits for it: the newer must not be loaded first. */
async function leaveStuck(
  wave: readonly FoundFile[],
  stuck: ReadonlySet<string>,
  round: SourcesRound,
): Promise<FoundFile[]> {
  for (const file of wave) if (stuck.has(idOf(file))) await settle(file, { to: 'again' }, round);
  return wave.filter((file) => !stuck.has(idOf(file)));
}

interface Going {
  readonly plan: { readonly concurrency: number; readonly runTimeoutHours: number };
  /** Ids of the periods with a file that stays for the next round. */
  readonly stuck: Set<string>;
  readonly round: SourcesRound;
}

/** Runs a wave. Once all its runs have ended, puts the files away one at a time, in the order in which they ended. */
async function runWave(wave: readonly FoundFile[], { plan, stuck, round }: Going): Promise<void> {
  const byId = new Map(wave.map((file) => [idOf(file), file]));
  const ended: { readonly file: FoundFile; readonly end: FileEnd }[] = [];
  const periods = wave.map(({ found: { report, period, file } }) => ({ report, period, file }));
  await runPeriods(periods, plan, (result) => {
    const file = byId.get(result.id)!;
    const end = endOf(file, result, round);
    if (end.to === 'again') stuck.add(result.id);
    ended.push({ file, end });
  });
  for (const { file, end } of ended) await settle(file, end, round);
}

function endOf(file: FoundFile, result: PeriodResult, round: SourcesRound): FileEnd {
  switch (result.kind) {
    case 'done': {
      const { outcome } = result.result;
      round.done[outcome] = (round.done[outcome] ?? 0) + 1;
      return { to: 'done' };
    }
    case 'failed': {
      const { id, type, message } = result;
      addFailure(round, { what: `${whatOf(file)} (${id})`, type, message });
      // Rounds that began before this do without: their order of commands stays.
      if (result.endedByPerson && patched('ended-by-person')) return { to: 'again' };
      return endAfterFailure(type, message);
    }
    case 'not attempted':
      return { to: 'again' };
  }
}

async function settle(file: TakenFile, end: FileEnd, round: SourcesRound): Promise<void> {
  const { source, id, bytes, modifiedAt } = file;
  if (end.to === 'refused') round.refused += 1;
  if (end.to === 'again') round.again += 1;
  try {
    const { changed } = await sources.settleFile({ source, id, claimed: { bytes, modifiedAt }, end });
    if (changed) round.again += 1;
  } catch (error) {
    noteFailure(round, whatOf(file), error);
  }
  showDetails(round);
}

function whatOf({ source, id }: TakenFile): string {
  return `${source} ${id}`;
}
