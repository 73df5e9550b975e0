import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { printable } from '../domain/printable.ts';
import type { PeriodsNow, ProgressNow, RunNow } from './progressNow.ts';
import { endedOf, periodsWords, periodWords, runWords, stepCount, stepsDone } from './progressWords.ts';
import { TimeLeft } from './timeLeft.ts';

const barColumns = 16;
/** Space for the bar and the counts beside the words; a line that wraps would be redrawn again and again. */
const fixedColumns = barColumns + 12;
const defaultColumns = 100;
const endings = ['SIGINT', 'SIGTERM'] as const;

/**
 * Progress bars on a terminal: one for a run; for a daily run or a backfill one for all periods and one for each period
 * in progress. They vanish at the end, when the result says more.
 */
export class ProgressBars {
  readonly #stream: NodeJS.WriteStream;
  readonly #bars: MultiBar;
  readonly #timeLeft = new TimeLeft();
  #whole: SingleBar | undefined;
  /** One per period in progress; when a period ends, the next one takes its bar. */
  readonly #slots: SingleBar[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#bars = new MultiBar(
      {
        format: '{bar} {place} {words}',
        barsize: barColumns,
        hideCursor: true,
        clearOnComplete: true,
        // Its handler would stop the bars and swallow the signal.
        gracefulExit: false,
        stream,
      },
      Presets.rect,
    );
    for (const signal of endings) process.once(signal, this.#end);
  }

  show(now: ProgressNow, at = new Date()): void {
    if (now.kind === 'run') this.#showRun(now.run);
    else this.#showPeriods(now.periods, at);
  }

  stop(): void {
    for (const signal of endings) process.off(signal, this.#end);
    this.#bars.stop();
  }

  /** Ctrl-C ends this program, as it would without bars, and restores the terminal's cursor; the run continues. */
  readonly #end = (signal: NodeJS.Signals): void => {
    this.stop();
    process.kill(process.pid, signal);
  };

  #showRun(run: RunNow): void {
    const done = stepsDone(run);
    this.#whole ??= this.#bars.create(stepCount, 0);
    this.#draw(this.#whole, done, `${String(Math.floor(done ?? 0))}/${String(stepCount)}`, runWords(run));
  }

  #showPeriods(periods: PeriodsNow, at: Date): void {
    const total = periods.progress?.total ?? 0;
    const ended = endedOf(periods);
    this.#whole ??= this.#bars.create(Math.max(total, 1), 0);
    this.#whole.setTotal(Math.max(total, 1));
    const words = periodsWords(periods, this.#timeLeft.see(periods, at));
    this.#draw(this.#whole, ended, `${String(ended)}/${String(total)}`, words);
    this.#fitSlots(periods.running.length);
    periods.running.forEach((run, slot) => {
      this.#draw(this.#slots[slot]!, stepsDone(run) ?? 0, '', `${periodWords(run)} ${runWords(run)}`);
    });
  }

  #fitSlots(count: number): void {
    while (this.#slots.length < count) {
      this.#slots.push(this.#bars.create(stepCount, 0, { place: '', words: '' }));
    }
    while (this.#slots.length > count) this.#bars.remove(this.#slots.pop()!);
  }

  /** Between two steps the bar keeps its place. */
  #draw(bar: SingleBar, done: number | undefined, place: string, words: string): void {
    const room = Math.max(20, (this.#stream.columns || defaultColumns) - fixedColumns);
    const payload = { place, words: printable(words).slice(0, room) };
    if (done === undefined) bar.update(payload);
    else bar.update(done, payload);
  }
}
