import { printable } from '../domain/printable.ts';
import { DrawnLines } from './drawnLines.ts';
import type { PeriodsNow, ProgressNow, RunNow } from './progressNow.ts';
import { changeKey, endedOf, periodsWords, periodWords, runWords } from './progressWords.ts';
import { TimeLeft } from './timeLeft.ts';

export const noWorkerWords = 'no worker is running: start one with npm run build && npm start';

/** One line of the progress: of a run, of all periods, or of what is wrong with the whole. */
export interface ProgressLine {
  /** What the line is about: one line each. */
  readonly about: string;
  readonly words: string;
  /** The line is worth printing again only if this changed. */
  readonly change: string;
}

/** Turns what the server says into lines. A count in them never goes back while it counts the same. */
export class ProgressLines {
  readonly #timeLeft = new TimeLeft();
  readonly #furthest = new Map<string, RunNow>();
  #progress: PeriodsNow['progress'];

  /** @param title of the line about the whole */
  lines(now: ProgressNow, { title, noWorker, at }: LinesOptions): ProgressLine[] {
    const lines =
      now.kind === 'run' ? [this.#runLine(now.run, at)] : this.#periodsLines(now.periods, title, at);
    return noWorker ? [...lines, { about: 'workers', words: noWorkerWords, change: '' }] : lines;
  }

  #periodsLines(given: PeriodsNow, title: string, at: Date): ProgressLine[] {
    const periods = { ...given, ...this.#known(given) };
    const words = `${title}: ${periodsWords(periods, this.#timeLeft.see(periods, at), at)}`;
    const change = JSON.stringify([periods.progress, changeKey(periods.own)]);
    return [{ about: 'periods', words, change }, ...periods.running.map((run) => this.#runLine(run, at))];
  }

  /** The last counts, while no worker answers. */
  #known(periods: PeriodsNow): Pick<PeriodsNow, 'progress'> {
    if (periods.progress !== undefined && endedOf(periods) >= this.#ended())
      this.#progress = periods.progress;
    return this.#progress === undefined ? {} : { progress: this.#progress };
  }

  #ended(): number {
    return this.#progress === undefined
      ? 0
      : endedOf({ progress: this.#progress, running: [], own: { attempt: 1 } });
  }

  #runLine(given: RunNow, at: Date): ProgressLine {
    const run = this.#notBack(given);
    return { about: run.id, words: `${periodWords(run)} ${runWords(run, at)}`, change: changeKey(run) };
  }

  /** A report that arrives late must not take a count back; the next attempt counts from its beginning. */
  #notBack(run: RunNow): RunNow {
    const before = this.#furthest.get(run.id);
    // Between two steps the last one stays.
    if (before !== undefined && run.step === undefined) return before;
    const furthest = before !== undefined && isSameCount(before, run) ? furthestOf(before, run) : run;
    this.#furthest.set(run.id, furthest);
    return furthest;
  }
}

interface LinesOptions {
  readonly title: string;
  readonly noWorker: boolean;
  readonly at: Date;
}

function isSameCount(before: RunNow, now: RunNow): boolean {
  return before.step === now.step && before.attempt === now.attempt && before.doing === now.doing;
}

function furthestOf(before: RunNow, now: RunNow): RunNow {
  return { ...now, ...larger('rows', before, now), ...larger('percent', before, now) };
}

function larger(count: 'rows' | 'percent', before: RunNow, now: RunNow): Partial<RunNow> {
  const [earlier, later] = [before[count], now[count]];
  return earlier === undefined || later === undefined ? {} : { [count]: Math.max(earlier, later) };
}

export interface ProgressDisplay {
  show(lines: readonly ProgressLine[]): void;
  /** Takes away what is drawn. */
  end(): void;
}

/** On a terminal drawn in place, elsewhere printed. */
export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  return stream.isTTY ? drawnProgress(stream) : printedProgress((line) => stream.write(`${line}\n`));
}

/** On a terminal one line each, drawn over in place; they vanish at the end, when the result says more. */
function drawnProgress(stream: NodeJS.WriteStream): ProgressDisplay {
  const drawn = new DrawnLines(stream);
  return {
    show: (lines) => drawn.draw(lines.map(({ words }) => words)),
    end: () => drawn.clear(),
  };
}

/** Elsewhere a line for each change. */
export function printedProgress(print: (line: string) => void): ProgressDisplay {
  const changes = new Map<string, string>();
  return {
    show(lines) {
      for (const { about, words, change } of lines) {
        if (changes.get(about) === change) continue;
        changes.set(about, change);
        print(printable(words));
      }
      const about = new Set(lines.map((line) => line.about));
      for (const known of changes.keys()) if (!about.has(known)) changes.delete(known);
    },
    end: () => changes.clear(),
  };
}
