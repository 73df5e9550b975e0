import { settledWithin } from './waiting.ts';

/** A slow portal may need longer; what a page sends meanwhile, such as a sign of life, is then sent beside it. */
const answerSeconds = 10;

/**
 * The portal must not receive a password twice, because each one counts. Chromium sends any request again if its
 * connection was used before, or opened in advance, and breaks off without an answer
 * (`HttpNetworkTransaction::ShouldResendRequest`); on a new connection it does not. So each submission gets a new one.
 * That ends the others, so it first waits until the submission before it is answered.
 */
export class SubmissionTurns {
  readonly #renewConnections: (url: string) => Promise<void>;
  readonly #answered = new Map<string, () => void>();
  #allAnswered: Promise<unknown> = Promise.resolve();
  #newest: string | undefined;

  /** `renewConnections` ends those to the address's origin. */
  constructor(renewConnections: (url: string) => Promise<void>) {
    this.#renewConnections = renewConnections;
  }

  /** Returns when the submission may be sent. Call `end` with its answer. */
  async begin(id: string, url: string): Promise<void> {
    const before = this.#allAnswered;
    const answered = new Promise<void>((resolve) => this.#answered.set(id, resolve));
    this.#allAnswered = Promise.all([before, answered]);
    if (!(await settledWithin(before, answerSeconds * 1000))) return;
    this.#newest = url;
    await this.#renewConnections(url);
  }

  /** Whether a page of another origin asks if it may send the submission (a preflight). */
  isQuestionOf(url: string): boolean {
    return url === this.#newest;
  }

  /** The question leaves a used connection behind. */
  async endQuestion(url: string): Promise<void> {
    await this.#renewConnections(url);
  }

  end(id: string): void {
    this.#answered.get(id)?.();
    this.#answered.delete(id);
  }
}
