import type { Column, Table, TableRow } from '../exports.ts';
import {
  authorizedOf,
  expiryDays,
  isExpiring,
  sumOf,
  unusedOf,
  unusedWithin,
  usedOf,
} from '../endingSoon.ts';
import { compactDollars, countOf, dayLabel, dollarsText, percentText, spanText } from '../figureText.ts';
import { nobodyKey, type PageAuthorization } from '../pageData.ts';
import { groupedBy, share } from '../pageFigures.ts';
import {
  cards,
  figure,
  meaningWords,
  noFigures,
  scopeLines,
  utilizationScope,
  type Context,
  type Page,
} from './context.ts';
import { h } from './dom.ts';

/** Which authorizations expire with unused money, and what else about them needs somebody now? */
export function actPage(asked: Context): Page {
  const { data, view } = asked;
  const { outlook } = data;
  // Always of the newest loaded month.
  const context: Context = { ...asked, view: { ...view, month: outlook?.month ?? view.month } };
  const scope = utilizationScope(context);
  if (outlook === null) {
    const labels = ['Expiring with unused money', 'Behind target', 'Nothing used yet'];
    return { name: 'act', scope, content: [noFigures(labels, 'utilization')] };
  }
  const shown = shownAuthorizations(context);
  const facts = [
    ...scope.facts,
    ['Days are counted from', dayLabel(outlook.asOf)] as const,
    ...sharedFacts(context, shown),
  ];
  const lines = scopeLines({ name: 'act', scope: { ...scope, facts } }, context);
  const opened = shown.find(({ key }) => key === view.authorization);
  return {
    name: 'act',
    scope: { ...scope, facts },
    content: [
      ...(opened === undefined ? [] : detailFigures(context, opened, lines)),
      actCards(shown),
      expiringFigure(context, shown, lines),
      qpFigure(context, shown, lines),
      ...lists.map((list) => listFigure(context, { ...list, items: shown.filter(list.has) }, lines)),
    ],
  };
}

function shownAuthorizations({ data, view }: Context): PageAuthorization[] {
  const items = data.outlook?.items ?? [];
  return items.filter(
    ({ qps, client, service }) =>
      (view.qp === '' || qps.some((qp) => data.qps[qp]!.key === view.qp)) &&
      (view.client === '' || (client !== null && data.clients[client]!.key === view.client)) &&
      (view.respite || !data.services[service]!.respite),
  );
}

/** How many authorizations of the one QP shown are shared with others; each counts for it as a whole. */
function sharedFacts(
  { data, view }: Context,
  shown: readonly PageAuthorization[],
): (readonly [string, string])[] {
  const shared = shown.filter(({ sharedByQps }) => sharedByQps);
  if (shared.length === 0 || (data.onlyQp === null && view.qp === '')) return [];
  return [['Of several QPs', `${countOf(shared.length, 'authorization')}, with all of its dollars`]];
}

type Cents = (item: PageAuthorization) => bigint;

interface List {
  readonly title: string;
  readonly card: string;
  readonly has: (item: PageAuthorization) => boolean;
  /** The dollars that the list is about and sorted by. */
  readonly cents: (item: PageAuthorization) => bigint;
  /** What the column of those dollars is called. */
  readonly heading: string;
  readonly what: string;
  readonly none: string;
}

const lists: readonly List[] = [
  {
    title: 'Behind target',
    card: 'Behind target',
    has: ({ ended, offTargetCents }) => !ended && offTargetCents !== null && BigInt(offTargetCents) < 0n,
    cents: ({ offTargetCents }) => -BigInt(offTargetCents ?? 0),
    heading: 'Behind by',
    what: 'less than a straight line from start to end would have used by now',
    none: 'No authorization is behind its straight line.',
  },
  {
    title: 'Nothing used yet',
    card: 'Nothing used yet',
    has: (item) => !item.ended && item.daysGone > 0 && usedOf(item) === 0n && authorizedOf(item) > 0n,
    cents: authorizedOf,
    heading: 'Unused',
    what: 'authorized, begun and not used at all',
    none: 'Something is used of every authorization that has begun.',
  },
  {
    title: 'Exhausted before the end',
    card: 'Exhausted before the end',
    has: ({ ended, exhaustion, lastDay }) => !ended && exhaustion !== null && exhaustion < lastDay,
    cents: (item) => -BigInt(item.projectedUnspentCents ?? 0),
    heading: 'Over by the end',
    what: 'more than authorized by the end, at the pace of now',
    none: 'No authorization is used up before its end, at the pace of now.',
  },
  {
    title: 'Spending without authorization',
    card: 'Without authorization',
    has: (item) => authorizedOf(item) === 0n && usedOf(item) !== 0n,
    cents: usedOf,
    heading: 'Spent',
    what: 'billed or in process where nothing is authorized',
    none: 'Nothing is billed or in process where nothing is authorized.',
  },
];

function dollarsCard(label: string, items: readonly PageAuthorization[], cents: Cents) {
  const sum = sumOf(items, cents);
  return {
    label,
    value: compactDollars(sum),
    detail: `${dollarsText(sum)} in ${countOf(items.length, 'authorization')}`,
  };
}

function actCards(shown: readonly PageAuthorization[]): HTMLElement {
  return cards([
    ...expiryDays.map((days) =>
      dollarsCard(`Unused, ending within ${days} days`, shown.filter(isExpiring(days)), unusedOf),
    ),
    ...lists.map(({ card, has, cents }) => dollarsCard(card, shown.filter(has), cents)),
  ]);
}

/** The dollars that a list is about come first: on a narrow screen they are what is in sight. */
function columnsOf(heading: string): readonly Column[] {
  return [
    { heading: 'Client', kind: 'text' },
    { heading, kind: 'dollars' },
    { heading: 'Days left', kind: 'count' },
    { heading: 'Ends', kind: 'day' },
    { heading: 'Number', kind: 'text' },
    { heading: 'Service', kind: 'text' },
    { heading: 'QP', kind: 'text' },
    { heading: 'Authorized', kind: 'dollars' },
    { heading: 'Used', kind: 'dollars' },
    { heading: 'Time gone', kind: 'percent' },
    { heading: 'Share used', kind: 'percent' },
    { heading: 'Used up on', kind: 'day' },
  ];
}

function clientLabel({ data }: Context, { client }: PageAuthorization): string {
  return client === null ? '(several)' : data.clients[client]!.label;
}

function qpLabel({ data }: Context, { qps, sharedByQps }: PageAuthorization): string {
  return sharedByQps ? '(several QPs)' : data.qps[qps[0]!]!.label;
}

function rowOf(context: Context, item: PageAuthorization, cents: Cents): TableRow {
  const { data, go } = context;
  return {
    cells: [
      clientLabel(context, item),
      cents(item),
      item.daysLeft,
      item.to,
      item.number,
      data.services[item.service]!.code,
      qpLabel(context, item),
      bigOrNull(item.authorizedCents),
      usedOf(item),
      share(BigInt(item.daysGone), BigInt(item.days)),
      share(usedOf(item), authorizedOf(item)),
      item.exhaustion,
    ],
    onOpen: () => {
      go({ authorization: item.key }, 'toDrill');
    },
  };
}

function bigOrNull(whole: number | string | null): bigint | null {
  return whole === null ? null : BigInt(whole);
}

interface Listed {
  readonly caption: string;
  readonly heading: string;
  readonly cents: Cents;
  readonly items: readonly PageAuthorization[];
}

/** The largest amounts first. */
function tableOf(context: Context, { caption, heading, cents, items }: Listed): Table {
  const ordered = items.toSorted((one, other) => {
    const [left, right] = [cents(one), cents(other)];
    return left > right ? -1 : Number(left < right);
  });
  const texts = ['', '', '', ''] as const;
  const [authorized, used] = [sumOf(items, authorizedOf), sumOf(items, usedOf)];
  return {
    caption,
    columns: columnsOf(heading),
    rows: ordered.map((item) => rowOf(context, item, cents)),
    total: [
      'Total',
      sumOf(items, cents),
      null,
      ...texts,
      authorized,
      used,
      null,
      share(used, authorized),
      '',
    ],
  };
}

function expiringFigure(
  context: Context,
  shown: readonly PageAuthorization[],
  lines: readonly string[],
): HTMLElement {
  const { within } = context.view;
  const items = shown.filter(isExpiring(within));
  const title = `Ending within ${within} days with unused money`;
  const words =
    items.length === 0
      ? `No authorization ends within ${within} days with unused money.`
      : `${countOf(items.length, 'authorization')} of ${countOf(shown.length, 'authorization')} (${percentText(share(BigInt(items.length), BigInt(shown.length)))}) with ${dollarsText(sumOf(items, unusedOf))} unused, the largest amount first.`;
  return figure(
    {
      title,
      sentence: `${words} ${meaningWords(context)}`,
      ...(items.length === 0
        ? {}
        : {
            hint: 'Choose one for its history.',
            table: tableOf(context, { caption: title, heading: 'Unused', cents: unusedOf, items }),
          }),
    },
    lines,
  );
}

/** How many QPs these are of; the others of a shared authorization do not count where one is chosen. */
function qpsOf({ data, view }: Context, shown: readonly PageAuthorization[]): number {
  const places = new Set(shown.flatMap(({ qps }) => qps));
  const keys = Array.from(places, (qp) => data.qps[qp]!.key);
  return keys.filter((key) => key !== nobodyKey && (view.qp === '' || key === view.qp)).length;
}

function qpFigure(
  context: Context,
  shown: readonly PageAuthorization[],
  lines: readonly string[],
): HTMLElement {
  const { data, go } = context;
  // Those that several share stand by themselves: each dollar once.
  const qps = Array.from(groupedBy(shown, ({ qps: [qp], sharedByQps }) => (sharedByQps ? undefined : qp)))
    .map(([qp, items]) => ({ qp, expiring: items.filter(isExpiring('90')), items }))
    .filter(({ expiring }) => expiring.length > 0)
    .toSorted((one, other) => (unusedWithin(one.items, '90') > unusedWithin(other.items, '90') ? -1 : 1));
  return figure(
    {
      title: 'Unused money that ends soon, by QP',
      sentence: `${countOf(qpsOf(context, shown.filter(isExpiring('90'))), 'QP')} with authorizations that end within 90 days with unused money. ${meaningWords(context)}`,
      hint: 'Choose one to see only theirs.',
      table: {
        caption: 'Unused money that ends soon, by QP',
        columns: [
          { heading: 'QP', kind: 'text' },
          { heading: 'Authorizations', kind: 'count' },
          ...expiryDays.map((days) => ({ heading: `Within ${days} days`, kind: 'dollars' as const })),
        ],
        rows: qps.map(({ qp, expiring, items }) => ({
          cells: [
            qpLabel(context, expiring[0]!),
            expiring.length,
            ...expiryDays.map((days) => unusedWithin(items, days)),
          ],
          onOpen:
            qp === undefined
              ? undefined
              : () => {
                  go({ qp: data.qps[qp]!.key });
                },
        })),
        total: [
          'Total',
          shown.filter(isExpiring('90')).length,
          ...expiryDays.map((days) => unusedWithin(shown, days)),
        ],
      },
    },
    lines,
  );
}

function listFigure(
  context: Context,
  { title, what, none, heading, cents, items }: List & { readonly items: readonly PageAuthorization[] },
  lines: readonly string[],
): HTMLElement {
  const words =
    items.length === 0
      ? none
      : `${countOf(items.length, 'authorization')}: ${dollarsText(sumOf(items, cents))} ${what}.`;
  return figure(
    {
      title,
      sentence: `${words} ${meaningWords(context)}`,
      ...(items.length === 0 ? {} : { table: tableOf(context, { caption: title, heading, cents, items }) }),
    },
    lines,
  );
}

/** One authorization, and what each load that changed something had of it. */
function detailFigures(context: Context, item: PageAuthorization, lines: readonly string[]): HTMLElement[] {
  const { data, go } = context;
  const title = `Authorization ${item.number}`;
  const close = h(
    'button',
    {
      type: 'button',
      class: 'open',
      onClick: () => {
        go({ authorization: '' });
      },
    },
    'Back to the lists',
  );
  return [
    figure(
      {
        id: 'drill-act',
        title,
        trail: h('p', {}, close),
        sentence: `${clientLabel(context, item)}, ${data.services[item.service]!.code}, QP ${qpLabel(context, item)}, ${spanText(item)}. ${paceSentences(item)} ${meaningWords(context)}`,
        table: tableOf(context, { caption: title, heading: 'Unused', cents: unusedOf, items: [item] }),
      },
      lines,
    ),
    figure(
      {
        title: `${title} over the loads`,
        sentence: `${countOf(item.loadCount, 'load')}; those that changed it, newest first. Last change: ${item.lastChange === null ? 'none known' : dayLabel(item.lastChange)}.`,
        table: {
          caption: `${title} over the loads`,
          columns: [
            { heading: 'Export of', kind: 'day' },
            { heading: 'Authorized', kind: 'dollars' },
            { heading: 'Used', kind: 'dollars' },
            { heading: 'Used since the one before', kind: 'dollars' },
          ],
          rows: item.loads
            .map(([day, authorized, used], place) => ({
              cells: [
                day,
                bigOrNull(authorized),
                BigInt(used),
                place === 0 ? null : BigInt(used) - BigInt(item.loads[place - 1]![2]),
              ],
            }))
            .toReversed(),
        },
      },
      lines,
    ),
  ];
}

function restWords({ projectedUnspentCents }: PageAuthorization): string {
  if (projectedUnspentCents === null) return '';
  const cents = BigInt(projectedUnspentCents);
  return cents < 0n ? `, ${dollarsText(-cents)} too much` : `, ${dollarsText(cents)} stays`;
}

function targetWords({ offTargetCents }: PageAuthorization): string {
  if (offTargetCents === null) return '';
  const cents = BigInt(offTargetCents);
  return cents < 0n
    ? `${dollarsText(-cents)} behind its straight line.`
    : `${dollarsText(cents)} ahead of its straight line.`;
}

function paceWords(weeks: string, rate: PageAuthorization['perWeek4']): string[] {
  if (rate === null) return [];
  return [`${dollarsText(BigInt(rate.cents))} a week over ${weeks} (${countOf(rate.days, 'day')})`];
}

function paceSentences(item: PageAuthorization): string {
  const { projectedFrom, projectedUseCents, perWeek4, perWeek8 } = item;
  const paces = [...paceWords('4 weeks', perWeek4), ...paceWords('8 weeks', perWeek8)];
  const from = projectedFrom === 'start' ? 'since the start' : `of the last ${projectedFrom ?? ''}`;
  return [
    `${countOf(item.daysLeft, 'day')} left.`,
    targetWords(item),
    paces.length === 0 ? '' : `Used: ${paces.join(', ')}.`,
    projectedUseCents === null || projectedFrom === null
      ? ''
      : `At the pace ${from}, ${dollarsText(BigInt(projectedUseCents))} is used by ${dayLabel(item.lastDay)}${restWords(item)}.`,
  ]
    .filter((words) => words !== '')
    .join(' ');
}
