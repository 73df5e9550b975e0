import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlannedPeriod } from '../../src/activities/steps.ts';
import { backfillId, runReportId } from '../../src/domain/names.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/domain/reports.ts';
import { unblockPortalLogins } from '../../src/warehouse/portalLogins.ts';
import { differences, readContents, type Contents } from './contents.ts';
import { runToEnd, type Start } from './runs.ts';
import { databases, type Site } from './site.ts';
import { exportOf, versions, type Version } from './versions.ts';

/** Contents of each version, by `runReportId`. */
export type Expected = Readonly<Record<Version, ReadonlyMap<string, Contents>>>;

/** What is counted over all lanes. */
export interface Tally {
  /** Workflows that ended. */
  runs: number;
  /** Versions that took the place of the other one. */
  replaced: number;
  /** Runs that failed typed and were started again, by type. */
  readonly failed: Record<string, number>;
  /** Times that the guard against a locked account had to be opened by hand, as ops would. */
  unblocked: number;
  readonly differences: string[];
}

export function newTally(): Tally {
  return { runs: 0, replaced: 0, failed: {}, unblocked: 0, differences: [] };
}

/** A run fails where too many kills hit its attempts; the same run again and again would be a defect. */
const startsInARow = 6;

/** Periods that are replaced by one version after the other, and checked after each. */
export interface Lane {
  readonly periods: readonly PlannedPeriod[];
  /** Brings a version in; resolves once a run of it has succeeded. */
  bring(version: Version): Promise<void>;
}

/** One period from files saved by hand: no browser. */
export function fileLane(site: Site, planned: PlannedPeriod, tally: Tally): Lane {
  const { report, period } = planned;
  return {
    periods: [planned],
    async bring(version) {
      const file = path.join(site.folder, `${report}-${period.from}-${version}.csv`);
      await writeFile(file, exportOf(planned, version));
      // Saved just now, as a person would who brings newer figures.
      await utimes(file, new Date(), new Date());
      await untilSucceeded(site, tally, {
        workflowType: 'runReport',
        workflowId: runReportId(report, period),
        input: { report, from: period.from, to: period.to, file },
      });
    },
  };
}

/** A whole range by a backfill through the portal. */
export function portalLane(site: Site, periods: readonly PlannedPeriod[], tally: Tally): Lane {
  const report: ReportName = periods[0]!.report;
  const range: Period = { from: periods[0]!.period.from, to: periods.at(-1)!.period.to };
  return {
    periods,
    async bring(version) {
      for (const planned of periods) {
        site.portal.settings.exports[runReportId(report, planned.period)] = exportOf(planned, version);
      }
      await untilSucceeded(site, tally, {
        workflowType: 'backfill',
        workflowId: backfillId(report, range),
        input: { report, ...range, concurrency: 3 },
      });
    },
  };
}

async function untilSucceeded(site: Site, tally: Tally, start: Start): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await runToEnd(site, start);
    tally.runs += 1;
    if (end.kind === 'completed') return;
    tally.failed[end.type] = (tally.failed[end.type] ?? 0) + 1;
    if (attempt === startsInARow) {
      throw new Error(
        `${start.workflowId} failed ${String(startsInARow)} times, last with ${end.type}: ${end.message}`,
      );
    }
    if (/PortalLoginRejected/.test(`${end.type} ${end.message}`)) await unblock(site, tally);
  }
}

/** Twice a login was cut off before its answer: someone has to say that a third may be tried. */
async function unblock(site: Site, tally: Tally): Promise<void> {
  const warehouse = await site.openWarehouse(databases.disturbed);
  try {
    tally.unblocked += await unblockPortalLogins(warehouse);
  } finally {
    await warehouse.close();
  }
}

/** Loads every period in one version, undisturbed. */
export async function loadUndisturbed(
  site: Site,
  version: Version,
  periods: readonly PlannedPeriod[],
): Promise<ReadonlyMap<string, Contents>> {
  const worker = await site.startWorker(databases[version]);
  const tally = newTally();
  await Promise.all(periods.map((planned) => fileLane(site, planned, tally).bring(version)));
  await worker.stop();
  const contents = periods.map(
    async (planned) =>
      [
        runReportId(planned.report, planned.period),
        await readContents(site, databases[version], planned),
      ] as const,
  );
  return new Map(await Promise.all(contents));
}

/** Holds the lane's periods against a version, and the ledger against the number of versions brought in so far. */
export async function compareLane(
  site: Site,
  lane: Lane,
  expected: Expected,
  { version, brought }: { version: Version; brought: number },
): Promise<string[]> {
  const perPeriod = lane.periods.map(async (planned) => {
    const { report, period } = planned;
    const name = runReportId(report, period);
    const found = await readContents(site, databases.disturbed, planned);
    const [ledger] = await site.query(
      databases.disturbed,
      "SELECT COUNT(*) AS published, COUNT(DISTINCT export_sha256) AS exports FROM pipeline_run WHERE report = ? AND period_start = ? AND outcome = 'published'",
      [report, period.from],
    );
    const entries = ledger!['published'] ?? '0';
    return [
      ...differences(planned, expected[version].get(name)!, found),
      ...(entries === String(brought)
        ? []
        : [`${name}: the ledger has ${entries} published runs for ${String(brought)} versions shown`]),
    ];
  });
  return (await Promise.all(perPeriod)).flat();
}

/** The version that a lane is to show after so many. */
export function versionAt(brought: number): Version {
  return versions[(brought - 1) % versions.length]!;
}
