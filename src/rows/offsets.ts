/** Places in a file's bytes, one after the other. */
export class Offsets {
  /** Those that have been added; what follows them means nothing. Another array once they outgrow it. */
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
