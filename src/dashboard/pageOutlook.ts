import { authorizationOutlook, type LoadedFigures } from '../domain/authorizationOutlook.ts';
import type { AuthorizationRow } from '../domain/dashboardSums.ts';
import type { FiguresAre } from '../domain/figuresAre.ts';
import { asWhole } from './pageFigures.ts';
import type { PageAuthorization, Whole } from './pageData.ts';

/** Where the people and services of an authorization stand in the page's lists. */
export interface AuthorizationPlaces {
  readonly client: number | null;
  readonly qps: readonly number[];
  readonly service: number;
}

/** An authorization as a page carries it. */
export function pageAuthorization(
  row: AuthorizationRow,
  { client, qps, service }: AuthorizationPlaces,
  figuresAre: FiguresAre,
): PageAuthorization {
  const outlook = authorizationOutlook(row, figuresAre);
  const rate = (pace: typeof outlook.perWeekOf4) =>
    pace === null ? null : { cents: asWhole(pace.cents), days: pace.days };
  return {
    key: [row.authorizationNumber, row.startDate, String(service)].join('.'),
    number: row.authorizationNumber,
    client,
    qps,
    sharedByQps: row.sharedByQps,
    service,
    from: row.startDate,
    to: row.endDate,
    authorizedCents: wholeOrNull(row.authorizedCents),
    usedCents: asWhole(row.usedCents),
    ended: row.endDate < row.asOf,
    daysLeft: outlook.daysLeft,
    days: outlook.days,
    daysGone: outlook.daysGone,
    lastDay: outlook.figureDays.to,
    offTargetCents: wholeOrNull(outlook.offTargetCents),
    perWeek4: rate(outlook.perWeekOf4),
    perWeek8: rate(outlook.perWeekOf8),
    projectedFrom: outlook.projectedFrom,
    projectedUseCents: wholeOrNull(outlook.projectedUseCents),
    projectedUnspentCents: wholeOrNull(outlook.projectedUnspentCents),
    exhaustion: outlook.projectedExhaustion,
    lastChange: outlook.lastChange,
    loadCount: row.loads.length,
    loads: row.loads.filter(isChange).map((load) => {
      return [load.day, wholeOrNull(load.authorizedCents), asWhole(load.usedCents)] as const;
    }),
  };
}

function isChange(load: LoadedFigures, place: number, all: readonly LoadedFigures[]): boolean {
  const before = all[place - 1];
  return (
    before === undefined ||
    before.usedCents !== load.usedCents ||
    before.authorizedCents !== load.authorizedCents
  );
}

function wholeOrNull(cents: bigint | null): Whole | null {
  return cents === null ? null : asWhole(cents);
}
