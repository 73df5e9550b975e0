/** Positions in a file's bytes, in order. */
export class Offsets {
  /** The added values; entries beyond them mean nothing. Replaced by a larger array when full. */
  values = new Int32Array(4096);
  length = 0;

  add(offset: number): void {
    if (this.length === this.values.length) this.#enlarge();
    this.values[this.length] = offset;
    this.length += 1;
  }

  #enlarge(): void {
    const larger = new Int32Array(2 * this.values.length);
    larger.set(this.values);
    this.values = larger;
  }
}
