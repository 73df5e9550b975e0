import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlannedPeriod } from '../../src/activities/contracts.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { backfillId, runReportId } from '../../src/domain/temporalNames.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { unblockPortalLogins } from '../../src/warehouse/portalLogins.ts';
import { contentsDiffer, readContents, type Contents } from './contents.ts';
import { runToEnd, type Start } from './runs.ts';
import { databases, whenThere, type Site } from './site.ts';
import { exportOf, type Version } from './versions.ts';

/** Contents of each version, by `runReportId`. */
export type Expected = Readonly<Record<Version, ReadonlyMap<string, Contents>>>;

/** What is counted over all lanes. */
export interface Tally {
  /** Workflows that ended. */
  runs: number;
  /** Versions that took the place of the other one. */
  replaced: number;
  /** Runs that failed typed and were started again, by type, with what one of them said. */
  readonly failed: Record<string, { count: number; example: string }>;
  /** Times that the guard against a locked account had to be opened by hand, as ops would. */
  unblocked: number;
  readonly differences: string[];
}

export function newTally(): Tally {
  return { runs: 0, replaced: 0, failed: {}, unblocked: 0, differences: [] };
}

/** A run fails where too many kills hit its attempts; the same run again and again would be a defect. */
const startsInARow = 12;

/** Periods that are replaced by one version after the other, and checked after each. */
export interface Lane {
  readonly periods: readonly PlannedPeriod[];
  /** The workflow that brings in what is prepared. */
  readonly start: Start;
  /** From now on the file, or the portal, holds this version. */
  prepare(version: Version): Promise<void>;
}

/** One period is at the portal while others are being loaded. */
const portalConcurrency = 3;

/** One period from a file saved by hand: no browser. */
export function fileLane(
  site: Site,
  { planned, scale }: { readonly planned: PlannedPeriod; readonly scale: number },
): Lane {
  const { report, period } = planned;
  const file = path.join(site.folder, `${report}-${period.from}.csv`);
  return {
    periods: [planned],
    start: {
      workflowType: 'runReport',
      workflowId: runReportId(report, period),
      input: { report, from: period.from, to: period.to, file },
    },
    prepare: (version) => writeFile(file, exportOf(planned, version, scale)),
  };
}

interface AtPortal {
  readonly periods: readonly PlannedPeriod[];
  readonly scale: number;
}

/** A whole range by a backfill through the portal. */
export function backfillLane(site: Site, at: AtPortal): Lane {
  const report: ReportName = at.periods[0]!.report;
  const range: Period = { from: at.periods[0]!.period.from, to: at.periods.at(-1)!.period.to };
  return portalLane(site, at, {
    workflowType: 'backfill',
    workflowId: backfillId(report, range),
    input: { report, ...range, concurrency: portalConcurrency },
  });
}

/** What is due on a day, and the periods before it, by a daily run. */
export function dailyLane(site: Site, { day, ...at }: AtPortal & { readonly day: IsoDate }): Lane {
  return portalLane(site, at, {
    workflowType: 'dailyRun',
    workflowId: `daily-of-${day}`,
    input: { day, reports: [...new Set(at.periods.map(({ report }) => report))] },
  });
}

function portalLane(site: Site, { periods, scale }: AtPortal, start: Start): Lane {
  return {
    periods,
    start,
    async prepare(version) {
      for (const planned of periods) {
        site.portal.settings.exports[runReportId(planned.report, planned.period)] = exportOf(
          planned,
          version,
          scale,
        );
      }
    },
  };
}

/** Brings a version in; resolves once a run has succeeded. */
export async function bring(site: Site, lane: Lane, version: Version, tally: Tally): Promise<void> {
  await lane.prepare(version);
  await untilSucceeded(site, tally, lane.start);
}

async function untilSucceeded(site: Site, tally: Tally, start: Start): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await runToEnd(site, start);
    tally.runs += 1;
    if (end.kind === 'completed') return;
    const failed = (tally.failed[end.type] ??= { count: 0, example: end.message });
    failed.count += 1;
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
  await whenThere(async () => {
    const warehouse = await site.openWarehouse(databases.disturbed);
    try {
      tally.unblocked += await unblockPortalLogins(warehouse, { name: 'faults', proof: 'claimed' });
    } finally {
      await warehouse.close();
    }
  });
}

type UndisturbedPeriods = Readonly<Record<Version, Map<string, Contents>>>;

/** What the undisturbed databases of a site hold by now, by version and `runReportId`. */
const undisturbed = new WeakMap<Site, UndisturbedPeriods>();

function undisturbedAt(site: Site): UndisturbedPeriods {
  const known = undisturbed.get(site) ?? { A: new Map(), B: new Map() };
  undisturbed.set(site, known);
  return known;
}

interface Loading {
  readonly version: Version;
  readonly periods: readonly PlannedPeriod[];
  readonly scale: number;
}

/** What every period holds in one version, undisturbed. Those that the site has not seen so far are loaded. */
export async function loadUndisturbed(site: Site, loading: Loading): Promise<ReadonlyMap<string, Contents>> {
  const known = undisturbedAt(site)[loading.version];
  const isNew = ({ report, period }: PlannedPeriod) => !known.has(runReportId(report, period));
  await loadNew(site, { ...loading, periods: loading.periods.filter(isNew) });
  return known;
}

async function loadNew(site: Site, { version, periods, scale }: Loading): Promise<void> {
  if (periods.length === 0) return;
  const worker = await site.startWorker(databases[version]);
  const tally = newTally();
  await Promise.all(
    periods.map((planned) => bring(site, fileLane(site, { planned, scale }), version, tally)),
  );
  await worker.stop();
  for (const planned of periods) {
    const contents = await readContents(site, databases[version], planned);
    undisturbedAt(site)[version].set(runReportId(planned.report, planned.period), contents);
  }
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
    const [ledger] = await site.query(
      databases.disturbed,
      "SELECT COUNT(*) AS published, COUNT(DISTINCT export_sha256) AS exports FROM pipeline_run WHERE report = ? AND period_start = ? AND outcome = 'published'",
      [report, period.from],
    );
    const entries = ledger!['published'] ?? '0';
    return [
      ...(await contentsDiffer(site, planned, expected[version])),
      ...(entries === String(brought)
        ? []
        : [`${name}: the ledger has ${entries} published runs for ${String(brought)} versions shown`]),
    ];
  });
  return (await Promise.all(perPeriod)).flat();
}
