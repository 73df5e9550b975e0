import { shippedReports } from '../../test/shippedReports.ts';
import type { ConfigChanges } from '../../test/e2e/system.ts';
import { cancelBackfills, cancelPlaces } from '../../test/faults/cancel.ts';
import { clockJumps } from '../../test/faults/clocks.ts';
import { databaseAway } from '../../test/faults/databaseAway.ts';
import { diskFull, mayMount } from '../../test/faults/diskFull.ts';
import { killAndCompare } from '../../test/faults/kills.ts';
import { outOfMemory } from '../../test/faults/outOfMemory.ts';
import type { Site } from '../../test/faults/site.ts';
import type { ScenarioReport } from '../../test/faults/stage.ts';
import type { FaultOptions, Scenario } from './options.ts';
import { killTable, scenarioTable } from './table.ts';

/** How a scenario went: text for people, facts for machines. */
export interface Told {
  readonly text: string;
  readonly report: object;
  readonly passed: boolean;
}

interface Play {
  /** Config of the workers beside short pauses. */
  readonly config: ConfigChanges;
  readonly run: (site: Site, options: FaultOptions) => Promise<Told>;
}

/** A session ends soon, so that everything can be compared at rest soon. */
const shortSessions: ConfigChanges = [[['portal', 'idleSeconds'], 2]];
/** Kills cost attempts. Each pause is twice the one before: with more of them a round would wait for minutes. */
const manyAttempts: ConfigChanges = [[['portal', 'attempts'], 6]];
/** And a browser is kept between two backfills, so that there is mostly one to be killed. */
const longerSessions: ConfigChanges = [[['portal', 'idleSeconds'], 8]];
/** As config/pipeline.yaml has them, in place of the short pauses: whether they suffice is what is tested. */
const trueAttempts: ConfigChanges = [
  [['portal', 'attempts'], 4],
  [['portal', 'retrySeconds'], 60],
];

export const plays: Readonly<Record<Scenario, Play>> = {
  kills: { config: [...longerSessions, ...manyAttempts], run: playKills },
  'database-away': {
    config: [...shortSessions, ...trueAttempts],
    run: async (site, options) =>
      told(
        await databaseAway(site, {
          ...options,
          reports: wantedReports(options),
          awaySeconds: options.awayMinutes * 60,
        }),
      ),
  },
  'disk-full': { config: shortSessions, run: playDiskFull },
  'worker-out-of-memory': { config: shortSessions, run: async (site) => told(await outOfMemory(site)) },
  cancel: { config: shortSessions, run: async (site) => told(await cancelBackfills(site, cancelPlaces)) },
  clocks: {
    config: shortSessions,
    run: async (site, { seed }) => told(await clockJumps(site, seed)),
  },
};

async function playKills(site: Site, options: FaultOptions): Promise<Told> {
  const report = await killAndCompare(site, {
    ...options,
    reports: wantedReports(options),
    onRound: (line) => console.log(line),
  });
  return { text: killTable(report), report, passed: isClean(report) };
}

/** Not done is not passed: whoever asks for it must know. */
async function playDiskFull(site: Site): Promise<Told> {
  if (mayMount()) return told(await diskFull(site));
  return {
    text: 'NOT DONE: this user may not mount a tmpfs, without which no folder can be full. Run it as root.',
    report: { done: false },
    passed: false,
  };
}

function told(report: ScenarioReport): Told {
  return { text: scenarioTable(report), report, passed: isClean(report) };
}

function isClean({ differences, reader }: Pick<ScenarioReport, 'differences' | 'reader'>): boolean {
  return differences.length === 0 && reader.violations.length === 0;
}

function wantedReports({ report }: FaultOptions) {
  return report === undefined ? shippedReports : [report];
}
