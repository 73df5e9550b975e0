/** Reports the load's progress at intervals, also during one long statement. */
export interface Progress {
  readonly step: string;
  at(step: string, rows?: number): void;
  rows(this: void, rows: number): void;
  stop(): void;
}

/** Well within the shortest heartbeat timeout, and often enough for a person who watches. */
const intervalSeconds = 2;

export function reportProgress(onProgress: ((step: string, rows: number) => void) | undefined): Progress {
  let step = 'starting';
  let rows = 0;
  const report = () => onProgress?.(step, rows);
  const timer = setInterval(report, intervalSeconds * 1000);
  return {
    get step() {
      return step;
    },
    at: (nextStep, nextRows = 0) => {
      step = nextStep;
      rows = nextRows;
      report();
    },
    rows: (count) => {
      rows = count;
    },
    stop: () => clearInterval(timer),
  };
}
