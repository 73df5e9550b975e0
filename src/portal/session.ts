import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { PipelineError } from '../domain/failures.ts';
import { periodText, type Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import { downloadExport, seeExport, type DownloadedExport } from './download.ts';
import { captureEvidence, type Evidence, type SealEvidence } from './evidence.ts';
import { logIn, type LoginGuard } from './login.ts';
import {
  closeGuardedBrowser,
  maskingFor,
  newWalk,
  openGuardedBrowser,
  type GuardedBrowser,
  type PortalCredentials,
  type PortalReach,
  type WalkParts,
} from './guardedBrowser.ts';
import type { Masking } from './maskText.ts';
import { OneTimeCodes } from './oneTimeCode.ts';
import { offeredText } from './outline.ts';
import type { Recipe } from './recipeSchema.ts';
import { seenOf } from './signs.ts';
import { walkSteps, StepFailed } from './steps.ts';
import { isVisible } from './targets.ts';
import { GuardRefused, PortalTrouble, safeCause, SessionLost, troubleFrom } from './trouble.ts';
import { searchOf, type PortalProgress, type Section, type Walk } from './walk.ts';
import { settledWithin, unlessAborted, waitUntil } from './waiting.ts';

export type { DownloadedExport } from './download.ts';

/** How long to wait until evidence, a few small files, is kept; what takes longer continues by itself. */
const keepSeconds = 60;

export interface PortalOptions extends PortalReach {
  readonly recipe: Recipe;
  readonly credentials: PortalCredentials;
  /** Each failure gets its own folder in here. */
  readonly evidenceDirectory: string;
  readonly sealEvidence?: SealEvidence | undefined;
  /** Moves such a folder to where every engineer finds it. */
  readonly keepEvidence?: (folder: string) => Promise<void>;
  /** Leaves patient data readable in the evidence. Secrets are always masked. */
  readonly showPatientData: boolean;
  /** Called each time the browser has closed: failed, cancelled or by `close`. */
  readonly onClosed?: (outcome: CloseOutcome) => void;
}

interface CloseOutcome {
  /** False if the portal was not signed in to, or did not let us log out in time. */
  readonly loggedOut: boolean;
}

/** One report of one period, and how to get there. */
export interface WalkRequest extends LoginGuard {
  readonly report: ReportName;
  readonly period: Period;
  readonly onProgress: (progress: PortalProgress) => void;
  readonly signal: AbortSignal;
}

export interface ExportRequest extends WalkRequest {
  /** This attempt's own folder, in which the export is saved. */
  readonly attemptDirectory: string;
}

/** The last step of a walk, after the report's own steps. */
type LastStep<Result> = (walk: Walk) => Promise<Result>;

/** A signed-in page shows so at once; one that is still drawing gets this long. */
const stillSignedInSeconds = 5;
/** How long a logout waits, within its own limit, for the response to a password that was just sent. */
const answerMilliseconds = 1000;
/** One more login recovers a lost session; a portal that drops us again is out of order. */
const loginsPerExport = 2;

/**
 * One login to the portal. Its browser is kept for the next export until `close`. A failure closes the browser, so that
 * the next export begins from a clean page. The login queue calls it, one call after the other, and says when an idle
 * session ends.
 */
export class PortalSession {
  readonly #options: PortalOptions;
  readonly #codes: OneTimeCodes;
  #live: GuardedBrowser | undefined;

  private constructor(options: PortalOptions) {
    this.#options = options;
    this.#codes = new OneTimeCodes(options.credentials.totpSecret);
  }

  /** Cheap: browser and login wait for the first export. */
  static open(options: PortalOptions): PortalSession {
    return new PortalSession(options);
  }

  /** Whether the browser is running. A closed session reopens at the next export. */
  get isOpen(): boolean {
    return this.#live !== undefined && this.#live.browser.isConnected();
  }

  /**
   * @throws PipelineError of the portal's and the export's types; what `beforePasswordSubmit` throws; the
   *   signal's reason once it is aborted. The browser is closed by then.
   */
  async exportReport(request: ExportRequest): Promise<DownloadedExport> {
    return this.#walkThrough(request, async (walk) => {
      await mkdir(request.attemptDirectory, { recursive: true, mode: 0o700 });
      return downloadExport(walk, request.attemptDirectory);
    });
  }

  /** Does everything that `exportReport` does before the export, and nothing after. @throws as `exportReport` does. */
  async rehearse(request: WalkRequest): Promise<void> {
    await this.#walkThrough(request, seeExport);
  }

  async #walkThrough<Result>(request: WalkRequest, last: LastStep<Result>): Promise<Result> {
    this.#assertHas(request.report);
    try {
      return await this.#walked(request, last);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #assertHas(report: ReportName): void {
    const { portal, reports } = this.#options.recipe;
    if (reports[report] !== undefined) return;
    throw new PipelineError('InvalidInput', `the recipe "${portal}" has no report ${report}`, {
      hint: `Say under reports of the recipe what the portal calls it; if the portal has no such report, hand in a file with --file.`,
      details: { report },
    });
  }

  /** Logs out and closes the browser within seconds, whatever their state. The next export opens another one. */
  async close(): Promise<void> {
    const live = this.#live;
    if (live === undefined) return;
    this.#live = undefined;
    const loggedOut = await this.#logOut(live);
    await closeGuardedBrowser(live);
    this.#options.onClosed?.({ loggedOut });
  }

  async #walked<Result>(request: WalkRequest, last: LastStep<Result>): Promise<Result> {
    request.signal.throwIfAborted();
    const live = await this.#liveBrowser();
    const halt = AbortSignal.any([request.signal, live.ended.signal]);
    try {
      return await this.#withFreshLogin(live, { request, halt, last });
    } catch (error) {
      request.signal.throwIfAborted();
      throw await this.#translated(error, live, request);
    }
  }

  async #liveBrowser(): Promise<GuardedBrowser> {
    if (this.#live !== undefined && !this.isOpen) await this.close();
    try {
      this.#live ??= await openGuardedBrowser(this.#options);
      return this.#live;
    } catch (error) {
      throw pipelineError(troubleFrom(error), {});
    }
  }

  async #withFreshLogin<Result>(
    live: GuardedBrowser,
    { request, halt, last }: { request: WalkRequest; halt: AbortSignal; last: LastStep<Result> },
  ): Promise<Result> {
    for (let logins = 0; ; logins += 1) {
      try {
        live.traffic.forget();
        live.dialogs.forget();
        if (!(await this.#isStillSignedIn(live, request, halt))) {
          await this.#signIn(live, request, halt);
        }
        const walk = this.#walk('report', live, halt, request);
        await walkSteps(this.#options.recipe.report, walk);
        return await last({ ...walk, section: 'download' });
      } catch (error) {
        if (!(error instanceof SessionLost) || logins + 1 >= loginsPerExport) throw error;
        live.signedIn = false;
      }
    }
  }

  async #signIn(live: GuardedBrowser, request: WalkRequest, halt: AbortSignal): Promise<void> {
    let isSent = false;
    const beforePasswordSubmit = async () => {
      await request.beforePasswordSubmit();
      isSent = true;
    };
    const guard: LoginGuard = { ...request, beforePasswordSubmit };
    try {
      await logIn(this.#walk('login', live, halt, request), guard);
      live.signedIn = true;
    } catch (error) {
      // Given up after the password was sent: the portal may have opened a session all the same, which the end
      // logs out.
      live.signedIn = isSent && request.signal.aborted;
      throw error;
    }
  }

  async #isStillSignedIn(live: GuardedBrowser, request: WalkRequest, halt: AbortSignal): Promise<boolean> {
    if (!live.signedIn) return false;
    const walk = this.#walk('report', live, halt, request);
    const check = async () => {
      const lost = await seenOf(this.#options.recipe.sessionLost, walk);
      live.signedIn =
        !lost.includes(true) && (await isVisible(this.#options.recipe.signedIn, searchOf(walk)));
    };
    const answered = await settledWithin(unlessAborted(check(), halt), stillSignedInSeconds * 1000);
    return answered && live.signedIn;
  }

  #walk(section: Section, live: GuardedBrowser, halt: AbortSignal, request?: WalkRequest): Walk {
    return newWalk(live, this.#parts(section, halt, request));
  }

  #parts(section: Section, halt: AbortSignal, request?: WalkRequest): WalkParts {
    const { recipe, url, credentials } = this.#options;
    const report = request === undefined ? undefined : { name: request.report, period: request.period };
    return {
      recipe,
      section,
      url,
      credentials,
      codes: this.#codes,
      halt,
      report,
      onProgress: request?.onProgress,
    };
  }

  async #translated(error: unknown, live: GuardedBrowser, request: WalkRequest): Promise<unknown> {
    if (live.ended.signal.aborted) return pipelineError(troubleFrom(live.ended.signal.reason), {});
    if (error instanceof GuardRefused) return error.cause;
    if (error instanceof StepFailed) return this.#withEvidence(error, live, request);
    if (error instanceof SessionLost) {
      const trouble = new PortalTrouble('PortalUnavailable', 'session lost again');
      return this.#withEvidence(new StepFailed('stay signed in', 'session', trouble), live, request);
    }
    // An error of the guard after a login already is a PipelineError.
    return error instanceof PipelineError ? error : pipelineError(troubleFrom(error), {});
  }

  async #withEvidence(
    failed: StepFailed,
    live: GuardedBrowser,
    request: WalkRequest,
  ): Promise<PipelineError> {
    const { recipe, evidenceDirectory, sealEvidence } = this.#options;
    const { stepName, action, trouble } = failed;
    const { report, period } = request;
    const facts = { portal: recipe.portal, step: stepName, action, ...trouble.details };
    const step = {
      ...facts,
      type: trouble.type,
      message: trouble.message,
      hint: trouble.hint,
      report,
      period,
    };
    const evidence = await captureEvidence(evidenceDirectory, {
      browser: live.browser,
      context: live.context,
      console: live.console,
      masking: this.#masking(request),
      seal: sealEvidence,
      step: { ...step, failedAt: new Date().toISOString() },
      label: `${report}-${periodText(period)}`,
    });
    const { offered, name } = evidence;
    const moved = this.#options.keepEvidence?.(join(evidenceDirectory, name));
    if (moved !== undefined) await settledWithin(moved, keepSeconds * 1000);
    const { signedIn } = live;
    return pipelineError(
      trouble,
      { ...facts, signedIn, offered, evidence: name },
      messageOf(recipe, failed, evidence),
    );
  }

  #masking(request: WalkRequest): Masking {
    const report = { name: request.report, period: request.period };
    const parts = { ...this.#parts('report', request.signal), report };
    return maskingFor(parts, this.#options);
  }

  /** A courtesy to the portal, and bounded: the session ends with the browser anyway. */
  async #logOut(live: GuardedBrowser): Promise<boolean> {
    const { logout, patience } = this.#options.recipe;
    if (!live.signedIn || logout.length === 0 || !live.browser.isConnected()) return false;
    const tooLate = AbortSignal.timeout(patience.logoutSeconds * 1000);
    const walk = this.#walk('logout', live, AbortSignal.any([tooLate, live.ended.signal]));
    let loggedOut = false;
    const leave = async () => {
      await untilAnswered(live, tooLate);
      // The page that a login still brings interrupts the first attempt.
      await walkSteps(logout, walk).catch(() => walkSteps(logout, walk));
      loggedOut = true;
    };
    await settledWithin(leave(), patience.logoutSeconds * 1000);
    return loggedOut;
  }
}

/** The response to a password that was just sent brings the cookie without which nobody can log out. */
async function untilAnswered({ traffic }: GuardedBrowser, halt: AbortSignal): Promise<void> {
  const isAnswered = async () => {
    const { sent, answered, unheard } = traffic.submissions;
    return sent <= answered + unheard || undefined;
  };
  const deadline = Date.now() + answerMilliseconds;
  await waitUntil(isAnswered, { deadline, halt, onLook: async () => {} });
}

function messageOf(recipe: Recipe, { stepName, trouble }: StepFailed, evidence: Evidence): string {
  const offers =
    trouble.type === 'PortalLayoutChanged' ? ` The page offers ${offeredText(evidence.offered)}.` : '';
  const what = /[.]$/.test(trouble.message) ? trouble.message : `${trouble.message}.`;
  return `Step "${stepName}" of the recipe "${recipe.portal}": ${what}${offers} Evidence: ${evidence.name}`;
}

function pipelineError(
  trouble: PortalTrouble,
  details: Record<string, unknown>,
  message: string = trouble.message,
): PipelineError {
  return new PipelineError(trouble.type, message, {
    hint: trouble.hint,
    ...(trouble.retry === undefined ? {} : { retry: trouble.retry }),
    details: { ...trouble.details, ...details },
    ...(trouble.cause === undefined ? {} : { cause: safeCause(trouble.cause) }),
  });
}
