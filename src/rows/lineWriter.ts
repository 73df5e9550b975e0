import { powersOfTen, type Scale } from '../domain/decimals.ts';
import { encodeCell, nullCell } from './tsv.ts';

const [zero, point, minus, tab, newline] = [0x30, 0x2e, 0x2d, 0x09, 0x0a];
const [lastOfAscii, backslash, lastOfControls] = [0x7f, 0x5c, 0x1f];

/** A sign, sixteen digits, a point. */
const longestFigure = 18;
/** The most bytes that one UTF-16 unit takes, escaped or in UTF-8. */
const longestUnit = 3;

/** Writes lines of a row file directly as bytes, cell by cell; see tsv.ts for their form. */
export class LineWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  text(value: string): void {
    this.#makeRoom(value.length * longestUnit);
    const bytes = this.#bytes;
    const begin = this.#length;
    for (let at = 0; at < value.length; at += 1) {
      const unit = value.charCodeAt(at);
      if (unit > lastOfAscii || unit <= lastOfControls || unit === backslash) {
        this.#length = begin + bytes.write(encodeCell(value), begin);
        return;
      }
      bytes[begin + at] = unit;
    }
    this.#length = begin + value.length;
  }

  null(): void {
    this.#makeRoom(nullCell.length);
    this.#length += this.#bytes.write(nullCell, this.#length);
  }

  /**
   * A figure with so many decimals: `-1234` with 2 is `-12.34`.
   * @param scaled a whole number that a `number` holds exactly
   */
  figure(scaled: number, decimals: Scale): void {
    this.#makeRoom(longestFigure);
    if (scaled < 0) this.#byte(minus);
    const digits = scaled < 0 ? -scaled : scaled;
    const factor = powersOfTen[decimals]!;
    const fraction = digits % factor;
    const whole = (digits - fraction) / factor;
    this.#digits(whole, places(whole));
    if (decimals === 0) return;
    this.#byte(point);
    this.#digits(fraction, decimals);
  }

  /** Bytes that are already in the file's form; `to` is exclusive. */
  copy(source: Buffer, from: number, to: number): void {
    this.#makeRoom(to - from);
    const bytes = this.#bytes;
    // For the few bytes that cells have, Buffer's own `copy` takes longer.
    let length = this.#length;
    for (let at = from; at < to; at += 1) {
      bytes[length] = source[at]!;
      length += 1;
    }
    this.#length = length;
  }

  endCell(): void {
    this.#makeRoom(1);
    this.#byte(tab);
  }

  /** Replaces the end of the last cell. */
  endLine(): void {
    this.#bytes[this.#length - 1] = newline;
  }

  /** The bytes written since the last call; valid until the next cell is written. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #byte(byte: number): void {
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  /** The last `count` digits of a whole number. */
  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    const begin = this.#length;
    this.#length = begin + count;
    let at = begin + count - 1;
    let rest = value;
    for (; rest > largestInteger; at -= 1) {
      const digit = rest % 10;
      bytes[at] = zero + digit;
      rest = (rest - digit) / 10;
    }
    let integer = rest | 0;
    for (; at >= begin; at -= 1) {
      const tenth = (integer / 10) | 0;
      bytes[at] = zero + integer - tenth * 10;
      integer = tenth;
    }
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + bytes);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Larger numbers are divided as fractions, which takes several times as long. */
const largestInteger = 0x7fffffff;

/** The number of digits of a whole number. */
function places(whole: number): number {
  let digits = 1;
  for (let limit = 10; limit <= whole; limit *= 10) digits += 1;
  return digits;
}
