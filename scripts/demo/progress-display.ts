import { DrawnLines } from '../../src/cli/drawnLines.ts';

/** How far one job is. */
export interface JobProgress {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly doing: string;
}

export interface ProgressDisplay {
  readonly show: (progress: JobProgress) => void;
  readonly end: () => void;
}

/** Drawn in place on a terminal, a line per period elsewhere. */
export function progressDisplay(): ProgressDisplay {
  return process.stdout.isTTY ? drawn() : lines();
}

function drawn(): ProgressDisplay {
  const terminal = new DrawnLines(process.stdout);
  const jobs = new Map<string, string>();
  return {
    show: (progress) => {
      jobs.set(progress.title, lineOf(progress));
      terminal.draw([...jobs.values()]);
    },
    end: () => terminal.keep(),
  };
}

function lineOf({ title, done, total, doing }: JobProgress): string {
  const count = `${String(done)}/${String(total)}`;
  return `  ${title.padEnd(12)} ${count.padStart(5)}  ${doing}`;
}

function lines(): ProgressDisplay {
  const shown = new Map<string, string>();
  return {
    show: (progress) => {
      const { title, done, total } = progress;
      const count = `${String(done)}/${String(total)}`;
      if (shown.get(title) === count) return;
      shown.set(title, count);
      console.log(lineOf(progress));
    },
    end: () => shown.clear(),
  };
}
