import type { PeriodState } from '../../domain/periodState.ts';
import type { TableCell, Column } from '../exports.ts';
import { groupedBy, noteFigures, trendLine, type NoteFigures } from '../pageFigures.ts';
import {
  compactCount,
  countOf,
  countText,
  daysText,
  monthLabel,
  percentNumber,
  percentText,
  shortMonth,
} from '../figureText.ts';
import { gaugeChart, monthChart, mostBars, treemapChart, type Colour } from './charts.ts';
import {
  cards,
  figure,
  noFigures,
  notesScope,
  scopeLines,
  spanWords,
  type Context,
  type Page,
  type Scope,
} from './context.ts';
import { h } from './dom.ts';
import { loadsOf, shownNotes, stateOf } from './selection.ts';

/** Are notes signed in time to be billed? */
export function notesPage(context: Context): Page {
  const everyone: Context = { ...context, view: { ...context.view, caregiver: '' } };
  const scope = notesScope(everyone, 'supervisor');
  const lines = scopeLines({ name: 'notes', scope }, everyone);
  const all = noteFigures(shownNotes(everyone.data, everyone.view, 'of the view'));
  return {
    name: 'notes',
    scope,
    content: [
      hasFigures(scope) ? statusCards(all) : noNotes(everyone),
      ...(hasFigures(scope) ? [onTimeFigure(all, lines)] : []),
      trendFigure(everyone, statuses.late, lines),
      trendFigure(everyone, statuses.unbillable, lines),
      ...(hasFigures(scope) && !context.data.totals
        ? [
            caregiversFigure(everyone, statuses.late, lines),
            caregiversFigure(everyone, statuses.unbillable, lines),
            ...(context.data.onlySupervisor === null ? [supervisorsFigure(everyone, lines)] : []),
          ]
        : []),
    ],
  };
}

/** How one caregiver does, or all of them. */
export function caregiverPage(context: Context): Page {
  const scope = notesScope(context, 'both');
  const lines = scopeLines({ name: 'caregiver', scope }, context);
  const all = noteFigures(shownNotes(context.data, context.view, 'of the view'));
  return {
    name: 'caregiver',
    scope,
    content: hasFigures(scope)
      ? [
          statusCards(all),
          h(
            'div',
            { class: 'thirds' },
            Object.values(statuses).map((status) => statusGauge(all, status, lines)),
          ),
          monthsFigure(context, lines),
          everyoneFigure(context, lines),
        ]
      : [noNotes(context), monthsFigure(context, lines)],
  };
}

/** A zero stands for no notes in a load, never for no load. */
function hasFigures({ figuresState }: Scope): boolean {
  return figuresState.loaded;
}

function noNotes({ data, view }: Context): HTMLElement {
  return noFigures(
    ['Notes', 'Average days to sign', 'On time', 'Late', 'Unbillable'],
    spanWords(data, view.span),
  );
}

interface Status {
  readonly name: string;
  readonly colour: Colour;
  readonly count: (figures: NoteFigures) => number;
  readonly share: (figures: NoteFigures) => bigint | null;
}

const statuses = {
  onTime: {
    name: 'On time',
    colour: 'onTime',
    count: ({ onTime }) => onTime,
    share: ({ onTimeShare }) => onTimeShare,
  },
  late: {
    name: 'Late',
    colour: 'late',
    count: ({ late }) => late,
    share: ({ lateShare }) => lateShare,
  },
  unbillable: {
    name: 'Unbillable',
    colour: 'unbillable',
    count: ({ unbillable }) => unbillable,
    share: ({ unbillableShare }) => unbillableShare,
  },
} as const satisfies Record<string, Status>;

function statusCards(all: NoteFigures): HTMLElement {
  return cards([
    { label: 'Notes', value: countText(all.rows), detail: 'on time + late + unbillable' },
    {
      label: 'Average days to sign',
      value: daysText(all.averageDays),
      detail: `of signed notes; ${countText(all.unsigned)} unsigned are left out`,
    },
    {
      label: 'On time',
      value: compactCount(all.onTime),
      detail: sharesWords(all.onTime, all.onTimeShare),
      tone: 'onTime',
    },
    { label: 'Late', value: countText(all.late), detail: sharesWords(all.late, all.lateShare), tone: 'late' },
    {
      label: 'Unbillable',
      value: countText(all.unbillable),
      detail: sharesWords(all.unbillable, all.unbillableShare),
      tone: 'unbillable',
    },
  ]);
}

function sharesWords(count: number, share: bigint | null): string {
  return share === null ? 'no notes' : `${countText(count)}, ${percentText(share)} of all`;
}

const noteColumns: readonly Column[] = [
  { heading: 'Notes', kind: 'count' },
  { heading: 'On time', kind: 'count' },
  { heading: 'Late', kind: 'count' },
  { heading: 'Unbillable', kind: 'count' },
  { heading: 'Unsigned', kind: 'count' },
  { heading: 'On time share', kind: 'percent' },
  { heading: 'Days to sign', kind: 'days' },
];

function noteCells(figures: NoteFigures): TableCell[] {
  const { rows, onTime, late, unbillable, unsigned, onTimeShare, averageDays } = figures;
  return [rows, onTime, late, unbillable, unsigned, onTimeShare, averageDays];
}

function onTimeFigure(all: NoteFigures, scope: readonly string[]): HTMLElement {
  return figure(
    {
      title: 'Notes on time',
      sentence: `${countText(all.onTime)} of ${countText(all.rows)} notes were signed within two days; ${countText(all.late)} are late and ${countText(all.unbillable)} unbillable.`,
      chart: gaugeChart(percentNumber(all.onTimeShare), compactCount(all.onTime), 'onTime'),
      table: {
        caption: 'Notes by status',
        columns: [
          { heading: 'Status', kind: 'text' },
          { heading: 'Notes', kind: 'count' },
          { heading: 'Share', kind: 'percent' },
        ],
        rows: Object.values(statuses).map(({ name, count, share }) => ({
          cells: [name, count(all), share(all)],
        })),
        total: ['Total', all.rows, all.rows === 0 ? null : 10_000n],
      },
    },
    scope,
  );
}

function statusGauge(
  all: NoteFigures,
  { name, colour, count, share }: Status,
  scope: readonly string[],
): HTMLElement {
  return figure(
    {
      title: name,
      sentence: `${countText(count(all))} of ${countText(all.rows)} notes are ${name.toLowerCase()}.`,
      chart: gaugeChart(percentNumber(share(all)), percentText(share(all)), colour),
      table: {
        caption: `${name} notes`,
        columns: [
          { heading: 'Status', kind: 'text' },
          { heading: 'Notes', kind: 'count' },
          { heading: 'Of', kind: 'count' },
          { heading: 'Share', kind: 'percent' },
        ],
        rows: [{ cells: [name, count(all), all.rows, share(all)] }],
      },
    },
    scope,
  );
}

interface Month {
  readonly month: string;
  readonly place: number;
  /** Whether any of its notes are loaded. */
  readonly loaded: boolean;
  readonly state: PeriodState;
  readonly settled: boolean;
  readonly figures: NoteFigures;
}

/** From the first to the last loaded month, each whole; those without a load in between keep their place. */
function monthsOf({ data, view }: Context): Month[] {
  const tuples = groupedBy(shownNotes(data, view, 'all'), ([month]) => month);
  const months = data.months.map((month, place) => {
    const { state } = stateOf(data, 'notes', month);
    return {
      month,
      place,
      loaded: loadsOf(data, 'notes', month).length > 0,
      state,
      settled: state === 'settled',
      figures: noteFigures(tuples.get(place) ?? []),
    };
  });
  const isLoaded = ({ loaded }: Month) => loaded;
  return months.slice(months.findIndex(isLoaded), months.findLastIndex(isLoaded) + 1);
}

function axisLabel({ month, settled, loaded }: Month): string {
  return settled || !loaded ? shortMonth(month) : `${shortMonth(month)} *`;
}

const openMonthsWords = ' * Not yet whole or settled.';

function trendFigure(context: Context, status: Status, scope: readonly string[]): HTMLElement {
  const months = monthsOf(context);
  const settled = months.filter((month) => month.settled);
  const line = trendLine(settled.map(({ place, figures }) => [place, status.count(figures)]));
  const [from, to] = [settled[0]?.place ?? 0, settled.at(-1)?.place ?? 0];
  return figure(
    {
      title: `${status.name} notes by month`,
      sentence: `${trendWords(line?.slope, status, settled)} All loaded months, whole.${openWords(months)}`,
      chart: monthChart({
        kind: 'bars',
        labels: months.map(axisLabel),
        series: [
          {
            name: status.name,
            colour: status.colour,
            values: months.map(({ loaded, figures }) => (loaded ? status.count(figures) : null)),
            texts: months.map(({ figures }) => countText(status.count(figures))),
          },
        ],
        ...(line === undefined
          ? {}
          : {
              // It ends where it would count less than no notes.
              trend: months.map(({ place }) =>
                place >= from && place <= to && line.at(place) >= 0 ? line.at(place) : null,
              ),
            }),
      }),
      table: {
        caption: `${status.name} notes by month`,
        columns: [
          { heading: 'Month', kind: 'month' },
          { heading: status.name, kind: 'count' },
          { heading: 'Of notes', kind: 'count' },
          { heading: 'Share', kind: 'percent' },
          { heading: 'Figures', kind: 'text' },
        ],
        rows: months
          .filter(({ loaded }) => loaded)
          .map(({ month, state, figures }) => ({
            cells: [month, status.count(figures), figures.rows, status.share(figures), state],
          }))
          .toReversed(),
      },
    },
    scope,
  );
}

function openWords(months: readonly Month[]): string {
  return months.every(({ settled, loaded }) => settled || !loaded) ? '' : openMonthsWords;
}

function trendWords(
  slope: number | undefined,
  { name, count, share }: Status,
  settled: readonly Month[],
): string {
  const [first, last] = [settled[0], settled.at(-1)];
  if (slope === undefined || first === undefined || last === undefined) {
    return 'A trend line takes three settled months.';
  }
  const size = Math.abs(slope).toFixed(1);
  const of = ({ figures, month }: Month) =>
    `${countText(count(figures))} of ${countText(figures.rows)} (${percentText(share(figures))}) in ${monthLabel(month)}`;
  const shares = `from ${of(first)} to ${of(last)}`;
  if (size === '0.0') return `${name} notes stay level over the settled months (least squares), ${shares}.`;
  return `${name} notes ${slope > 0 ? 'rise' : 'fall'} by ${size} a month over the settled months (least squares), ${shares}.`;
}

function caregiversOf({ data, view, go }: Context) {
  const shown = shownNotes(data, { ...view, caregiver: '' }, 'of the view');
  return Array.from(
    groupedBy(shown, (tuple) => tuple[2]),
    ([place, own]) => ({
      label: data.caregivers[place]!.label,
      figures: noteFigures(own),
      onOpen: () => {
        go({ page: 'caregiver', caregiver: data.caregivers[place]!.key });
      },
    }),
  );
}

function caregiversFigure(context: Context, status: Status, scope: readonly string[]): HTMLElement {
  const caregivers = caregiversOf(context)
    .filter(({ figures }) => status.count(figures) > 0)
    .toSorted((one, other) => status.count(other.figures) - status.count(one.figures));
  const [most] = caregivers;
  const words = status.name.toLowerCase();
  return figure(
    {
      title: `Caregivers with most ${words} notes`,
      sentence:
        most === undefined
          ? `No note is ${words}.`
          : `${most.label} has most, ${countText(status.count(most.figures))} of ${countOf(most.figures.rows, 'note')} (${percentText(status.share(most.figures))}).${caregivers.length > mostBars ? ` The picture has the first ${String(mostBars)}.` : ''}`,
      ...(most === undefined ? {} : { hint: 'Choose one for details.' }),
      ...(most === undefined
        ? {}
        : {
            chart: treemapChart(
              caregivers.map(({ label, figures }) => ({
                label,
                value: status.count(figures),
                text: countText(status.count(figures)),
              })),
              status.colour,
              (place) => caregivers[place]?.onOpen(),
            ),
            table: {
              caption: `Caregivers with ${words} notes`,
              columns: [
                { heading: 'Caregiver', kind: 'text' },
                { heading: status.name, kind: 'count' },
                { heading: 'Of notes', kind: 'count' },
                { heading: 'Share', kind: 'percent' },
              ] satisfies Column[],
              rows: caregivers.map(({ label, figures, onOpen }) => ({
                cells: [label, status.count(figures), figures.rows, status.share(figures)],
                onOpen,
              })),
            },
          }),
    },
    scope,
  );
}

/** All supervisors, with the figures of their notes. */
function supervisorsFigure(context: Context, scope: readonly string[]): HTMLElement {
  const { data, view, go } = context;
  const supervisors = Array.from(
    groupedBy(shownNotes(data, view, 'of the view'), (tuple) => tuple[10]),
    ([place, own]) => ({ ...data.supervisors[place]!, figures: noteFigures(own) }),
  ).toSorted((one, other) => one.label.localeCompare(other.label));
  return figure(
    {
      title: 'All supervisors',
      sentence: `Notes of ${countOf(supervisors.length, 'supervisor')} in this period.`,
      hint: 'Choose one to see only theirs.',
      table: {
        caption: 'All supervisors',
        columns: [{ heading: 'Supervisor', kind: 'text' }, ...noteColumns],
        rows: supervisors.map(({ key, label, figures }) => ({
          cells: [label, ...noteCells(figures)],
          onOpen: () => {
            go({ supervisor: key });
          },
        })),
      },
    },
    scope,
  );
}

function monthsFigure(context: Context, scope: readonly string[]): HTMLElement {
  const months = monthsOf(context);
  const last = months.at(-1);
  return figure(
    {
      title: 'Notes by month and status',
      sentence:
        last === undefined
          ? 'There are no notes.'
          : `In ${monthLabel(last.month)} ${percentText(last.figures.onTimeShare)} of ${countText(last.figures.rows)} notes were on time. All loaded months, whole.${openWords(months)}`,
      chart: monthChart({
        kind: 'stacked',
        labels: months.map(axisLabel),
        series: Object.values(statuses).map(({ name, colour, count }) => ({
          name,
          colour,
          values: months.map(({ loaded, figures }) => (loaded ? count(figures) : null)),
          texts: months.map(({ figures }) => countText(count(figures))),
        })),
      }),
      table: {
        caption: 'Notes by month and status',
        columns: [{ heading: 'Month', kind: 'month' }, ...noteColumns],
        rows: months
          .filter(({ figures }) => figures.rows > 0)
          .map(({ month, figures }) => ({ cells: [month, ...noteCells(figures)] }))
          .toReversed(),
      },
    },
    scope,
  );
}

function everyoneFigure(context: Context, scope: readonly string[]): HTMLElement {
  const caregivers = caregiversOf(context).toSorted((one, other) => one.label.localeCompare(other.label));
  return figure(
    {
      title: 'All caregivers',
      sentence: `Notes of ${countOf(caregivers.length, 'caregiver')} in this period.`,
      hint: 'Choose one for details.',
      table: {
        caption: 'All caregivers',
        columns: [{ heading: 'Caregiver', kind: 'text' }, ...noteColumns],
        rows: caregivers.map(({ label, figures, onOpen }) => ({
          cells: [label, ...noteCells(figures)],
          onOpen,
        })),
      },
    },
    scope,
  );
}
