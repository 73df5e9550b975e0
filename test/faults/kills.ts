import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../demo/portal/data/random.ts';
import { reportNames } from '../../src/reports/index.ts';
import { Crew } from './crew.ts';
import { KillPlan, type Target } from './killPlan.ts';
import { leftovers } from './leftovers.ts';
import { watchPortal } from './portalWatch.ts';
import type { Tally } from './replacing.ts';
import { runToEnd } from './runs.ts';
import { databases, type Site } from './site.ts';
import { Striker } from './striking.ts';
import { plannedPeriods, replaceOnce, setStage, type Stage, type StageOptions, type Work } from './stage.ts';

export interface KillOptions extends StageOptions {
  readonly kills: number;
  readonly minutes: number;
  readonly seed: string;
  readonly targets: readonly Target[];
  readonly workers: number;
  /** After so many kills everything comes to rest and is compared as a whole. */
  readonly killsPerRound: number;
  readonly onRound: (line: string) => void;
}

export interface KillReport {
  readonly seconds: number;
  readonly rounds: number;
  readonly runs: number;
  readonly replaced: number;
  readonly kills: readonly { readonly target: Target; readonly place: string; readonly kills: number }[];
  readonly killsInAll: number;
  readonly missed: number;
  /** While kills were being made; rests and comparisons not counted, and counted. */
  readonly killsPerMinute: { readonly striking: number; readonly inAll: number };
  readonly failedRuns: Tally['failed'];
  readonly loginsUnblocked: number;
  readonly workersEndedByThemselves: number;
  readonly reader: { readonly polls: number; readonly away: number; readonly violations: readonly string[] };
  /** Errors that no step translated. They were tried again, so no figure is wrong. */
  readonly defects: readonly string[];
  readonly differences: readonly string[];
}

/**
 * Replaces periods again and again by one of two versions of their exports while everything that takes part is
 * killed, and holds what is left against undisturbed loads of the same exports.
 */
export async function killAndCompare(site: Site, options: KillOptions): Promise<KillReport> {
  const begun = performance.now();
  const random = randomFrom(options.seed);
  const stage = await setStage(site, options);
  const { reader, tally } = stage;
  const crew = new Crew(() => site.startWorker(databases.disturbed));
  const striker = new Striker({ site, crew, plan: new KillPlan(random, options.targets), random });
  const rounds = new Rounds(stage, striker, options);
  const stopPortalWatch = watchPortal(site);
  try {
    await crew.hire(options.workers);
    reader.start();
    await rounds.run();
  } finally {
    stopPortalWatch();
    await reader.stop();
    await crew.dismiss();
  }
  const seconds = (performance.now() - begun) / 1000;
  const perMinute = (inSeconds: number) => Math.round((striker.total / inSeconds) * 600) / 10;
  return {
    seconds: Math.round(seconds),
    rounds: rounds.done,
    runs: tally.runs,
    replaced: tally.replaced,
    kills: killRows(striker),
    killsInAll: striker.total,
    missed: striker.missed,
    killsPerMinute: { striking: perMinute(rounds.strikingSeconds), inAll: perMinute(seconds) },
    failedRuns: tally.failed,
    loginsUnblocked: tally.unblocked,
    workersEndedByThemselves: crew.endedByThemselves,
    reader: { polls: reader.polls, away: reader.away, violations: reader.violations },
    defects: Array.from(site.arrivals.defects),
    differences: tally.differences,
  };
}

function killRows(striker: Striker): KillReport['kills'] {
  return Array.from(striker.kills, ([target, places]) =>
    Array.from(places, ([place, kills]) => ({ target, place, kills })),
  ).flat();
}

class Rounds {
  done = 0;
  strikingSeconds = 0;
  readonly #stage: Stage;
  readonly #striker: Striker;
  readonly #options: KillOptions;
  /** No more kills in this round: the lanes finish what they are at. */
  #resting = false;
  /** Something differs or got stuck: more kills would only blur it. */
  #broken = false;

  constructor(stage: Stage, striker: Striker, options: KillOptions) {
    this.#stage = stage;
    this.#striker = striker;
    this.#options = options;
  }

  async run(): Promise<void> {
    const [options, striker] = [this.#options, this.#striker];
    const deadline = Date.now() + options.minutes * 60_000;
    while (striker.total < options.kills && Date.now() < deadline && !this.#broken) {
      await this.#round(Math.min(options.kills, striker.total + options.killsPerRound), deadline);
      this.done += 1;
      options.onRound(this.#line());
    }
  }

  async #round(kills: number, deadline: number): Promise<void> {
    const { site, works, tally } = this.#stage;
    this.#resting = false;
    const working = Promise.all([...works.map((work) => this.#replaceOn(work)), this.#failOn()]);
    await this.#strikeUntil(kills, deadline);
    this.#resting = true;
    await working;
    if (this.#broken) return;
    // Once undisturbed, so that whoever is left logged in by a killed browser is logged out by the portal.
    await Promise.all(works.map((work) => this.#replaceOnce(work)));
    tally.differences.push(...(await leftovers(site)));
    await this.#forgetFiles();
  }

  async #strikeUntil(kills: number, deadline: number): Promise<void> {
    const striker = this.#striker;
    const begun = performance.now();
    try {
      while (striker.total < kills && Date.now() < deadline && !this.#broken) await striker.strike();
    } catch (error) {
      this.#break('the striker', error);
    }
    this.strikingSeconds += (performance.now() - begun) / 1000;
  }

  async #replaceOn(work: Work): Promise<void> {
    while (!this.#resting && !this.#broken) await this.#replaceOnce(work);
  }

  async #replaceOnce(work: Work): Promise<void> {
    try {
      await replaceOnce(this.#stage, work);
      if (this.#stage.tally.differences.length > 0) this.#broken = true;
    } catch (error) {
      this.#break(work.lane.periods[0]!.period.from, error);
    }
  }

  /** Runs that fail, one after the other: their outcome is recorded, and nothing else may come of them. */
  async #failOn(): Promise<void> {
    const { site, tally } = this.#stage;
    const { report, period } = plannedPeriods(this.#stage)[0]!;
    const start = {
      workflowType: 'runReport',
      workflowId: 'a file that is not there',
      input: { report, from: period.from, to: period.to, file: path.join(site.folder, 'missing.csv') },
    } as const;
    try {
      while (!this.#resting && !this.#broken) {
        const end = await runToEnd(site, start);
        tally.runs += 1;
        if (end.kind === 'completed') tally.differences.push(`a run without a file ended ${end.outcome}`);
        await sleep(1_000);
      }
      const rows = await site.query(
        databases.disturbed,
        "SELECT outcome FROM pipeline_run WHERE workflow_id = ? AND outcome <> 'failed'",
        [start.workflowId],
      );
      if (rows.length > 0) tally.differences.push('the ledger says of a failed run that it did not fail');
    } catch (error) {
      this.#break('the failing run', error);
    }
  }

  #break(where: string, error: unknown): void {
    this.#broken = true;
    this.#stage.tally.differences.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Thousands of runs would fill the disk; nobody needs these files any more. */
  async #forgetFiles(): Promise<void> {
    const { artifacts } = this.#stage.site;
    await Promise.all(
      reportNames.map((report) => rm(path.join(artifacts, report), { recursive: true, force: true })),
    );
  }

  #line(): string {
    const { tally } = this.#stage;
    return [
      `round ${String(this.done)}`,
      `${String(this.#striker.total)} of ${String(this.#options.kills)} kills`,
      `${String(tally.runs)} runs`,
      `${String(tally.replaced)} versions in`,
      `${String(tally.differences.length)} differences`,
    ].join(', ');
  }
}
