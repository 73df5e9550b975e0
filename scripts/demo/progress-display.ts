import { MultiBar, Presets, type SingleBar } from 'cli-progress';

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

/** Room for the title, the bar and the counts beside what is being done. */
const fixedColumns = 40;
const defaultColumns = 100;

/** Bars on a terminal, lines elsewhere: a log of thousands of redrawn bars tells nobody anything. */
export function progressDisplay(): ProgressDisplay {
  return process.stdout.isTTY ? bars() : lines();
}

function bars(): ProgressDisplay {
  const room = Math.max(20, (process.stdout.columns || defaultColumns) - fixedColumns);
  const multiBar = new MultiBar(
    { format: '{title} {bar} {value}/{total} {doing}', barsize: 16, hideCursor: true, gracefulExit: false },
    Presets.rect,
  );
  const byTitle = new Map<string, SingleBar>();
  return {
    show: ({ title, done, total, doing }) => {
      const words = { title: title.padEnd(12), doing: doing.slice(0, room) };
      const bar = byTitle.get(title);
      if (bar === undefined) byTitle.set(title, multiBar.create(total, done, words));
      else {
        bar.setTotal(total);
        bar.update(done, words);
      }
    },
    end: () => multiBar.stop(),
  };
}

function lines(): ProgressDisplay {
  const shown = new Map<string, string>();
  return {
    show: ({ title, done, total, doing }) => {
      const count = `${String(done)}/${String(total)}`;
      if (shown.get(title) === count) return;
      shown.set(title, count);
      console.log(`  ${title.padEnd(12)} ${count.padStart(5)}  ${doing}`);
    },
    end: () => shown.clear(),
  };
}
