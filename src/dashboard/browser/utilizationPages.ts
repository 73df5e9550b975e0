import type { TableCell, Column, Table } from '../exports.ts';
import { fewestClients } from '../endingSoon.ts';
import { dollarFigures, groupedBy, type DollarFigures } from '../pageFigures.ts';
import {
  compactDollars,
  countOf,
  countText,
  dayLabel,
  dollarsText,
  monthLabel,
  percentNumber,
  percentText,
  shortMonth,
  utilizationText,
} from '../figureText.ts';
import type { UtilizationTuple } from '../pageData.ts';
import { barChart, gaugeChart, monthChart, mostBars, type Colour, type Mark } from './charts.ts';
import {
  cards,
  figure,
  meaningWords,
  monthWords,
  noFigures,
  scopeLines,
  utilizationScope,
  type Context,
  type Page,
} from './context.ts';
import { levelOf, trailOf, type Level } from './levels.ts';
import { loadsOf, shownUtilization } from './selection.ts';

/** Is authorized money used before it expires? */
export function summaryPage(context: Context): Page {
  const tuples = shownUtilization(context.data, context.view, 'of the view');
  const scope = utilizationScope(context);
  const lines = scopeLines({ name: 'summary', scope }, context);
  if (!scope.figuresState.loaded) {
    const labels = ['Authorized', 'Billed + in process', 'Not utilized', 'Utilization'];
    const content = [noFigures(labels, monthWords(context.view.month)), monthFigure(context, lines)];
    return { name: 'summary', scope, content };
  }
  const all = dollarFigures(tuples);
  return {
    name: 'summary',
    scope,
    content: [
      cards([
        { label: 'Authorized', ...amount(all.authorizedCents) },
        { label: 'Billed + in process', ...amount(all.usedCents), sign: 'minus' },
        { label: 'Not utilized', ...amount(all.notUtilizedCents), sign: 'equals' },
        { label: 'Utilization', value: utilizationText(all.utilization), detail: beforeWords(context, all) },
      ]),
      gaugeFigure(context, all, lines),
      groupFigure(context, tuples, lines),
      context.data.totals ? endingSoonFigure(context, lines) : memberFigure(context, tuples, lines),
      monthFigure(context, lines),
    ],
  };
}

/** On a page of totals, which has no page Act now. */
function endingSoonFigure(context: Context, lines: readonly string[]): HTMLElement {
  const title = 'Ending soon with unused money';
  const { endingSoon } = context.data;
  const widest = endingSoon?.spans.at(-1);
  if (endingSoon === null || widest === undefined) {
    return figure(
      { title, sentence: `Fewer than ${String(fewestClients)} clients: too few for a sum.` },
      lines,
    );
  }
  return moneyFigure(
    context,
    {
      title,
      sentence: `${countOf(widest.authorizations, 'authorization')} of the newest loaded month with ${dollarsText(BigInt(widest.unusedCents))} unused end within ${widest.days} days of ${dayLabel(endingSoon.asOf)}. Spans that add fewer than ${String(fewestClients)} clients are left out.`,
      table: {
        caption: title,
        columns: [
          { heading: 'Ends within', kind: 'text' },
          { heading: 'Authorizations', kind: 'count' },
          { heading: 'Unused', kind: 'dollars' },
        ],
        rows: endingSoon.spans.map(({ days, authorizations, unusedCents }) => ({
          cells: [`${days} days`, authorizations, BigInt(unusedCents)],
        })),
      },
    },
    lines,
  );
}

function amount(cents: bigint): { value: string; detail: string } {
  return { value: compactDollars(cents), detail: dollarsText(cents) };
}

/** The change against the month before, in points of a percent. */
function beforeWords(context: Context, { utilization }: DollarFigures): string {
  const { data, view } = context;
  const month = data.months[data.months.indexOf(view.month) - 1];
  if (month === undefined || utilization === null) return 'used ÷ authorized, of the totals';
  if (loadsOf(data, 'utilization', month).length === 0) return `${monthLabel(month)} is not loaded`;
  const before = dollarFigures(shownUtilization(data, { ...view, month }, 'of the view')).utilization;
  if (before === null) return `nothing is authorized in ${monthLabel(month)}`;
  const change = utilization - before;
  return `${change < 0n ? '−' : '+'}${percentText(change < 0n ? -change : change).replace('%', '')} points against ${monthLabel(month)}`;
}

/** A figure whose sentence says what the dollars cover. */
function moneyFigure(
  context: Context,
  parts: Parameters<typeof figure>[0],
  scope: readonly string[],
): HTMLElement {
  return figure({ ...parts, sentence: `${parts.sentence} ${meaningWords(context)}` }, scope);
}

const summaryColumns: readonly Column[] = [
  { heading: 'Authorizations', kind: 'count' },
  { heading: 'Authorized', kind: 'dollars' },
  { heading: 'In process', kind: 'dollars' },
  { heading: 'Billed', kind: 'dollars' },
  { heading: 'Not utilized', kind: 'dollars' },
  { heading: 'Utilization', kind: 'percent' },
  { heading: 'Mean of rows', kind: 'percent' },
];

function summaryCells(figures: DollarFigures): TableCell[] {
  return [
    figures.rows,
    figures.authorizedCents,
    figures.inProcessCents,
    figures.billedCents,
    figures.notUtilizedCents,
    figures.utilization,
    figures.averageUtilization,
  ];
}

function gaugeFigure(context: Context, all: DollarFigures, scope: readonly string[]): HTMLElement {
  const rows: (readonly [string, TableCell, Column['kind']])[] = [
    ['Authorized', all.authorizedCents, 'dollars'],
    ['In process', all.inProcessCents, 'dollars'],
    ['Billed', all.billedCents, 'dollars'],
    ['Not utilized', all.notUtilizedCents, 'dollars'],
  ];
  return moneyFigure(
    context,
    {
      title: 'Utilization',
      sentence:
        all.utilization === null
          ? 'Nothing is authorized here.'
          : `Of ${dollarsText(all.authorizedCents)} authorized, ${dollarsText(all.usedCents)} is billed or in process: ${utilizationText(all.utilization)}, where the mean of the single authorizations' own ratios is ${utilizationText(all.averageUtilization)}.`,
      chart: gaugeChart(percentNumber(all.utilization), utilizationText(all.utilization), 'main'),
      table: {
        caption: 'Authorized and used',
        columns: [
          { heading: 'Part', kind: 'text' },
          { heading: 'Amount', kind: 'dollars' },
        ],
        rows: rows.map(([name, cell]) => ({ cells: [name, cell] })),
      },
    },
    scope,
  );
}

function groupFigure(
  context: Context,
  tuples: readonly UtilizationTuple[],
  scope: readonly string[],
): HTMLElement {
  const { data } = context;
  const groups = Array.from(
    groupedBy(tuples, (tuple) => data.services[tuple[3]]!.group),
    ([group, own]) => ({
      label: groupLabel(group, data.groupNames[String(group)] ?? 'Not named any more'),
      figures: dollarFigures(own),
    }),
  ).toSorted((one, other) => byUtilization(one.figures, other.figures));
  const [worst, best] = [groups[0], groups.findLast(({ figures }) => figures.utilization !== null)];
  return moneyFigure(
    context,
    {
      title: 'Utilization by service group',
      sentence:
        best === undefined || worst === undefined
          ? 'There is no group to show.'
          : `${worst.label} uses least of what it is authorized (${utilizationText(worst.figures.utilization)}), ${best.label} most (${utilizationText(best.figures.utilization)}).`,
      chart: barChart(
        groups.map(({ label, figures }) => percentMark(label, figures)),
        'main',
      ),
      table: {
        caption: 'Utilization by service group',
        columns: [{ heading: 'Group', kind: 'text' }, ...summaryColumns],
        rows: groups.map(({ label, figures }) => ({ cells: [label, ...summaryCells(figures)] })),
        total: ['Total', ...summaryCells(dollarFigures(tuples))],
      },
    },
    scope,
  );
}

/** `2 Day supports`; small groups that are counted together have no number of their own. */
function groupLabel(group: number, name: string): string {
  return group < 0 ? name : `${String(group)} ${name}`;
}

function memberFigure(
  context: Context,
  tuples: readonly UtilizationTuple[],
  scope: readonly string[],
): HTMLElement {
  const level = levelOf(context, tuples);
  const members = withFigures(level).toSorted((one, other) => byUtilization(one.figures, other.figures));
  return moneyFigure(
    context,
    {
      id: 'drill-summary',
      title: `Utilization by ${level.heading}`,
      trail: trailOf(context, 'utilization'),
      sentence: `${membersWords(level)}${barsWords(members.length)}`.trim(),
      hint: openWords(level),
      chart: barChart(
        members.map(({ label, figures }) => percentMark(label, figures)),
        'main',
        (place) => members[place]?.onOpen?.(),
      ),
      table: {
        caption: `Utilization by ${level.heading}`,
        columns: [{ heading: level.heading, kind: 'text' }, ...summaryColumns],
        rows: members.map(({ label, figures, onOpen }) => ({
          cells: [label, ...summaryCells(figures)],
          onOpen,
        })),
        total: ['Total', ...summaryCells(dollarFigures(tuples))],
      },
    },
    scope,
  );
}

function monthFigure(context: Context, scope: readonly string[]): HTMLElement {
  const { data, view } = context;
  const tuples = groupedBy(shownUtilization(data, view, 'all'), ([month]) => month);
  const all = data.months.map((month, place) => ({
    month,
    loaded: loadsOf(data, 'utilization', month).length > 0,
    figures: dollarFigures(tuples.get(place) ?? []),
  }));
  const isLoaded = ({ loaded }: (typeof all)[number]) => loaded;
  // Those without a load in between keep their place.
  const months = all.slice(all.findIndex(isLoaded), all.findLastIndex(isLoaded) + 1);
  const [first, last] = [months[0], months.at(-1)];
  return moneyFigure(
    context,
    {
      title: 'Utilization by month',
      sentence:
        first === undefined || last === undefined
          ? 'No month has figures.'
          : `From ${utilizationText(first.figures.utilization)} in ${monthLabel(first.month)} to ${utilizationText(last.figures.utilization)} in ${monthLabel(last.month)}, for the same filters.`,
      chart: monthChart({
        kind: 'line',
        labels: months.map(({ month }) => shortMonth(month)),
        series: [
          {
            name: 'Utilization',
            colour: 'main',
            values: months.map(({ figures }) => percentNumber(figures.utilization)),
            texts: months.map(({ loaded, figures }) =>
              loaded ? utilizationText(figures.utilization) : 'not loaded',
            ),
          },
        ],
      }),
      table: {
        caption: 'Utilization by month',
        columns: [{ heading: 'Month', kind: 'month' }, ...summaryColumns],
        rows: months
          .filter(isLoaded)
          .map(({ month, figures }) => ({ cells: [month, ...summaryCells(figures)] }))
          .toReversed(),
      },
    },
    scope,
  );
}

/** How the pages of under- and over-utilization differ. */
interface Side {
  readonly name: 'under' | 'over';
  readonly title: string;
  readonly colour: Colour;
  readonly cents: (figures: DollarFigures) => bigint;
  readonly rows: (figures: DollarFigures) => number;
  readonly words: string;
}

const sides = {
  under: {
    name: 'under',
    title: 'Under-utilization',
    colour: 'late',
    cents: ({ underCents }) => underCents,
    rows: ({ underRows }) => underRows,
    words: 'less was used than authorized',
  },
  over: {
    name: 'over',
    title: 'Over-utilization',
    colour: 'unbillable',
    cents: ({ overCents }) => overCents,
    rows: ({ overRows }) => overRows,
    words: 'more was used than authorized',
  },
} as const satisfies Record<string, Side>;

/** What was authorized and not used, one authorization at a time: overuse elsewhere does not make up for it. */
export function underPage(context: Context): Page {
  return sidePage(context, sides.under);
}

/** What was used beyond its authorization, and what was used without any. */
export function overPage(context: Context): Page {
  const page = sidePage(context, sides.over);
  if (!page.scope.figuresState.loaded) return page;
  const lines = scopeLines(page, context);
  return { ...page, content: [...page.content, unauthorizedFigure(context, lines)] };
}

function sidePage(context: Context, side: Side): Page {
  const tuples = shownUtilization(context.data, context.view, 'of the view');
  const scope = utilizationScope(context);
  if (!scope.figuresState.loaded) {
    const labels = [side.title, 'Authorizations', 'Authorized', 'Billed + in process'];
    return { name: side.name, scope, content: [noFigures(labels, monthWords(context.view.month))] };
  }
  const all = dollarFigures(tuples);
  return {
    name: side.name,
    scope,
    content: [
      cards([
        { label: side.title, ...amount(side.cents(all)) },
        {
          label: 'Authorizations',
          value: countText(side.rows(all)),
          detail: `of ${countText(all.rows)}, where ${side.words}`,
        },
        { label: 'Authorized', ...amount(all.authorizedCents) },
        { label: 'Billed + in process', ...amount(all.usedCents) },
      ]),
      sideFigure(context, tuples, side, scopeLines({ name: side.name, scope }, context)),
    ],
  };
}

function sideFigure(
  context: Context,
  tuples: readonly UtilizationTuple[],
  side: Side,
  scope: readonly string[],
): HTMLElement {
  const level = levelOf(context, tuples);
  const members = withFigures(level)
    .filter(({ figures }) => side.rows(figures) > 0)
    .toSorted((one, other) => bySize(side.cents(one.figures), side.cents(other.figures)));
  const [most] = members;
  return moneyFigure(
    context,
    {
      id: `drill-${side.name}`,
      title: `${side.title} by ${level.heading}`,
      trail: trailOf(context, side.title.toLowerCase()),
      sentence:
        most === undefined
          ? `There is no authorization of which ${side.words}.`
          : `${most.label} has most, ${dollarsText(side.cents(most.figures))} in ${countOf(side.rows(most.figures), 'authorization')}.${barsWords(members.length)}`,
      hint: openWords(level),
      chart: barChart(
        members.map(({ label, figures }) => ({
          label,
          value: Number(side.cents(figures)) / 100,
          text: compactDollars(side.cents(figures)),
        })),
        side.colour,
        (place) => members[place]?.onOpen?.(),
      ),
      table: sideTable(level, members, side),
    },
    scope,
  );
}

function sideTable(
  level: Level,
  members: readonly (Level['members'][number] & { figures: DollarFigures })[],
  side: Side,
): Table {
  const cells = (figures: DollarFigures): TableCell[] => [
    side.rows(figures),
    side.cents(figures),
    figures.authorizedCents,
    figures.usedCents,
    figures.utilization,
  ];
  return {
    caption: `${side.title} by ${level.heading}`,
    columns: [
      { heading: level.heading, kind: 'text' },
      { heading: 'Authorizations', kind: 'count' },
      { heading: side.title, kind: 'dollars' },
      { heading: 'Authorized', kind: 'dollars' },
      { heading: 'Used', kind: 'dollars' },
      { heading: 'Utilization', kind: 'percent' },
    ],
    rows: members.map(({ label, figures, onOpen }) => ({
      cells: [label, ...cells(figures)],
      onOpen,
    })),
    // The total of the listed members, so that each column adds up.
    total: ['Total', ...cells(dollarFigures(members.flatMap((member) => member.tuples)))],
  };
}

function unauthorizedFigure(context: Context, scope: readonly string[]): HTMLElement {
  const { data, view } = context;
  const tuples = shownUtilization(data, view, 'of the view')
    .filter((tuple) => tuple[13] > 0)
    .toSorted((one, other) => bySize(BigInt(one[12]), BigInt(other[12])));
  const all = dollarFigures(tuples);
  return moneyFigure(
    context,
    {
      title: 'Used without an authorized amount',
      sentence:
        all.unauthorizedRows === 0
          ? 'Nothing was billed or put in process where nothing is authorized.'
          : `${dollarsText(all.unauthorizedCents)} is billed or in process in ${countOf(all.unauthorizedRows, 'row')} with nothing authorized; such rows have no utilization, and where the amount is blank no over-utilization either.`,
      ...(all.unauthorizedRows === 0
        ? {}
        : {
            table: {
              caption: 'Used without an authorized amount',
              columns: [
                { heading: 'QP', kind: 'text' },
                { heading: 'Client', kind: 'text' },
                { heading: 'Service', kind: 'text' },
                { heading: 'Rows', kind: 'count' },
                { heading: 'Used', kind: 'dollars' },
              ],
              rows: tuples.map((tuple) => ({
                cells: [
                  data.qps[tuple[1]]!.label,
                  data.clients[tuple[2]]!.label,
                  data.services[tuple[3]]!.code,
                  tuple[13],
                  BigInt(tuple[12]),
                ],
              })),
              total: ['Total', '', '', all.unauthorizedRows, all.unauthorizedCents],
            } satisfies Table,
          }),
    },
    scope,
  );
}

function withFigures({ members }: Level) {
  return members.map((member) => ({ ...member, figures: dollarFigures(member.tuples) }));
}

/** Least used first, as the money of those expires; those without a ratio at the end. */
function byUtilization(one: DollarFigures, other: DollarFigures): number {
  const [left, right] = [one.utilization, other.utilization];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return left < right ? -1 : Number(left > right);
}

/** Farthest from nothing first. */
function bySize(one: bigint, other: bigint): number {
  const [left, right] = [one < 0n ? -one : one, other < 0n ? -other : other];
  return left > right ? -1 : Number(left < right);
}

function percentMark(label: string, { utilization }: DollarFigures): Mark {
  return { label, value: percentNumber(utilization), text: utilizationText(utilization) };
}

const plurals: Readonly<Record<Level['heading'], string>> = {
  QP: 'QPs',
  Client: 'clients',
  Service: 'services',
};

function membersWords({ heading, members }: Level): string {
  const count = members.length;
  if (count === 1) return '';
  return `${countText(count)} ${plurals[heading]}, lowest utilization first.`;
}

function barsWords(count: number): string {
  return count > mostBars
    ? ` The picture has the first ${String(mostBars)}, the table all ${countText(count)}.`
    : '';
}

function openWords({ heading }: Level): string {
  if (heading === 'Service') return '';
  return heading === 'QP' ? 'Choose a QP to see the clients.' : 'Choose a client to see the services.';
}
