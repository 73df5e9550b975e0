/** Every mistake in the configuration at once, so that all can be fixed in one go. Never holds a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One sentence each: the file and line or the variable, the value, what was wanted. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
