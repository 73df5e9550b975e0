import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { printable } from '../domain/printable.ts';

/** Used if the terminal does not report its size. */
const defaultColumns = 100;
const defaultRows = 24;

/** Lines at the end of a terminal that are drawn over in place. */
export class DrawnLines {
  readonly #stream: NodeJS.WriteStream;
  #shown: readonly string[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  draw(lines: readonly string[]): void {
    const [columns, rows] = [this.#stream.columns || defaultColumns, this.#stream.rows || defaultRows];
    // A line that wraps, or has scrolled away, cannot be drawn over.
    const fitting = lines.slice(0, rows - 1).map((line) => cut(printable(line), columns - 1));
    if (fitting.join('\n') === this.#shown.join('\n')) return;
    this.clear();
    this.#stream.write(fitting.map((line) => `${line}\n`).join(''));
    this.#shown = fitting;
  }

  /** Leaves what is drawn where it is: the next lines come below it. */
  keep(): void {
    this.#shown = [];
  }

  clear(): void {
    if (this.#shown.length === 0) return;
    moveCursor(this.#stream, 0, -this.#shown.length);
    cursorTo(this.#stream, 0);
    clearScreenDown(this.#stream);
    this.#shown = [];
  }
}

function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
