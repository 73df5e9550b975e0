import { ageGroups, daysToBill, statusIfSigned } from '../../domain/followUp.ts';
import type { Column, Table } from '../exports.ts';
import { countOf, countText, dayText, momentText, percentText } from '../figureText.ts';
import type { OpenNoteTuple } from '../pageData.ts';
import { groupedBy, share } from '../pageFigures.ts';
import { cards, figure, noFigures, notesScope, scopeLines, type Context, type Page } from './context.ts';

/** Who needs to follow up today? Open notes by what can still become of them. */
export function followPage(context: Context): Page {
  const { data, view } = context;
  const scope = notesScope({ ...context, view: { ...view, span: 'all' } }, 'both');
  const { followUp } = data;
  if (followUp === null) {
    const labels = ['Open notes', 'Can still be billed', 'Unbillable tomorrow'];
    return { name: 'follow', scope, content: [noFigures(labels, 'notes')] };
  }
  const facts = [
    ...scope.facts,
    ['Today', `${dayText(followUp.asOf)}, the day of the newest export`] as const,
  ];
  const lines = scopeLines({ name: 'follow', scope: { ...scope, facts } }, context);
  const open = shownNotes(context, followUp.notes);
  return {
    name: 'follow',
    scope: { ...scope, facts },
    content: [
      ageCards(open),
      sinceFigure(context, lines),
      notesFigure(context, open, lines),
      peopleFigure(context, open, { heading: 'Caregiver', at: 1 }, lines),
      ...(data.onlySupervisor === null
        ? [peopleFigure(context, open, { heading: 'Supervisor', at: 2 }, lines)]
        : []),
    ],
  };
}

function shownNotes({ data, view }: Context, notes: readonly OpenNoteTuple[]): OpenNoteTuple[] {
  return notes.filter(
    ([, caregiver, supervisor]) =>
      (view.caregiver === '' || data.caregivers[caregiver]!.key === view.caregiver) &&
      (view.supervisor === '' || data.supervisors[supervisor]!.key === view.supervisor),
  );
}

const ageOf = (note: OpenNoteTuple) => note[5];
const isBillable = (note: OpenNoteTuple) => daysToBill(ageOf(note)) !== undefined;
const isLastDay = (note: OpenNoteTuple) => daysToBill(ageOf(note)) === 0;

function ofAll(count: number, all: number): string {
  return all === 0 ? 'no open notes' : `${percentText(share(BigInt(count), BigInt(all)))} of open notes`;
}

const tones = { 'On Time': 'onTime', Late: 'late', Unbillable: 'unbillable' } as const;

function ageCards(open: readonly OpenNoteTuple[]): HTMLElement {
  const lastDay = open.filter(isLastDay).length;
  return cards([
    { label: 'Open notes', value: countText(open.length), detail: 'not signed in the newest export' },
    ...ageGroups.map(({ status, days }) => {
      const count = open.filter((note) => statusIfSigned(ageOf(note)) === status).length;
      return {
        label: `${days} days old`,
        value: countText(count),
        detail: `${words[status]}, ${ofAll(count, open.length)}`,
        tone: tones[status],
      };
    }),
    {
      label: 'Unbillable tomorrow',
      value: countText(lastDay),
      detail: `today is the last day, ${ofAll(lastDay, open.length)}`,
      tone: 'unbillable',
    },
  ]);
}

const words = {
  'On Time': 'on time if signed today',
  Late: 'late, billable if signed today',
  Unbillable: 'unbillable',
} as const;

function sinceFigure({ data }: Context, lines: readonly string[]): HTMLElement {
  const since = data.followUp?.since ?? null;
  if (since === null) {
    return figure(
      {
        title: 'Since the last load',
        sentence: 'No billing cycle was loaded twice, so nothing is compared.',
      },
      lines,
    );
  }
  const { before, notes } = since;
  const rows = [
    ['Newly late', since.newlyLate],
    ['Newly unbillable', since.newlyUnbillable],
    ['Newly signed', since.newlySigned],
  ] as const;
  return figure(
    {
      title: 'Since the last load',
      sentence: `Of ${countOf(notes, 'note')} in ${countOf(since.cycles, 'billing cycle')}, since the export of ${before.split(' to ').map(momentText).join(' to ')}: ${rows
        .map(
          ([name, count]) =>
            `${countText(count)} ${name.toLowerCase()} (${percentText(share(BigInt(count), BigInt(notes)))})`,
        )
        .join(
          ', ',
        )}. ${data.onlyQp === null && data.onlySupervisor === null ? 'Everyone, whatever the filters.' : 'Whatever the filters.'}`,
      table: {
        caption: 'Since the last load',
        columns: [
          { heading: 'Change', kind: 'text' },
          { heading: 'Notes', kind: 'count' },
          { heading: 'Share', kind: 'percent' },
        ],
        rows: rows.map(([name, count]) => ({ cells: [name, count, share(BigInt(count), BigInt(notes))] })),
      },
    },
    lines,
  );
}

function notesFigure(
  { data }: Context,
  open: readonly OpenNoteTuple[],
  lines: readonly string[],
): HTMLElement {
  const billable = open.filter(isBillable).length;
  const lastDay = open.filter(isLastDay).length;
  // The least time left first; those that are lost last, the newest of them first.
  const ordered = open.toSorted(
    (one, other) => Number(isBillable(other)) - Number(isBillable(one)) || orderOf(one) - orderOf(other),
  );
  return figure(
    {
      title: 'Open notes, the most urgent first',
      sentence:
        open.length === 0
          ? 'Every note is signed.'
          : `${countText(billable)} of ${countOf(open.length, 'open note')} (${percentText(share(BigInt(billable), BigInt(open.length)))}) can still be billed if signed today; ${countText(lastDay)} of them become unbillable tomorrow.`,
      ...(open.length === 0
        ? {}
        : {
            table: {
              caption: 'Open notes, the most urgent first',
              columns: [
                { heading: 'Caregiver', kind: 'text' },
                { heading: 'Days left', kind: 'count' },
                { heading: 'Days old', kind: 'count' },
                { heading: 'Date of service', kind: 'day' },
                { heading: 'Today', kind: 'text' },
                { heading: 'Client', kind: 'text' },
                { heading: 'Service', kind: 'text' },
                { heading: 'Supervisor', kind: 'text' },
              ],
              rows: ordered.map(([client, caregiver, supervisor, service, date, age]) => ({
                cells: [
                  data.caregivers[caregiver]!.label,
                  daysToBill(age) ?? null,
                  age,
                  date,
                  words[statusIfSigned(age)],
                  data.clients[client]!.label,
                  data.services[service]!.code,
                  data.supervisors[supervisor]!.label,
                ],
              })),
            } satisfies Table,
          }),
    },
    lines,
  );
}

function orderOf(note: OpenNoteTuple): number {
  return isBillable(note) ? -ageOf(note) : ageOf(note);
}

const ageColumns: readonly Column[] = [
  { heading: 'Open', kind: 'count' },
  ...ageGroups.map(({ days }) => ({ heading: `${days} days`, kind: 'count' as const })),
  { heading: 'Unbillable tomorrow', kind: 'count' },
  { heading: 'Fewest days left', kind: 'count' },
];

interface Who {
  readonly heading: 'Caregiver' | 'Supervisor';
  /** Where it stands in a note. */
  readonly at: 1 | 2;
}

function peopleFigure(
  { data, go }: Context,
  open: readonly OpenNoteTuple[],
  { heading, at }: Who,
  lines: readonly string[],
): HTMLElement {
  const people = heading === 'Caregiver' ? data.caregivers : data.supervisors;
  const groups = Array.from(groupedBy(open, (note) => note[at])).toSorted(
    ([, one], [, other]) =>
      other.filter(isBillable).length - one.filter(isBillable).length || other.length - one.length,
  );
  const [most] = groups;
  const caption = `Open notes by ${heading.toLowerCase()}`;
  return figure(
    {
      title: caption,
      sentence:
        most === undefined
          ? 'Every note is signed.'
          : `${people[most[0]]!.label} has most to save, ${countText(most[1].filter(isBillable).length)} of ${countOf(most[1].length, 'open note')}.`,
      ...(most === undefined
        ? {}
        : {
            hint: 'Choose one to see only theirs.',
            table: {
              caption,
              columns: [{ heading, kind: 'text' }, ...ageColumns],
              rows: groups.map(([place, notes]) => ({
                cells: [people[place]!.label, ...ageCells(notes)],
                onOpen: () => {
                  const { key } = people[place]!;
                  go(heading === 'Caregiver' ? { caregiver: key } : { supervisor: key });
                },
              })),
              total: ['Total', ...ageCells(open)],
            } satisfies Table,
          }),
    },
    lines,
  );
}

function ageCells(notes: readonly OpenNoteTuple[]) {
  const left = notes.map((note) => daysToBill(ageOf(note))).filter((days) => days !== undefined);
  return [
    notes.length,
    ...ageGroups.map(({ status }) => notes.filter((note) => statusIfSigned(ageOf(note)) === status).length),
    notes.filter(isLastDay).length,
    left.length === 0 ? null : Math.min(...left),
  ];
}
