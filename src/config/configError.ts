/** All that is wrong with the configuration at once, so that it is mended in one go. Never holds a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One sentence each: the file and line or the variable, what it got, what it wanted. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
