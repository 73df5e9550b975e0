import type { BackfillResult, OrchestrationResult } from './orchestrationSuite.ts';
import type { RowsResult } from './rowsSuite.ts';
import type { ScaleResult } from './scaleSuite.ts';

/** What a run of the benchmark writes; a suite that was left out is not there. */
export interface BenchResults {
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
  readonly rows?: readonly RowsResult[];
  readonly portal?: readonly BackfillResult[];
  readonly orchestration?: OrchestrationResult;
  readonly backfills?: readonly BackfillResult[];
  readonly scale?: readonly ScaleResult[];
}
