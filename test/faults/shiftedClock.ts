/** A process's clock that can be set. The machine's cannot: other programs live by it. */

const RealDate = Date;
let shiftMilliseconds = 0;

class ShiftedDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(ShiftedDate.now());
    else super(...(given as [string]));
  }

  static override now(): number {
    return RealDate.now() + shiftMilliseconds;
  }

  /** What Node made by itself, e.g. a file's times, is a date too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.prototype.toString.call(value) === '[object Date]';
  }
}

/** Lets the clock of this process differ from the machine's by so many hours, from now on. */
export function shiftClock(hours: number): void {
  shiftMilliseconds = hours * 3_600_000;
  globalThis.Date = ShiftedDate as DateConstructor;
}
