import { scales, sumFromText, type Scale } from '../domain/decimals.ts';
import { PipelineError } from '../domain/failures.ts';
import type { IsoDate } from '../domain/dates.ts';
import { meaningContradiction, type FiguresAre } from '../domain/figuresAre.ts';
import { movedTo } from '../domain/movedRows.ts';
import { periodContaining, periodsNewestFirst, yearMonth, type Period } from '../domain/periods.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import { foldCode, unknownGroup } from '../domain/rules.ts';
import { serviceLabel } from '../domain/serviceLabels.ts';
import type {
  AuthorizationRow,
  DashboardRows,
  NoteSums,
  OpenRunRow,
  PastLoad,
  PeriodWithState,
  PersonRow,
  PublishedPeriod,
  UtilizationSums,
} from '../domain/dashboardSums.ts';
import { endingSoonTotals } from './endingSoon.ts';
import { asWhole, groupedBy } from './pageFigures.ts';
import { personLabels } from './personLabels.ts';
import { pageFollowUp } from './pageFollowUp.ts';
import { partOf, smallGroups, type PagePart } from './partOf.ts';
import { pageAuthorization } from './pageOutlook.ts';
import {
  nobodyKey,
  type LoadedPeriod,
  type NotesTuple,
  type OpenRun,
  type PageData,
  type PeriodChange,
  type PersonLabel,
  type ServiceLabel,
  type PagePeriodState,
  type UnknownCount,
  type UtilizationTuple,
  type Whole,
} from './pageData.ts';

export interface PageQuestion {
  readonly names: boolean;
  /** Its name or id; null where the settings have neither. */
  readonly agency: string | null;
  readonly writtenAt: Date;
  /** IANA name; times are shown in it. */
  readonly timeZone: string;
  readonly groupNames: Readonly<Record<number, string>>;
  readonly figuresAre: FiguresAre;
  /** Whose rows the page may hold. Default: everyone's. */
  readonly part?: PagePart | undefined;
}

const noQp: PersonLabel = { key: nobodyKey, label: '(no QP)' };
const noSupervisor: PersonLabel = { key: nobodyKey, label: '(no supervisor)' };

/** Builds all that a page shows, from its part of the rows only. */
export function buildPageData(all: DashboardRows, question: PageQuestion): PageData {
  const { part } = question;
  const rows = partOf(all, part);
  const lists = emptyLists(all, monthsOf(rows), question);
  // Keeps the months of one service together, which compresses best.
  const tuples = rows.utilization.map((sums) => utilizationTuple(sums, lists));
  const utilization = (part?.kind === 'totals' ? addedUp(tuples) : tuples).toSorted(
    (one, other) => one[1] - other[1] || one[2] - other[2] || one[3] - other[3] || one[0] - other[0],
  );
  const notes = noteTuples(rows.notes, lists);
  const followUp = pageFollowUp(rows, {
    timeText: (instant) => timeText(instant, question.timeZone),
    placesOf: (row) => [
      lists.clients.of(row.clientKey),
      lists.caregivers.of(row.caregiverKey),
      lists.supervisors.of(row.supervisorKey ?? noSupervisor.key),
      lists.services.of(row),
    ],
  });
  const outlook = pageOutlook(rows.authorizations, lists, question);
  return {
    agency: question.agency,
    written: localTime(question.writtenAt, question.timeZone),
    writtenAt: question.writtenAt.getTime(),
    onlyQp: part?.kind === 'qp' ? lists.qps.labelOf(part.key) : null,
    onlySupervisor: part?.kind === 'supervisor' ? lists.supervisors.labelOf(part.key) : null,
    totals: part?.kind === 'totals',
    names: question.names,
    timeZone: question.timeZone,
    figuresAre: question.figuresAre,
    contradiction: meaningContradiction(question.figuresAre, all.listedAgain) ?? null,
    months: lists.months,
    openOn: openMonth(rows),
    recent: rows.days.recentNotes,
    groupNames: { ...question.groupNames, 0: 'Unknown services', [smallGroups]: 'Small groups' },
    qps: lists.qps.list(),
    clients: lists.clients.list(),
    caregivers: lists.caregivers.list(),
    supervisors: lists.supervisors.list(),
    services: lists.services.list(),
    respiteCodes: respiteCodes(part?.kind === 'totals' ? rows : all),
    utilization,
    notes,
    outlook,
    endingSoon: part?.kind === 'totals' ? pageEndingSoon(all, question) : null,
    followUp: followUp ?? null,
    loads: rows.periods.map((period) => loadedPeriod(period, question.timeZone)),
    periodStates: pagePeriodStates(rows),
    openRuns: rows.openRuns.map((run) => openRun(run, question.timeZone)),
    rejects: rejectCounts(rows),
    unknown: part?.kind === 'totals' ? [] : unknownCounts(rows, question),
    unknownCodes: part?.kind === 'totals' ? 0 : unknownCodes(rows).size,
    lookAlikes: rows.periods.flatMap(({ report, from, to, lookAlikes }) =>
      lookAlikes.map((each) => ({ report, from, to, ...each })),
    ),
  };
}

function emptyLists(
  { qps, clients, caregivers, supervisors }: DashboardRows,
  months: readonly string[],
  question: PageQuestion,
): Lists {
  return {
    months,
    qps: new Places([...personLabels(qps), noQp]),
    clients: new Places(personLabels(clients)),
    caregivers: new Places(personLabels(caregivers)),
    supervisors: new Places([...personLabels(supervisors), noSupervisor]),
    services: new Services(question),
  };
}

/** A list that holds only who was asked for, each in one place. */
class Places {
  readonly #known: ReadonlyMap<string, PersonLabel>;
  readonly #places = new Map<string, number>();

  constructor(known: readonly PersonLabel[]) {
    this.#known = new Map(known.map((label) => [label.key, label]));
  }

  of(key: string): number {
    const place = this.#places.get(key) ?? this.#places.size;
    this.#places.set(key, place);
    return place;
  }

  labelOf(key: string): string {
    return this.#known.get(key)?.label ?? key;
  }

  list(): PersonLabel[] {
    return Array.from(this.#places.keys(), (key) => ({ key, label: this.labelOf(key) }));
  }
}

/** Services as loaded: one whose group has changed between two months stands there twice. */
class Services {
  readonly #names: boolean;
  readonly #places = new Map<string, { readonly place: number; readonly service: ServiceLabel }>();

  constructor({ names }: Pick<PageQuestion, 'names'>) {
    this.#names = names;
  }

  of({
    serviceCode: code,
    group,
    respite,
  }: Pick<UtilizationSums, 'serviceCode' | 'group' | 'respite'>): number {
    const key = `${String(group)} ${code}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known.place;
    const place = this.#places.size;
    const shown = this.#names ? code : serviceLabel(code, group);
    this.#places.set(key, {
      place,
      service: { code: shown, group, respite: respite === true },
    });
    return place;
  }

  list(): ServiceLabel[] {
    return Array.from(this.#places.values(), ({ service }) => service);
  }
}

/** Null if the tables do not know which services are respite. */
function respiteCodes({ utilization }: DashboardRows): string[] | null {
  if (utilization.some(({ respite }) => respite === null)) return null;
  const codes = utilization.filter(({ respite }) => respite).map(({ serviceCode }) => foldCode(serviceCode));
  return [...new Set(codes)].sort();
}

interface Lists {
  /** `YYYY-MM`, ascending. */
  readonly months: readonly string[];
  readonly qps: Places;
  readonly clients: Places;
  readonly caregivers: Places;
  readonly supervisors: Places;
  readonly services: Services;
}

/** In order, with none of them missing in between: a month without a load shows as such. */
function monthsOf(rows: DashboardRows): string[] {
  const { from, to } = rows.days.months;
  const loaded = rows.periods
    .filter((period) => period.from >= from && period.from <= to)
    .map(yearMonth)
    .sort();
  const months: string[] = [];
  for (let month = loaded[0]; month !== undefined && month <= loaded.at(-1)!; month = monthAfter(month)) {
    months.push(month);
  }
  return months;
}

/** The periods of the months and of the 90 days, those that nothing was loaded of too, and newer ones that have run. */
function pagePeriodStates(rows: DashboardRows): PagePeriodState[] {
  const known = new Map(
    rows.periodStates.map((figuresState) => [`${figuresState.report} ${figuresState.from}`, figuresState]),
  );
  const months = monthsOf(rows);
  const expected = reportNames.flatMap((report) => {
    const days = spanOf(months, report === 'notes' ? rows.days.recentNotes : null);
    return days === undefined
      ? []
      : periodsNewestFirst(report, days).map((period) => notLoaded(report, period));
  });
  const all = [...expected.filter(({ report, from }) => !known.has(`${report} ${from}`)), ...known.values()];
  return all
    .map(({ report, from, to, state, loaded, failureType }) => {
      return { report, from, to, month: yearMonth({ from, to }), state, loaded, failureType };
    })
    .sort((one, other) => (one.from < other.from ? -1 : Number(one.from > other.from)));
}

function notLoaded(report: ReportName, { from, to }: Period): PeriodWithState {
  return { report, from, to, state: 'not loaded', loaded: false, failureType: null };
}

/** From the first of those months or days to the last of them. */
function spanOf(months: readonly string[], recent: Period | null): Period | undefined {
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return recent ?? undefined;
  const from = `${first}-01` as IsoDate;
  const { to } = periodContaining('utilization', `${last}-01` as IsoDate);
  if (recent === null) return { from, to };
  return {
    from: recent.from < from ? recent.from : from,
    to: recent.to > to ? recent.to : to,
  };
}

function monthAfter(month: string): string {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  return number === 12 ? `${String(year + 1)}-01` : `${String(year)}-${String(number + 1).padStart(2, '0')}`;
}

/** The newest month of utilization, else of notes. */
function openMonth({ periods }: DashboardRows): string {
  const newest = (report: string) =>
    periods
      .filter((period) => period.report === report)
      .map(yearMonth)
      .sort()
      .at(-1);
  return newest('utilization') ?? newest('notes') ?? '';
}

function utilizationTuple(sums: UtilizationSums, lists: Lists): UtilizationTuple {
  return [
    lists.months.indexOf(sums.month),
    lists.qps.of(sums.qpKey ?? noQp.key),
    lists.clients.of(sums.clientKey),
    lists.services.of(sums),
    sums.rows,
    cents(sums.authorized),
    cents(sums.inProcess),
    cents(sums.billed),
    cents(sums.under),
    sums.underRows,
    cents(sums.over),
    sums.overRows,
    cents(sums.unauthorized),
    sums.unauthorizedRows,
    whole(sums.util, scales.ratio),
    sums.utilRows,
  ];
}

function cents(text: string): Whole {
  return whole(text, scales.dollars);
}

function whole(text: string, scale: Scale): Whole {
  return asWhole(sumFromText(text, scale));
}

function pageOutlook(
  rows: readonly AuthorizationRow[],
  lists: Lists,
  { figuresAre }: Pick<PageQuestion, 'figuresAre'>,
): PageData['outlook'] {
  const [first] = rows;
  if (first === undefined) return null;
  return {
    month: yearMonth(first.period),
    asOf: first.asOf,
    items: rows.map((row) => {
      const places = {
        client: row.clientKey === null ? null : lists.clients.of(row.clientKey),
        qps: row.qpKeys.map((key) => lists.qps.of(key ?? noQp.key)),
        service: lists.services.of(row),
      };
      return pageAuthorization(row, places, figuresAre);
    }),
  };
}

/**
 * Adds up everyone's authorizations that end soon. Their people go into separate lists: the page has no place for them.
 */
function pageEndingSoon(all: DashboardRows, question: PageQuestion): PageData['endingSoon'] {
  const outlook = pageOutlook(all.authorizations, emptyLists(all, [], question), question);
  return outlook === null ? null : { asOf: outlook.asOf, spans: endingSoonTotals(outlook.items) };
}

/** One of all that have the same month, people and service. */
function addedUp(tuples: readonly UtilizationTuple[]): UtilizationTuple[] {
  const groups = groupedBy(tuples, (tuple) => tuple.slice(0, firstSum).join(' '));
  return Array.from(groups.values(), (group) => {
    const [first] = group as [UtilizationTuple];
    return first.map((value, place) =>
      place < firstSum ? value : asWhole(group.reduce((sum, tuple) => sum + BigInt(tuple[place]!), 0n)),
    ) as unknown as UtilizationTuple;
  });
}

/** Where the sums begin in a tuple. */
const firstSum = 4;

/** Clients were read to know whose notes they are; a page has no use for them. */
function noteTuples(sums: readonly NoteSums[], lists: Lists): NotesTuple[] {
  const groups = groupedBy(sums, ({ month, recent, caregiverKey, supervisorKey }) =>
    [month, recent, caregiverKey, supervisorKey].map(String).join(' '),
  );
  return Array.from(groups.values(), (group) => {
    const [{ month, recent, caregiverKey, supervisorKey }] = group as [NoteSums];
    const count = (of: (each: NoteSums) => number) => group.reduce((sum, each) => sum + of(each), 0);
    return [
      lists.months.indexOf(month),
      recent ? 1 : 0,
      lists.caregivers.of(caregiverKey),
      count(({ rows }) => rows),
      count(({ onTime }) => onTime),
      count(({ late }) => late),
      count(({ unbillable }) => unbillable),
      count(({ unsigned }) => unsigned),
      asWhole(group.reduce((sum, { days }) => sum + BigInt(days), 0n)),
      count(({ daysRows }) => daysRows),
      lists.supervisors.of(supervisorKey ?? noSupervisor.key),
    ] as const;
  });
}

function loadedPeriod(period: PublishedPeriod, timeZone: string): LoadedPeriod {
  return {
    report: period.report,
    from: period.from,
    to: period.to,
    month: yearMonth(period),
    run: period.runId,
    rows: period.rows,
    loadedAt: timeText(period.publishedAt, timeZone),
    asOf: period.exportedAt === null ? null : timeText(period.exportedAt, timeZone),
    exportedAt: period.exportedAt === null ? null : instantOf(period.exportedAt).getTime(),
    preliminary: period.preliminary,
    read: period.read,
    excluded: period.excluded,
    rejected: period.rejected,
    moved: movedRows(period),
    pinned: period.pinnedBy === null ? null : `pinned by ${period.pinnedBy}: ${period.pinReason ?? ''}`,
    changes: period.loads.map((load) => periodChange(load, timeZone)),
  };
}

function movedRows({ report, moved }: PublishedPeriod): LoadedPeriod['moved'] {
  if (moved === null) return null;
  return {
    rows: moved.rows,
    to: movedTo(report),
    cents: moved.dollars === null ? null : cents(moved.dollars),
  };
}

function periodChange({ publishedAt, changes, why }: PastLoad, timeZone: string): PeriodChange {
  const { added, removed, changed, same, dollars } = changes;
  return {
    loadedAt: timeText(publishedAt, timeZone),
    added,
    removed,
    changed,
    same,
    dollars: Object.entries(dollars).map(([column, { before, after }]) => ({ column, before, after })),
    why,
  };
}

function openRun(run: OpenRunRow, timeZone: string): OpenRun {
  return {
    report: run.report,
    from: run.from,
    to: run.to,
    run: run.runId,
    outcome: run.outcome,
    endedAt: timeText(run.finishedAt, timeZone),
    why: run.failureType ?? run.heldBecause.map(({ message }) => message).join('; '),
  };
}

function rejectCounts({ rejects, periods }: DashboardRows): PageData['rejects'] {
  const byRun = new Map(periods.map((period) => [period.runId, period]));
  return rejects.map(({ runId, column, reason, rows }) => {
    const { report, from, to } = byRun.get(runId)!;
    return { report, from, to, column, reason, rows };
  });
}

function unknownCodes({ utilization, unknownNotes }: DashboardRows): ReadonlySet<string> {
  const authorizations = utilization.filter(({ group }) => group === unknownGroup);
  return new Set([...authorizations, ...unknownNotes].map(({ serviceCode }) => serviceCode));
}

function unknownCounts(
  { utilization, unknownNotes }: DashboardRows,
  { names }: Pick<PageQuestion, 'names'>,
): UnknownCount[] {
  const authorizations = utilization
    .filter(({ group }) => group === unknownGroup)
    .map(({ month, serviceCode, rows, authorized }) => ({
      report: 'utilization',
      month,
      serviceCode,
      rows,
      cents: sumFromText(authorized, scales.dollars),
    }));
  const notes = unknownNotes.map((each) => ({ ...each, report: 'notes', cents: null }));
  const groups = groupedBy(
    [...authorizations, ...notes],
    ({ report, month, serviceCode }) => `${report} ${month} ${serviceCode}`,
  );
  return Array.from(groups.values(), (group) => {
    const { report, month, serviceCode, cents: first } = group[0]!;
    return {
      report,
      month,
      code: names ? serviceCode : serviceLabel(serviceCode, unknownGroup),
      rows: group.reduce((sum, { rows }) => sum + rows, 0),
      cents: first === null ? null : asWhole(group.reduce((sum, each) => sum + (each.cents ?? 0n), 0n)),
    };
  });
}

/** `2026-11-20 03:00` where the organisation is, of an instant as the tables write it. */
function timeText(instant: string, timeZone: string): string {
  return localTime(instantOf(instant), timeZone);
}

function instantOf(instant: string): Date {
  return new Date(`${instant.replace(' ', 'T')}Z`);
}

function localTime(instant: Date, timeZone: string): string {
  // sv-SE writes dates and times as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(instant);
}

/** The one person that is meant by a code, a key or, where names are read, a name. */
export function personAsked(
  people: readonly PersonRow[],
  asked: string,
  { option, who }: { readonly option: string; readonly who: string },
): PersonRow {
  const found = people.filter(({ key, code, name }) => [key, code, name].includes(asked));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new PipelineError('InvalidInput', `${option}: no ${who} of the months shown has that code or key`, {
      hint: `Give one of: ${people.map(({ code }) => code).join(', ')}`,
    });
  }
  throw new PipelineError('InvalidInput', `${option}: ${String(found.length)} ${who}s share that code`, {
    hint: `Give one of their keys: ${found.map(({ key }) => key).join(', ')}`,
  });
}
