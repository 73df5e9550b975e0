import { status } from '@grpc/grpc-js';
import pTimeout, { TimeoutError } from 'p-timeout';
import { isGrpcServiceError } from '@temporalio/client';
import { ConfigError } from '../../config.ts';
import { PipelineError } from '../../domain/failures.ts';
import { TemporalUnusable } from '../commandErrors.ts';
import { forHere } from '../output.ts';

/** The parts, in the order in which they are checked. */
export type Part = 'machine' | 'settings' | 'temporal' | 'files' | 'sources' | 'database' | 'portal';

export interface Finding {
  readonly part: Part;
  /**
   * `note`: works, but worth knowing. `unchecked`: something that the check needs was missing; that is reported by
   * itself.
   */
  readonly state: 'ok' | 'note' | 'problem' | 'unchecked';
  readonly what: string;
  /** A command to copy or a setting to change; present whenever there is something to do. */
  readonly remedy?: string;
}

/** A finding without its part, which the caller knows. */
export type Verdict = Omit<Finding, 'part'>;

export const ok = (what: string): Verdict => ({ state: 'ok', what });
export const note = (what: string, remedy: string): Verdict => ({ state: 'note', what, remedy });
export const problem = (what: string, remedy: string): Verdict => ({ state: 'problem', what, remedy });
const unchecked = (what: string): Verdict => ({ state: 'unchecked', what });

/** A healthy part answers within a second; a run would not wait longer than this either. */
const answerSeconds = 15;

/** Collects one part's findings as they come. Whatever a check throws becomes a finding and hides no other. */
export class PartExamination {
  readonly #part: Part;
  readonly #report: (finding: Finding) => void;

  constructor(part: Part, report: (finding: Finding) => void) {
    this.#part = part;
    this.#report = report;
  }

  add(verdict: Verdict): void {
    const { what, remedy } = verdict;
    this.#report({
      part: this.#part,
      ...verdict,
      what: forHere(what),
      ...(remedy === undefined ? {} : { remedy: forHere(remedy) }),
    });
  }

  /** `what` is the check that could not be made, `because` what it lacked. */
  unchecked(what: string, because: string): void {
    this.add(unchecked(`${what}: not checked, because ${because}`));
  }

  /** The result of `look`, or undefined if it threw or took too long, which then is a finding. */
  async look<Result>(
    what: string,
    look: () => Result | Promise<Result>,
    seconds: number = answerSeconds,
  ): Promise<Result | undefined> {
    try {
      return await pTimeout(Promise.resolve(look()), {
        milliseconds: seconds * 1000,
        message: `no answer within ${String(seconds)} s`,
      });
    } catch (error) {
      this.add(verdictOf(what, error));
      return undefined;
    }
  }

  /** A check that returns one verdict or several. */
  async check(what: string, look: () => Verdict | Verdict[] | Promise<Verdict | Verdict[]>): Promise<void> {
    const verdicts = await this.look(what, look);
    for (const verdict of [verdicts ?? []].flat()) this.add(verdict);
  }
}

/** Repeats only this program's own messages: the text of drivers and libraries may hold a secret. */
export function verdictOf(what: string, error: unknown): Verdict {
  if (error instanceof PipelineError || error instanceof TemporalUnusable) {
    const type = error instanceof PipelineError ? `${error.type}: ` : '';
    return problem(`${what}: ${type}${error.message}`, error.hint);
  }
  if (error instanceof ConfigError) {
    return problem(
      `${what}: ${error.problems.join('; ')}`,
      'Set what is named there; README.md lists the variables.',
    );
  }
  if (error instanceof TimeoutError) {
    return problem(
      `${what}: ${error.message}`,
      'See whether that server or disk hangs, then run this again.',
    );
  }
  if (isGrpcServiceError(error)) {
    return problem(
      `${what}: Temporal answers with ${status[error.code]}`,
      'See whether the server is up, and whether the API key or certificate in TEMPORAL_… may ask for this.',
    );
  }
  return problem(
    `${what}: failed unexpectedly (${nameOf(error)})`,
    'This is a defect of the check, or an answer that it does not know: report it with this line.',
  );
}

/** Class and code of an error: names from a fixed list, never free text. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code: unknown = 'code' in error ? error.code : undefined;
  const shown = typeof code === 'string' || typeof code === 'number' ? ` ${String(code)}` : '';
  return `${error.constructor.name}${shown}`;
}
