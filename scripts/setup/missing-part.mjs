/** A part that is nowhere and cannot be fetched here. The message says what a person can install. */
export class MissingPart extends Error {
  /**
   * @param {string} part
   * @param {readonly string[]} tried what was looked at, in order
   * @param {readonly string[]} remedies what would help, the easiest first
   */
  constructor(part, tried, remedies) {
    super(
      [
        `${part} is missing, and it could not be fetched here.`,
        'Tried:',
        ...tried.map((line) => `  - ${line}`),
        'Any one of these helps:',
        ...remedies.map((line) => `  - ${line}`),
      ].join('\n'),
    );
    this.name = 'MissingPart';
  }
}
