import type { DashboardRows, FollowedRow } from '../domain/dashboardSums.ts';
import { daysNotLoaded, noteAge, noteChange, type ExportMoment } from '../domain/followUp.ts';
import type { IsoDate } from '../domain/dates.ts';
import { groupedBy } from './pageFigures.ts';
import type { OpenNoteTuple, PageData } from './pageData.ts';

type FollowUp = NonNullable<PageData['followUp']>;

export interface FollowedBy {
  /** `YYYY-MM-DD hh:mm` where the organisation is, of an instant as the tables write it. */
  readonly timeText: (instant: string) => string;
  /** Where the people and the service of a note stand in the page's lists. */
  readonly placesOf: (
    row: FollowedRow,
  ) => readonly [client: number, caregiver: number, supervisor: number, service: number];
}

/** Undefined where no notes are loaded. */
export function pageFollowUp(rows: DashboardRows, { timeText, placesOf }: FollowedBy): FollowUp | undefined {
  const moments = new Map(
    rows.periods.flatMap(({ report, from, exportedAt }) =>
      report === 'notes' && exportedAt !== null ? [[from, momentOf(timeText(exportedAt))] as const] : [],
    ),
  );
  const asOf = [...moments.values()]
    .map(({ day }) => day)
    .sort()
    .at(-1);
  if (asOf === undefined) return undefined;
  const notes = rows.followed
    .filter(({ signDate }) => signDate === null)
    .map((row): OpenNoteTuple => {
      const [client, caregiver, supervisor, service] = placesOf(row);
      return [client, caregiver, supervisor, service, row.dateOfService, noteAge(row, asOf)];
    });
  const loaded = rows.periods.flatMap(({ report, from, to }) => {
    const exportedOn = report === 'notes' ? moments.get(from)?.day : undefined;
    return exportedOn === undefined ? [] : [{ period: { from, to }, exportedOn }];
  });
  return {
    asOf,
    notes,
    notLoaded: daysNotLoaded(loaded, asOf),
    since: sinceOf(rows, { asOf, moments, timeText }),
  };
}

/** `2026-11-20 03:00`. */
function momentOf(time: string): ExportMoment {
  return { day: time.slice(0, 10) as IsoDate, time };
}

interface ShownExports extends Pick<FollowedBy, 'timeText'> {
  readonly asOf: IsoDate;
  /** By the first day of the cycle. */
  readonly moments: ReadonlyMap<IsoDate, ExportMoment>;
}

/** Only cycles that show the load of the newest day: others were not part of the last load. */
function sinceOf(
  { earlierExports, followed, notes }: DashboardRows,
  { asOf, moments, timeText }: ShownExports,
): FollowUp['since'] {
  const compared = earlierExports.filter(({ from }) => moments.get(from)?.day === asOf);
  if (compared.length === 0) return null;
  const byCycle = groupedBy(followed, ({ from }) => from);
  const changes = compared.flatMap(({ from, exportedAt }) => {
    const [before, now] = [momentOf(timeText(exportedAt)), moments.get(from)!];
    return (byCycle.get(from) ?? []).map((row) => noteChange(row, before, now));
  });
  const times = compared.map(({ exportedAt }) => timeText(exportedAt)).sort();
  const cycles = new Set(compared.map(({ from }) => from));
  return {
    before: times[0] === times.at(-1) ? times[0]! : `${times[0]!} to ${times.at(-1)!}`,
    cycles: compared.length,
    notes: notes.filter(({ from }) => cycles.has(from)).reduce((sum, { rows }) => sum + rows, 0),
    newlyLate: changes.filter(({ newlyLate }) => newlyLate).length,
    newlyUnbillable: changes.filter(({ newlyUnbillable }) => newlyUnbillable).length,
    newlySigned: changes.filter(({ newlySigned }) => newlySigned).length,
  };
}
