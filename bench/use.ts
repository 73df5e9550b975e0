import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { useOf } from './fleet/processes.ts';
import type { Site } from './site.ts';

/** What a load takes of each kind of process: CPU seconds, whatever else the machine did meanwhile. */
export interface Use {
  /** Of the worker, or of the process that runs the steps. */
  readonly worker: number;
  /** Undefined where somebody else runs the server. */
  readonly database?: number;
  /** Of Temporal's development server; undefined without it. */
  readonly temporal?: number;
  /** SQL statements that the server got. */
  readonly statements: number;
}

type Measured = Pick<Site, 'databaseUrl' | 'databasePid' | 'temporalPid'>;

interface Used<Result> {
  readonly result: Result;
  readonly use: Use;
}

/** Runs the steps in a process of their own, which tells its CPU seconds itself. */
export async function usedBySteps<Result extends { readonly cpuSeconds: Readonly<Record<string, number>> }>(
  site: Measured,
  steps: () => Promise<Result>,
): Promise<Used<Result>> {
  const { result, seconds, statements } = await usedMeanwhile(site, { database: site.databasePid }, steps);
  const worker = Object.values(result.cpuSeconds).reduce((sum, each) => sum + each, 0);
  return { result, use: { ...seconds, worker, statements } };
}

/** Lets the worker do the work. */
export async function usedByWorker<Result>(
  site: Measured,
  workerPid: number,
  work: () => Promise<Result>,
): Promise<Used<Result>> {
  const pids = { worker: workerPid, database: site.databasePid, temporal: site.temporalPid };
  const { result, seconds, statements } = await usedMeanwhile(site, pids, work);
  return { result, use: { ...seconds, worker: seconds.worker ?? 0, statements } };
}

async function usedMeanwhile<Result, Kind extends string>(
  { databaseUrl }: Measured,
  pids: Readonly<Record<Kind, number | undefined>>,
  work: () => Promise<Result>,
): Promise<{ result: Result; seconds: Partial<Record<Kind, number>>; statements: number }> {
  const statementsBefore = await statementsSoFar(databaseUrl);
  const before = await cpuSeconds(pids);
  const result = await work();
  const after = await cpuSeconds(pids);
  const seconds: Partial<Record<Kind, number>> = {};
  for (const kind of Object.keys(after) as Kind[]) seconds[kind] = after[kind]! - before[kind]!;
  // The question itself is one.
  return { result, seconds, statements: (await statementsSoFar(databaseUrl)) - statementsBefore - 1 };
}

/** The mean, since a server's clock ticks only a hundred times a second. */
export function meanUse(uses: readonly Use[]): Use | undefined {
  const [first] = uses;
  if (first === undefined) return undefined;
  const mean = (kind: keyof Use) => uses.reduce((sum, use) => sum + (use[kind] ?? 0), 0) / uses.length;
  return {
    worker: mean('worker'),
    ...(first.database === undefined ? {} : { database: mean('database') }),
    ...(first.temporal === undefined ? {} : { temporal: mean('temporal') }),
    statements: Math.round(mean('statements')),
  };
}

async function cpuSeconds<Kind extends string>(
  pids: Readonly<Record<Kind, number | undefined>>,
): Promise<Partial<Record<Kind, number>>> {
  const seconds: Partial<Record<Kind, number>> = {};
  for (const kind of Object.keys(pids) as Kind[]) {
    const pid = pids[kind];
    if (pid !== undefined) seconds[kind] = (await useOf(pid)).cpuSeconds;
  }
  return seconds;
}

async function statementsSoFar(databaseUrl: string): Promise<number> {
  const connection = await createConnection({ uri: databaseUrl });
  try {
    const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Questions'");
    return Number(rows[0]?.['Value']);
  } finally {
    await connection.end();
  }
}
