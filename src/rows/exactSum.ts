/** Half of what a number holds exactly, so that one more figure of at most 14 digits still fits. */
const carryAt = 2 ** 52;

/** Adds figures exactly, however many: what exceeds a number's exact range is carried into a `bigint`. */
export class ExactSum {
  #recent = 0;
  #carried = 0n;

  /** @param figure a whole number of at most 14 digits */
  add(figure: number): void {
    this.#recent += figure;
    if (this.#recent >= carryAt || this.#recent <= -carryAt) this.#carry();
  }

  get total(): bigint {
    return this.#carried + BigInt(this.#recent);
  }

  #carry(): void {
    this.#carried += BigInt(this.#recent);
    this.#recent = 0;
  }
}
