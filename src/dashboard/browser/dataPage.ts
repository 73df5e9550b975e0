import type { TableCell, Table } from '../exports.ts';
import { countOf, countText, dollarsText, momentText, monthLabel } from '../figureText.ts';
import type { LoadedPeriod, PageData, PagePeriodState, PeriodChange } from '../pageData.ts';
import { cards, dataScope, figure, scopeLines, type Context, type Page } from './context.ts';
import { newerThanShown, periodsOf } from './selection.ts';
import { stateWords } from '../stateWords.ts';

/** What the figures rest on: what was loaded when, what was put aside, what changed and why. */
export function dataPage(context: Context): Page {
  const { data } = context;
  const isOfAll = data.onlyQp === null && data.onlySupervisor === null && !data.totals;
  const facts: Page['scope']['facts'] = [
    ['Period', monthsWords(data)],
    ['Times in', data.timeZone],
    ...(isOfAll || data.totals
      ? []
      : ([
          ['Counts', `of whole exports, not only of this ${data.onlyQp === null ? 'supervisor' : 'QP'}`],
        ] as const)),
  ];
  const scope = dataScope(context, facts);
  const lines = scopeLines({ name: 'data', scope }, context);
  return {
    name: 'data',
    scope,
    content: [
      dataCards(data),
      figure(loadsFigure(data), lines),
      ...movedFigures(data).map((each) => figure(each, lines)),
      figure(notLoadedFigure(data), lines),
      figure(openFigure(data), lines),
      ...(isOfAll
        ? [changesFigure(data), rejectsFigure(data), lookAlikesFigure(data)].map((each) =>
            figure(each, lines),
          )
        : []),
      ...(data.onlySupervisor === null && !data.totals ? [figure(unknownFigure(data), lines)] : []),
    ],
  };
}

function monthsWords({ months }: PageData): string {
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return 'none';
  return first === last ? monthLabel(first) : `${monthLabel(first)} to ${monthLabel(last)}`;
}

type Figure = Parameters<typeof figure>[0];

function loadsFigure({ loads, periodStates }: PageData): Figure {
  const preliminary = loads.filter((load) => load.preliminary).length;
  const states = new Map(periodStates.map((period) => [`${period.report} ${period.from}`, period]));
  return {
    title: 'Last loads',
    sentence: `The tables hold ${countOf(loads.length, 'period')}, ${countText(preliminary)} preliminary: such figures may still change by the passing of days alone.`,
    table: {
      caption: 'Last loads',
      columns: [
        { heading: 'Report and period', kind: 'period' },
        { heading: 'Figures', kind: 'text' },
        { heading: 'Data as of', kind: 'moment' },
        { heading: 'Loaded', kind: 'moment' },
        { heading: 'Rows read', kind: 'count' },
        { heading: 'In the tables', kind: 'count' },
        { heading: 'Left out', kind: 'count' },
        { heading: 'Rejected', kind: 'count' },
        { heading: 'Run', kind: 'text' },
        { heading: 'Remark', kind: 'text' },
      ],
      rows: newestFirst(loads).map((load) => ({
        cells: loadCells(load, stateCell(load, states.get(`${load.report} ${load.from}`))),
      })),
    },
  };
}

/** Only where the supervisor rule moved anything: most providers have no such rule. */
function movedFigures({ loads }: PageData): Figure[] {
  const moving = newestFirst(loads).flatMap((load) =>
    load.moved === null ? [] : [{ load, moved: load.moved }],
  );
  if (moving.length === 0) return [];
  const persons = [...new Set(moving.map(({ moved }) => moved.to))].join(' or ');
  return [
    {
      title: 'Moved by the supervisor rule',
      sentence: `In ${countOf(moving.length, 'period')} the supervisor rule made rows of other people count for ${persons}.`,
      table: {
        caption: 'Moved by the supervisor rule',
        columns: [
          { heading: 'Report and period', kind: 'period' },
          { heading: 'Rows moved', kind: 'count' },
          { heading: 'Authorized', kind: 'dollars' },
        ],
        rows: moving.map(({ load, moved }) => ({
          cells: [periodWords(load), moved.rows, moved.cents === null ? null : BigInt(moved.cents)],
        })),
      },
    },
  ];
}

/** The state of a load's period in words; from the load itself if the ledger has no run of it any more. */
function stateCell(load: LoadedPeriod, period: PagePeriodState | undefined): string {
  const { state, failureType } = period ?? {
    state: load.preliminary ? 'preliminary' : 'settled',
    failureType: null,
  };
  const asOf = load.asOf === null ? 'a time that is not known' : momentText(load.asOf);
  return stateWords(
    { state },
    { periods: [{ ...load, state, failureType, loaded: true, name: '' }], missing: [], asOf },
  );
}

function loadCells(load: LoadedPeriod, state: string): TableCell[] {
  return [
    periodWords(load),
    state,
    load.asOf,
    load.loadedAt,
    load.read,
    load.rows,
    load.excluded,
    load.rejected,
    load.run,
    load.pinned,
  ];
}

function periodWords({ report, from, to }: { report: string; from: string; to: string }): string {
  return `${report} ${from}..${to}`;
}

function newestFirst<Loaded extends { readonly from: string }>(loads: readonly Loaded[]): Loaded[] {
  return loads.toSorted((one, other) => other.from.localeCompare(one.from));
}

function dataCards(data: PageData): HTMLElement {
  const preliminary = data.loads.filter((load) => load.preliminary).length;
  return cards([
    {
      label: 'Periods in the tables',
      value: countText(data.loads.length),
      detail: `${countText(preliminary)} of them preliminary`,
    },
    {
      label: 'Periods without figures',
      value: countText(missingPeriods(data).length),
      detail: 'between the first load and the last one, or newer',
    },
    {
      label: 'Newer runs left out',
      value: countText(data.openRuns.length),
      detail: 'held or failed: the load before shows',
    },
  ]);
}

function missingPeriods(data: PageData): PagePeriodState[] {
  return [...new Set(data.periodStates.map(({ report }) => report))]
    .flatMap((report) => periodsOf(data, report, 'all').concat(newerThanShown(data, report)))
    .filter(({ loaded }) => !loaded);
}

function notLoadedFigure(data: PageData): Figure {
  const missing = missingPeriods(data);
  return withTable(
    {
      title: 'Periods without figures',
      none: 'No period between the first load and the last one of a report is missing.',
      sentence: `The tables hold nothing of ${countOf(missing.length, 'period')}: no figure has anything of them.`,
    },
    {
      caption: 'Periods without figures',
      columns: [
        { heading: 'Report and period', kind: 'period' },
        { heading: 'State', kind: 'text' },
      ],
      rows: newestFirst(missing).map((period) => ({
        cells: [
          periodWords(period),
          stateWords(period, { periods: [{ ...period, name: '' }], missing: [], asOf: null }),
        ],
      })),
    },
  );
}

function openFigure({ openRuns }: PageData): Figure {
  return withTable(
    {
      title: 'Newer runs that are not in the figures',
      none: 'Every period shows its newest run.',
      sentence: `In ${countOf(openRuns.length, 'period')} the newest run did not reach the tables; what shows is the load before.`,
    },
    {
      caption: 'Newer runs that are not in the figures',
      columns: [
        { heading: 'Report and period', kind: 'period' },
        { heading: 'Outcome', kind: 'text' },
        { heading: 'Ended', kind: 'moment' },
        { heading: 'Why', kind: 'text' },
        { heading: 'Run', kind: 'text' },
      ],
      rows: newestFirst(openRuns).map((run) => ({
        cells: [periodWords(run), run.outcome, run.endedAt, run.why, run.run],
      })),
    },
  );
}

function changesFigure({ loads }: PageData): Figure {
  const changes = newestFirst(loads).flatMap((load) =>
    load.changes.map((change) => changeCells(load, change)),
  );
  return withTable(
    {
      title: 'What the last loads changed, and why',
      none: 'No load was compared with one before it.',
      sentence: `Each of ${countOf(changes.length, 'load')} was compared, row by row, with what its period showed before. npm run client -- diff shows the rows.`,
    },
    {
      caption: 'What the last loads changed, and why',
      columns: [
        { heading: 'Report and period', kind: 'period' },
        { heading: 'Loaded', kind: 'moment' },
        { heading: 'Added', kind: 'count' },
        { heading: 'Removed', kind: 'count' },
        { heading: 'Changed', kind: 'count' },
        { heading: 'The same', kind: 'count' },
        { heading: 'Dollars before → after', kind: 'text' },
        { heading: 'Why', kind: 'text' },
      ],
      rows: changes.map((cells) => ({ cells })),
    },
  );
}

function changeCells(load: LoadedPeriod, change: PeriodChange): TableCell[] {
  const { loadedAt, added, removed, changed, same, dollars, why } = change;
  const moved = dollars
    .filter(({ before, after }) => before !== after)
    .map(
      ({ column, before, after }) =>
        `${column.replaceAll('_', ' ')}: ${moneyWords(before)} → ${moneyWords(after)}`,
    );
  const dollarsCell = moved.length > 0 ? moved.join('; ') : dollars.length === 0 ? null : 'as before';
  return [periodWords(load), loadedAt, added, removed, changed, same, dollarsCell, why];
}

/** Dollars from a decimal text with two places. */
function moneyWords(text: string): string {
  return dollarsText(BigInt(text.replace('.', '')));
}

function rejectsFigure({ rejects }: PageData): Figure {
  const rows = rejects.reduce((sum, reject) => sum + reject.rows, 0);
  return withTable(
    {
      title: 'Rejected rows by reason',
      none: 'Every row of the exports could be read exactly.',
      sentence: `What could not be read exactly is in no figure: ${countOf(rows, 'row')}.`,
    },
    {
      caption: 'Rejected rows by reason',
      columns: [
        { heading: 'Report and period', kind: 'period' },
        { heading: 'Column', kind: 'text' },
        { heading: 'Reason', kind: 'text' },
        { heading: 'Rows', kind: 'count' },
      ],
      rows: newestFirst(rejects).map((reject) => ({
        cells: [periodWords(reject), reject.column, reject.reason, reject.rows],
      })),
      total: ['Total', '', '', rows],
    },
  );
}

function lookAlikesFigure({ lookAlikes }: PageData): Figure {
  return withTable(
    {
      title: 'Names that look alike',
      none: 'No two names of one column look alike.',
      sentence: `Names that differ only by case, accents, spaces or the kind of an apostrophe count as different people: ${countOf(lookAlikes.length, 'group')} of them. npm run client -- lookalikes lists them.`,
    },
    {
      caption: 'Names that look alike',
      columns: [
        { heading: 'Report and period', kind: 'period' },
        { heading: 'Column', kind: 'text' },
        { heading: 'Code', kind: 'text' },
        { heading: 'Names', kind: 'count' },
      ],
      rows: newestFirst(lookAlikes).map((each) => ({
        cells: [periodWords(each), each.column, each.code, each.names],
      })),
    },
  );
}

function unknownFigure({ unknown, unknownCodes }: PageData): Figure {
  return withTable(
    {
      title: 'Unknown service codes',
      none: 'Every service code belongs to a group.',
      sentence: `No group of config/pipeline.yaml names ${countOf(unknownCodes, 'code')}; such rows count in group 0.`,
    },
    {
      caption: 'Unknown service codes',
      columns: [
        { heading: 'Code', kind: 'text' },
        { heading: 'Report', kind: 'text' },
        { heading: 'Month', kind: 'month' },
        { heading: 'Rows', kind: 'count' },
        { heading: 'Authorized', kind: 'dollars' },
      ],
      rows: unknown.map(({ code, report, month, rows, cents }) => ({
        cells: [code, report, month, rows, cents === null ? null : BigInt(cents)],
      })),
    },
  );
}

function withTable(words: { title: string; none: string; sentence: string }, table: Table): Figure {
  const { title, none, sentence } = words;
  return table.rows.length === 0 ? { title, sentence: none } : { title, sentence, table };
}
