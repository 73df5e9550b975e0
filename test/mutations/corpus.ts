import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isFailureType } from '../../src/domain/failures.ts';
import { differences } from './differences.ts';
import { cellToldBy, wordToldBy } from './leaks.ts';
import { mutantOf, type Mutant } from './mutants.ts';
import { consultOracle } from './oracle.ts';
import { readRaw } from './oracle/csv.ts';
import type { Report } from './oracle/terms.ts';
import { PipelineSteps, termsOf, type StepsOutcome } from './pipelineSteps.ts';
import { startWatchdog } from './watchdog.ts';

const nameSecret = 'a key for mutants';

/** A mutant needs milliseconds, the largest a second on a busy machine; one that hangs needs for ever. */
const secondsPerMutant = 20;

// Files of so many runs are a few tens of megabytes.
const mutantsBetweenTidying = 250;

// Enough to see what goes wrong; one defect may make thousands.
const wrongKept = 15;

/** What came of so many mutants of one report. */
export interface CorpusResult {
  readonly report: Report;
  readonly seed: string;
  mutants: number;
  seconds: number;
  /** Rows of accepted files that were equal to the oracle's, cell by cell. */
  rowsEqual: number;
  slowest: { mutant: number; milliseconds: number };
  /** `exact`, `quarantine`, or the type of the failure. */
  readonly outcomes: Record<string, number>;
  /** Outcomes by each kind of mutation that was applied, and by those applied alone. */
  readonly byKind: Record<string, Record<string, number>>;
  readonly byKindAlone: Record<string, Record<string, number>>;
  /** In words, the first of the mutants that ended otherwise than the oracle allows. */
  readonly wrong: string[];
  wrongCount: number;
  /** Files half written that failed steps have left. */
  readonly leftBehind: string[];
}

// The steps wait for the disk most of the time, each file being synced: a few at a time keep the processor busy.
const lanes = 4;

/** Puts mutants through the steps and holds each outcome against the oracle. */
export async function runCorpus(
  report: Report,
  { seed, from, count }: { seed: string; from: number; count: number },
  make: (seed: string, report: Report, number: number) => Mutant = mutantOf,
): Promise<CorpusResult> {
  const root = await mkdtemp(path.join(tmpdir(), 'ehr-mutants-'));
  const watchdog = startWatchdog(secondsPerMutant * 2);
  const result = emptyResult(report, seed);
  const started = performance.now();
  let next = from;
  const runLane = async (lane: number) => {
    const folder = path.join(root, String(lane));
    await mkdir(folder);
    const steps = new PipelineSteps(folder, nameSecret);
    for (let done = 1; next < from + count; done += 1) {
      const number = next++;
      watchdog.begin(number);
      await runMutant(make(seed, report, number), steps, result);
      if (done % mutantsBetweenTidying === 0) await tidy(folder, steps, result);
    }
    await tidy(folder, steps, result);
  };
  try {
    await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  } finally {
    await watchdog.stop();
    await rm(root, { recursive: true, force: true });
  }
  result.seconds = Math.round((performance.now() - started) / 1000);
  return result;
}

function emptyResult(report: Report, seed: string): CorpusResult {
  return {
    report,
    seed,
    mutants: 0,
    seconds: 0,
    rowsEqual: 0,
    slowest: { mutant: -1, milliseconds: 0 },
    outcomes: {},
    byKind: {},
    byKindAlone: {},
    wrong: [],
    wrongCount: 0,
    leftBehind: [],
  };
}

async function runMutant(mutant: Mutant, steps: PipelineSteps, result: CorpusResult): Promise<void> {
  const begun = performance.now();
  const outcome = await steps.process(mutant.bytes, mutant.base);
  const milliseconds = Math.round(performance.now() - begun);
  const verdict = consultOracle(mutant.content ?? mutant.bytes, termsOf(mutant.base, nameSecret));
  const wrong = [
    ...differences(mutant.base.report, outcome, verdict),
    ...untold(outcome, mutant),
    ...unlike(outcome, mutant),
    ...(milliseconds > secondsPerMutant * 1000 ? [`took ${String(milliseconds)} ms`] : []),
  ];
  countOutcome(mutant, outcome, result);
  if (milliseconds > result.slowest.milliseconds) result.slowest = { mutant: mutant.number, milliseconds };
  if (wrong.length === 0) result.rowsEqual += outcome.kind === 'passed' ? outcome.made.rows.length : 0;
  else blame(mutant, wrong, result);
}

/** A failure that is none of the list, or anything for Temporal's history that tells what stood in a cell. */
function untold(
  outcome: StepsOutcome,
  { bytes: asMade, content: asWritten = asMade, base }: Mutant,
): string[] {
  const bytes = base.form === undefined ? asWritten : Buffer.from(readRaw(asWritten, base.form).text);
  if (outcome.kind === 'passed') {
    const { clean, categorize, aggregate } = outcome.made;
    const word = wordToldBy({ clean, categorize, aggregate }, bytes);
    return word === undefined ? [] : [`what the steps hand on tells ${JSON.stringify(word)}`];
  }
  const { failure } = outcome;
  const cell = cellToldBy(failure, bytes);
  return [
    ...(isFailureType(failure.type) && failure.type !== 'InternalError'
      ? []
      : [`${String(failure.type)}: ${String(failure.cause?.stack)}`]),
    ...(cell === undefined ? [] : [`the failure tells the cell ${JSON.stringify(cell)}`]),
  ];
}

/** A mutation whose outcome is certain when nothing else is wrong with the file. */
function unlike(outcome: StepsOutcome, { applied, base }: Mutant): string[] {
  // What a semicolon does depends on the form.
  if (base.form !== undefined) return [];
  const [{ alone } = {}] = applied;
  if (alone === undefined || applied.length > 1) return [];
  const came = nameOf(outcome);
  return alone.includes(came) ? [] : [`ended as ${came}, where ${alone.join(' or ')} was due`];
}

function nameOf(outcome: StepsOutcome): string {
  if (outcome.kind === 'failed') return String(outcome.failure.type);
  return outcome.made.rejected.length > 0 ? 'quarantine' : 'exact';
}

function countOutcome({ applied }: Mutant, outcome: StepsOutcome, result: CorpusResult): void {
  const name = nameOf(outcome);
  result.mutants += 1;
  increase(result.outcomes, name);
  const kinds = new Set(applied.map(({ kind }) => kind));
  for (const kind of kinds) {
    increase((result.byKind[kind] ??= {}), name);
    if (applied.length === 1) increase((result.byKindAlone[kind] ??= {}), name);
  }
}

function increase(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function blame({ number, applied }: Mutant, wrong: readonly string[], result: CorpusResult): void {
  result.wrongCount += 1;
  if (result.wrong.length >= wrongKept) return;
  const kinds = applied.map(({ kind }) => kind).join(' + ');
  result.wrong.push(`mutant ${String(number)} (${kinds}): ${wrong.join('; ')}`);
}

async function tidy(folder: string, steps: PipelineSteps, result: CorpusResult): Promise<void> {
  const files = await readdir(folder, { recursive: true });
  result.leftBehind.push(...files.filter((file) => file.endsWith('.part')));
  await steps.tidy();
}
