import { reportsInUse, type PipelineConfig } from '../config.ts';
import { dayInZone, type IsoDate } from '../domain/dates.ts';
import { movedTo } from '../domain/movedRows.ts';
import { missingPeriods, type Period } from '../domain/periods.ts';
import type { PeriodState } from '../domain/periodState.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import { isoInstant } from '../warehouse/instants.ts';
import { isStale, stateOf, withoutDue, type PeriodStatus } from '../warehouse/ledgerReads.ts';
import { exitCodes, type ExitCode } from './exitCodes.ts';

/** The state of one period of one report, as of now. */
export interface StatusRow extends Omit<PeriodStatus, 'lastRun'> {
  /** Null if no run of it has ever ended. */
  readonly lastRun: PeriodStatus['lastRun'] | null;
  readonly state: PeriodState;
  /** Whether it lies between its report's first loaded period and the one that is due, and is not loaded. */
  readonly gap: boolean;
  /** The age of the export behind the figures; null if there is none, or none was recorded. */
  readonly exportAgeSeconds: number | null;
  /**
   * Whether the daily run should have taken a newer export by now. It is also the state, unless something is more
   * urgent.
   */
  readonly stale: boolean;
}

export interface Clock {
  readonly now: Date;
  readonly timeZone: string;
  /** The reports that daily runs load; the others get no newer figures and have no gaps. Default: all. */
  readonly inUse?: readonly ReportName[];
}

/** Now, by the calendar of the organisation and the reports that it loads. */
export function clockOf(config: Pick<PipelineConfig, 'organisation' | 'reports'>): Clock {
  return { now: new Date(), timeZone: config.organisation.timeZone, inUse: reportsInUse(config) };
}

/** The periods of the ledger and the gaps between them, by report in their order, newest first. */
export function statusRows(periods: readonly PeriodStatus[], clock: Clock): StatusRow[] {
  const today = dayInZone(clock.now, clock.timeZone);
  return reportNames.flatMap((report) => {
    const known = periods.filter((period) => period.report === report);
    return ofReport(report, known, { ...clock, today });
  });
}

function ofReport(
  report: ReportName,
  known: readonly PeriodStatus[],
  { now, today, inUse = reportNames }: Clock & { readonly today: IsoDate },
): StatusRow[] {
  const loaded = known.filter(({ published }) => published !== null).map(periodOf);
  const isInUse = inUse.includes(report);
  const gaps = isInUse ? missingPeriods(report, loaded, today) : [];
  const inGap = new Set(gaps.map(({ from }) => from as string));
  const seen = known.map((period): StatusRow => {
    const judged = isInUse ? period : withoutDue(period);
    return {
      ...period,
      state: stateOf(judged, now),
      gap: inGap.has(period.from),
      exportAgeSeconds: exportAge(period, now),
      stale: isStale(judged.published?.staleAt ?? null, now),
    };
  });
  const knownStarts = new Set(known.map(({ from }) => from));
  const unseen = gaps.filter(({ from }) => !knownStarts.has(from)).map((gap) => untouched(report, gap));
  return [...seen, ...unseen].sort((one, other) => (one.from < other.from ? 1 : -1));
}

function periodOf({ from, to }: PeriodStatus): Period {
  return { from: from as IsoDate, to: to as IsoDate };
}

/** A period for which no run has ended. */
function untouched(report: ReportName, { from, to }: Period): StatusRow {
  const nothing = {
    published: null,
    pinned: null,
    held: [],
    newest: null,
    lastRun: null,
    exportAgeSeconds: null,
  };
  return { report, from, to, ...nothing, state: 'not loaded', gap: true, stale: false };
}

function exportAge({ published }: PeriodStatus, now: Date): number | null {
  if (published === null || published.exportedAt === null) return null;
  const taken = Date.parse(isoInstant(published.exportedAt));
  // Clocks differ a little, and a negative age would be nonsense.
  return Math.max(0, Math.round((now.getTime() - taken) / 1000));
}

/** Ranges of gaps that one backfill each would fill, by report, newest first. */
export function gapRanges(shown: readonly StatusRow[]): { report: ReportName; from: string; to: string }[] {
  const ranges: { report: ReportName; from: string; to: string }[] = [];
  for (const [index, { report, from, to, gap }] of shown.entries()) {
    if (!gap) continue;
    const before = shown[index - 1];
    const open = before?.report === report && before.gap ? ranges.at(-1) : undefined;
    if (open === undefined) ranges.push({ report, from, to });
    else open.from = from;
  }
  return ranges;
}

/** The exit code of `status --check`: the worst of what it shows. */
export function checkCode(
  shown: readonly StatusRow[],
  { alertsQuiet = false }: { readonly alertsQuiet?: boolean } = {},
): ExitCode {
  if (shown.some(({ state }) => state === 'failed')) return exitCodes.failed;
  if (shown.some(({ state }) => state === 'held')) return exitCodes.held;
  const nothingLoaded = !shown.some(({ published }) => published !== null);
  return nothingLoaded || alertsQuiet || shown.some(({ gap, state }) => gap || state === 'stale')
    ? exitCodes.outOfDate
    : exitCodes.fine;
}

const second = 1;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `40 s`, `12 min`, `5 h` or `3 days`: exact enough for a table. */
export function ageWords(seconds: number): string {
  if (seconds < 2 * minute) return `${String(seconds)} s`;
  if (seconds < 2 * hour) return `${String(Math.floor(seconds / minute))} min`;
  if (seconds < 2 * day) return `${String(Math.floor(seconds / hour))} h`;
  return `${String(Math.floor(seconds / day))} days`;
}

/** The period's state, and in a few words what else to know or do about it. */
function stateWords({ report, state, published, newest, pinned, held, stale }: StatusRow): string {
  return [
    state === 'failed' ? `failed: ${newest?.failureType ?? 'InternalError'}` : '',
    published === null ? 'not loaded' : '',
    stale ? 'stale' : '',
    published?.preliminary === true ? 'preliminary' : '',
    state === 'settled' ? 'settled' : '',
    pinned === null ? '' : `pinned by ${pinned.by}`,
    movedWords(report, published?.moved),
    ...held.map((run) => `held: ${run}`),
  ]
    .filter((words) => words !== '')
    .join(', ');
}

function movedWords(
  report: ReportName,
  moved: NonNullable<StatusRow['published']>['moved'] | undefined,
): string {
  if (moved === undefined || moved.rows === 0) return '';
  const dollars = moved.dollars === null ? '' : ` (${moved.dollars})`;
  return `${String(moved.rows)} rows${dollars} moved to ${movedTo(report)}`;
}

/** The cells of one line of the table. */
export function statusCells(row: StatusRow): string[] {
  const { report, from, to, published, lastRun, exportAgeSeconds } = row;
  return [
    report,
    `${from}..${to}`,
    published === null ? '-' : String(published.rows),
    published === null ? 'never' : toTheSecond(published.at),
    exportAgeSeconds === null ? '-' : ageWords(exportAgeSeconds),
    lastRun === null ? 'none' : lastRun.outcome,
    lastRun === null ? '-' : toTheSecond(lastRun.finishedAt),
    String(lastRun?.rowsRejected ?? '-'),
    stateWords(row),
  ];
}

function toTheSecond(time: string): string {
  return time.slice(0, 19);
}
