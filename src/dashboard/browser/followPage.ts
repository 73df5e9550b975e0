import {
  ageGroups,
  daysToBill,
  knownOf,
  lastDayAges,
  statusIfSigned,
  type Ages,
} from '../../domain/followUp.ts';
import type { Column, Table } from '../exports.ts';
import { countOf, countText, dayLabel, momentText, percentText, spanText } from '../figureText.ts';
import type { OpenNoteTuple, PageData } from '../pageData.ts';
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
    ['Today', `${dayLabel(followUp.asOf)}, the day of the newest export`] as const,
    ...(followUp.notLoaded.length === 0
      ? []
      : [['Not loaded', `notes of ${notLoadedText(followUp)}`] as const]),
  ];
  const lines = scopeLines({ name: 'follow', scope: { ...scope, facts } }, context);
  const open = shownNotes(context, followUp.notes);
  return {
    name: 'follow',
    scope: { ...scope, facts },
    content: [
      ageCards(followUp, open),
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

type FollowUp = NonNullable<PageData['followUp']>;

/** Gaps beyond these are on the page Data. */
const mostGaps = 3;

/** `Nov 16–27, 2026`; the newest days first, which are those that somebody can still act on. */
function notLoadedText({ notLoaded }: FollowUp): string {
  const gaps = notLoaded.toReversed().slice(0, mostGaps).map(spanText);
  const more = notLoaded.length - gaps.length;
  return [...gaps, ...(more > 0 ? [`${countText(more)} more (page Data)`] : [])].join(' and ');
}

/** Said after each sentence that counts notes. */
function notLoadedSentence(followUp: FollowUp): string {
  return followUp.notLoaded.length === 0
    ? ''
    : ` Notes of ${notLoadedText(followUp)} are not loaded and not counted.`;
}

/** A count, or that there is none because no note of those ages is loaded. */
function ageCard(followUp: FollowUp, ages: Ages, count: number, detail: string) {
  const known = knownOf(ages, followUp.notLoaded, followUp.asOf);
  if (known === 'none') return { value: 'no figures yet', detail: 'no notes of these days are loaded' };
  return {
    value: countText(count),
    detail: known === 'all' ? detail : `${detail}; some days are not loaded`,
  };
}

function ofAll(count: number, all: number): string {
  return all === 0 ? 'no open notes' : `${percentText(share(BigInt(count), BigInt(all)))} of open notes`;
}

const tones = { 'On Time': 'onTime', Late: 'late', Unbillable: 'unbillable' } as const;

function ageCards(followUp: FollowUp, open: readonly OpenNoteTuple[]): HTMLElement {
  const lastDay = open.filter(isLastDay).length;
  return cards([
    { label: 'Open notes', value: countText(open.length), detail: 'not signed in the newest export' },
    ...ageGroups.map((group) => {
      const { status, days } = group;
      const count = open.filter((note) => statusIfSigned(ageOf(note)) === status).length;
      return {
        label: `${days} days old`,
        ...ageCard(followUp, group, count, `${words[status]}, ${ofAll(count, open.length)}`),
        tone: tones[status],
      };
    }),
    {
      label: 'Unbillable tomorrow',
      ...ageCard(followUp, lastDayAges, lastDay, `today is the last day, ${ofAll(lastDay, open.length)}`),
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
  const missing = notLoadedSentence(data.followUp!);
  // The least time left first; those that are lost last, the newest of them first.
  const ordered = open.toSorted(
    (one, other) => Number(isBillable(other)) - Number(isBillable(one)) || orderOf(one) - orderOf(other),
  );
  return figure(
    {
      title: 'Open notes, the most urgent first',
      sentence:
        open.length === 0
          ? `Every loaded note is signed.${missing}`
          : `${countText(billable)} of ${countOf(open.length, 'open note')} (${percentText(share(BigInt(billable), BigInt(open.length)))}) can still be billed if signed today; ${countText(lastDay)} of them become unbillable tomorrow.${missing}`,
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
  const followUp = data.followUp!;
  const caption = `Open notes by ${heading.toLowerCase()}`;
  return figure(
    {
      title: caption,
      sentence:
        (most === undefined ? 'Every loaded note is signed.' : mostWords(people[most[0]]!.label, most[1])) +
        notLoadedSentence(followUp),
      ...(most === undefined
        ? {}
        : {
            hint: 'Choose one to see only theirs.',
            table: {
              caption,
              columns: [{ heading, kind: 'text' }, ...ageColumns],
              rows: groups.map(([place, notes]) => ({
                cells: [people[place]!.label, ...ageCells(followUp, notes)],
                onOpen: () => {
                  const { key } = people[place]!;
                  go(heading === 'Caregiver' ? { caregiver: key } : { supervisor: key });
                },
              })),
              total: ['Total', ...ageCells(followUp, open)],
            } satisfies Table,
          }),
    },
    lines,
  );
}

function mostWords(who: string, notes: readonly OpenNoteTuple[]): string {
  const billable = notes.filter(isBillable).length;
  return billable === 0
    ? `None of these notes can still be billed; ${who} has most, ${countText(notes.length)}.`
    : `${who} has most to save, ${countText(billable)} of ${countOf(notes.length, 'open note')}.`;
}

function ageCells({ notLoaded, asOf }: FollowUp, notes: readonly OpenNoteTuple[]) {
  const left = notes.map((note) => daysToBill(ageOf(note))).filter((days) => days !== undefined);
  const counted = (ages: Ages, count: number) => (knownOf(ages, notLoaded, asOf) === 'none' ? null : count);
  return [
    notes.length,
    ...ageGroups.map((group) =>
      counted(group, notes.filter((note) => statusIfSigned(ageOf(note)) === group.status).length),
    ),
    counted(lastDayAges, notes.filter(isLastDay).length),
    left.length === 0 ? null : Math.min(...left),
  ];
}
