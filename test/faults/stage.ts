import type { PlannedPeriod } from '../../src/activities/contracts.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { recentPeriods } from '../../src/domain/periods.ts';
import { readDigests, Reader } from './reader.ts';
import {
  backfillLane,
  bring,
  compareLane,
  dailyLane,
  fileLane,
  loadUndisturbed,
  newTally,
  type Expected,
  type Lane,
  type Tally,
} from './replacing.ts';
import { databases, type Site } from './site.ts';
import { periodsFrom, versionAt, type Version } from './versions.ts';
import type { ShippedReport } from '../shippedReports.ts';

export interface StageOptions {
  readonly reports: readonly ShippedReport[];
  /** Periods of each report that come from files. */
  readonly periods: number;
  /** Periods of the last report that come through the portal, on top. */
  readonly portalPeriods: number;
  /** A day whose daily run goes through the portal too. */
  readonly daily?: IsoDate;
  /** Size of the exports; 1 is a few hundred rows. */
  readonly scale?: number;
}

/** A lane, and how many versions it has brought in. */
export interface Work {
  readonly lane: Lane;
  brought: number;
}

/** What every scenario needs: lanes to work on, what they have to show, and a reader who looks on. */
export interface Stage {
  readonly site: Site;
  readonly expected: Expected;
  readonly reader: Reader;
  readonly tally: Tally;
  readonly works: readonly Work[];
}

/** How a scenario ended. Passed where both lists are empty. */
export interface ScenarioReport {
  readonly figures: Readonly<Record<string, string | number>>;
  readonly reader: { readonly polls: number; readonly away: number; readonly violations: readonly string[] };
  readonly differences: readonly string[];
}

/**
 * Long over on any day that a test may run on; the portal's periods are other ones. So are large ones: in a period that
 * shows few rows they would be held, and a site's undisturbed databases hold each period once.
 */
const firstDays = { file: '2024-01-01', large: '2023-01-01', portal: '2022-01-01' } as const;

export async function setStage(site: Site, options: StageOptions): Promise<Stage> {
  const { reports, scale = 1 } = options;
  const fromFiles = reports.flatMap((report) =>
    periodsFrom(report, (scale === 1 ? firstDays.file : firstDays.large) as IsoDate, options.periods),
  );
  const portals = periodsFrom(reports.at(-1)!, firstDays.portal as IsoDate, options.portalPeriods);
  const due = options.daily === undefined ? [] : dailyPeriods(reports, options.daily);
  const tally = newTally();
  const periods = [...fromFiles, ...portals, ...due];
  const expected = {
    A: await loadUndisturbed(site, { version: 'A', periods, scale }),
    B: await loadUndisturbed(site, { version: 'B', periods, scale }),
  };
  const digests = [await readDigests(site, databases.A), await readDigests(site, databases.B)];
  const lanes = [
    ...fromFiles.map((planned) => fileLane(site, { planned, scale })),
    ...(portals.length === 0 ? [] : [backfillLane(site, { periods: portals, scale })]),
    ...(options.daily === undefined ? [] : [dailyLane(site, { day: options.daily, periods: due, scale })]),
  ];
  return {
    site,
    expected,
    reader: new Reader(site, digests),
    tally,
    works: lanes.map((lane) => ({ lane, brought: 0 })),
  };
}

/** `reports.<name>.refreshPeriods` of demo/pipeline.yaml, with which sites run. */
const refreshPeriods: Readonly<Record<ShippedReport, number>> = { utilization: 2, notes: 3 };

function dailyPeriods(reports: readonly ShippedReport[], day: IsoDate): PlannedPeriod[] {
  return reports.flatMap((report) =>
    recentPeriods(report, day, refreshPeriods[report]).map((period) => ({ report, period })),
  );
}

/** Brings the lane's next version in, and notes where the tables or the ledger are not as they must be. */
export async function replaceOnce(stage: Stage, work: Work): Promise<void> {
  const brought = work.brought + 1;
  const version = versionAt(brought);
  await bring(stage.site, work.lane, version, stage.tally);
  work.brought = brought;
  stage.tally.replaced += work.lane.periods.length;
  stage.tally.differences.push(...(await compare(stage, work)));
}

/** Holds what the lane's periods show, and the ledger, against the version brought in last. */
function compare({ site, expected }: Stage, { lane, brought }: Work): Promise<string[]> {
  return compareLane(site, lane, expected, { version: versionAt(brought), brought });
}

/** The version that comes next. */
export function nextVersion({ brought }: Work): Version {
  return versionAt(brought + 1);
}

export function plannedPeriods({ works }: Stage): readonly PlannedPeriod[] {
  return works.flatMap(({ lane }) => lane.periods);
}

export function reportOf({ reader, tally }: Stage, figures: ScenarioReport['figures']): ScenarioReport {
  const { polls, away, violations } = reader;
  return { figures, reader: { polls, away, violations }, differences: tally.differences };
}
