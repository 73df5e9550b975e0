import { readFile } from 'node:fs/promises';
import type { FleetResult } from './fleet/result.ts';
import type { BackfillResult, OrchestrationResult } from './orchestrationSuite.ts';
import type { RowsResult } from './rowsSuite.ts';
import type { ScaleResult } from './scaleSuite.ts';

/** What a run of the benchmark measures; a suite that was left out is not there. */
export interface BenchResults extends Suites {
  readonly command: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly system: string;
    readonly node: string;
    readonly database: string;
  };
  /** The machine's load average of the last minute before anything was measured. */
  readonly loadBefore: number;
}

interface Suites {
  readonly rows?: readonly RowsResult[];
  readonly portal?: readonly BackfillResult[];
  readonly orchestration?: OrchestrationResult;
  readonly backfills?: readonly BackfillResult[];
  readonly scale?: readonly ScaleResult[];
  readonly fleet?: FleetResult;
}

/** The file's runs with this one: of each suite the last one that was measured, apart for each kind of database. */
export async function withEarlier(file: string, run: BenchResults): Promise<BenchResults[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const earlier = (JSON.parse(text) as BenchResults[]).flatMap((each) => withoutSuitesOf(each, run));
  return [...earlier, run];
}

/** What is left of an earlier run, if anything. */
function withoutSuitesOf(earlier: BenchResults, run: BenchResults): BenchResults[] {
  if (isMariaDb(earlier) !== isMariaDb(run)) return [earlier];
  const { command, machine, loadBefore, ...suites } = earlier;
  const left = Object.entries(suites).filter(([suite]) => run[suite as keyof Suites] === undefined);
  return left.length === 0 ? [] : [{ command, machine, loadBefore, ...Object.fromEntries(left) }];
}

export function isMariaDb({ machine }: BenchResults): boolean {
  return machine.database.includes('MariaDB');
}
