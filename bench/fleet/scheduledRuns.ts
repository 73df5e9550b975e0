import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { RowDataPacket } from 'mysql2/promise';
import { agencyId } from '../../src/domain/agencyId.ts';
import { sourcesRoundId } from '../../src/domain/temporalNames.ts';
import { median } from '../median.ts';
import { databaseOf, type FleetSite } from './fleetSite.ts';

export interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly most: number;
}

export interface ScheduledResult {
  /** From the first start to the last, which the jitter spreads. */
  readonly startsOverSeconds: number;
  /** How much later than its time a schedule started, of a sample. */
  readonly lateSeconds: Spread;
  /** From the start of an agency's round to its file being published. */
  readonly publishedSeconds: Spread;
  /** From the start of an agency's day to its end, through the stand-in portal. */
  readonly daySeconds: Spread | undefined;
  readonly browserRuns: number;
  readonly wholeSeconds: number;
  /** Of an agency's round: three workflows. */
  readonly historyEvents: number;
  readonly historyBytes: number;
}

const lookSeconds = 10;
const sampled = 50;

/** Waits until every agency has published, and says how long each took. */
export async function watchScheduled(site: FleetSite, minutes: number): Promise<ScheduledResult> {
  const { client, fileAgencies, browserAgencies } = site;
  await untilEnded(client, {
    rounds: 2 * fileAgencies.length,
    days: browserAgencies.length,
    until: Date.now() + minutes * 60_000,
  });
  const rounds = await all(client, "WorkflowType = 'collectFiles'");
  const runs = await all(client, "WorkflowType = 'runReport'");
  const days = await all(client, "WorkflowType = 'dailyRun'");
  await assertPublished(site);
  const inner = new Set(fileAgencies.map((agency) => agencyId(agency, sourcesRoundId)));
  const scheduled = rounds.filter(({ workflowId }) => !inner.has(workflowId));
  const runOf = new Map(runs.map((run) => [agencyOf(run), run]));
  const published = scheduled.map((round) => secondsBetween(round, runOf.get(agencyOf(round))!));
  const ofFiles = new Set(fileAgencies);
  const ofRound = [...rounds, ...runs].filter((each) => ofFiles.has(agencyOf(each)));
  const starts = [...scheduled, ...days].map(({ startTime }) => startTime.getTime());
  const ends = [...runs, ...days].map(({ closeTime }) => closeTime!.getTime());
  return {
    startsOverSeconds: rounded((Math.max(...starts) - Math.min(...starts)) / 1000),
    lateSeconds: spread(await lateness(site)),
    publishedSeconds: spread(published),
    daySeconds: days.length === 0 ? undefined : spread(days.map((day) => secondsBetween(day, day))),
    browserRuns: runs.length - fileAgencies.length,
    wholeSeconds: rounded((Math.max(...ends) - Math.min(...starts)) / 1000),
    historyEvents: Math.round(sum(ofRound.map(({ historyLength }) => historyLength)) / fileAgencies.length),
    historyBytes: Math.round(sum(ofRound.map(({ historySize }) => historySize ?? 0)) / fileAgencies.length),
  };
}

async function untilEnded(
  client: Client,
  { rounds, days, until }: { readonly rounds: number; readonly days: number; readonly until: number },
): Promise<void> {
  const ended = async (type: string) => {
    const query = `WorkflowType = '${type}' AND ExecutionStatus != 'Running'`;
    return (await client.workflow.count(query)).count;
  };
  for (;;) {
    const done = { rounds: await ended('collectFiles'), days: await ended('dailyRun') };
    if (done.rounds >= rounds && done.days >= days) return;
    if (Date.now() > until) throw new Error(`not all runs ended in time: ${JSON.stringify(done)}`);
    await sleep(lookSeconds * 1000);
  }
}

async function all(client: Client, query: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const each of client.workflow.list({ query })) found.push(each);
  return found;
}

function agencyOf({ workflowId }: WorkflowExecutionInfo): string {
  return workflowId.split(':')[0]!;
}

/** By the ledgers: each agency published its period once, and nothing of another one. */
async function assertPublished({ warehouses, fileAgencies }: FleetSite): Promise<void> {
  for (const agency of fileAgencies) {
    const [runs] = await warehouses.query<RowDataPacket[]>(
      `SELECT outcome, workflow_id AS id FROM \`${databaseOf(agency)}\`.pipeline_run`,
    );
    if (
      runs.length !== 1 ||
      runs[0]!['outcome'] !== 'published' ||
      !String(runs[0]!['id']).startsWith(agency)
    )
      throw new Error(`the ledger of ${agency} has ${JSON.stringify(runs)}`);
  }
}

async function lateness({ client, fileAgencies }: FleetSite): Promise<number[]> {
  const late: number[] = [];
  for (const agency of fileAgencies.slice(0, sampled)) {
    const { info } = await client.schedule.getHandle(agencyId(agency, 'ehr-sources')).describe();
    for (const { scheduledAt, takenAt } of info.recentActions)
      late.push((takenAt.getTime() - scheduledAt.getTime()) / 1000);
  }
  return late;
}

function secondsBetween(from: WorkflowExecutionInfo, to: WorkflowExecutionInfo): number {
  return (to.closeTime!.getTime() - from.startTime.getTime()) / 1000;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  return {
    median: rounded(median(sorted)),
    p95: rounded(sorted[Math.ceil(sorted.length * 0.95) - 1]!),
    most: rounded(sorted.at(-1)!),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
