import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../domain/failures.ts';
import { periodText, type Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import { downloadExport, type DownloadedExport } from './download.ts';
import { captureEvidence, type SealEvidence } from './evidence.ts';
import { foundBy, type Found } from './foundBy.ts';
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
import { logIn, type LoginGuard } from './login.ts';
import { maskText, type Masking } from './maskText.ts';
import { namesNear, type NamedElement } from './namesNear.ts';
import { OneTimeCodes } from './oneTimeCode.ts';
import { outlineOf } from './outline.ts';
import type { Recipe, Step } from './recipeSchema.ts';
import { seePage, type SeenPage } from './seenPage.ts';
import { walkSteps, StepFailed } from './steps.ts';
import { GuardRefused, PortalTrouble, SessionLost, troubleFrom } from './trouble.ts';
import { openPages, type ReadCount, type Section, type StepOutcome, type Walk } from './walk.ts';
import { settledWithin, unlessAborted } from './waiting.ts';

export interface TryOptions extends PortalReach {
  readonly credentials: PortalCredentials;
  readonly report: { readonly name: ReportName; readonly period: Period };
  /** Masked evidence of a failed step. */
  readonly evidenceDirectory: string;
  readonly sealEvidence?: SealEvidence | undefined;
  /** Whether what pages show may be passed on: only to the author's own terminal. Secrets never are. */
  readonly showPages: boolean;
  readonly guard: LoginGuard;
  readonly onStep: (tried: TriedStep) => void;
  readonly signal: AbortSignal;
}

export interface TriedStep {
  readonly section: Section;
  readonly name: string;
  readonly outcome: StepOutcome;
  readonly seconds: number;
  /** What the step looked for, in the recipe's words, and what the page shows there. */
  readonly found: string;
}

/**
 * A place in a recipe: before this step of this section. The index behind the last login step: the check of
 * `signedIn`.
 */
export interface RecipePlace {
  readonly section: 'login' | 'report' | 'download';
  readonly index: number;
}

export interface TryStop extends RecipePlace {
  readonly kind: 'failed';
  readonly name: string;
  readonly type: string;
  readonly message: string;
  readonly hint: string;
  readonly nearest: readonly string[];
  readonly outline: readonly string[];
  readonly evidence: string;
  /** False if the portal has ended the session, or the password would have to be sent again. */
  readonly canGoOn: boolean;
}

export type TryEnd =
  /** The step that `until` names is done. */
  | ({ readonly kind: 'reached' } & RecipePlace)
  | { readonly kind: 'exported'; readonly exported: DownloadedExport; readonly dispose: () => Promise<void> }
  | TryStop;

export const startOfRecipe: RecipePlace = { section: 'login', index: 0 };

/**
 * Runs a recipe step by step in one browser, which stays open when a step fails, so that a corrected recipe can go on
 * from there. The password is sent at most once in its life.
 */
export class RecipeTry {
  readonly #options: TryOptions;
  readonly #live: GuardedBrowser;
  readonly #codes: OneTimeCodes;
  readonly #halt: AbortSignal;
  readonly #counts: ReadCount[] = [];
  #submitted = false;
  #rejected = false;

  private constructor(options: TryOptions, live: GuardedBrowser) {
    this.#options = options;
    this.#live = live;
    this.#codes = new OneTimeCodes(options.credentials.totpSecret);
    this.#halt = AbortSignal.any([options.signal, live.ended.signal]);
  }

  static async open(options: TryOptions): Promise<RecipeTry> {
    return new RecipeTry(options, await openGuardedBrowser(options));
  }

  /** @throws the signal's reason; PipelineError if the browser has ended, or the guard refuses the login. */
  async run(recipe: Recipe, from: RecipePlace, until?: RecipePlace): Promise<TryEnd> {
    const at = { ...from };
    try {
      return await this.#from(recipe, at, until);
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof GuardRefused) throw error.cause;
      if (this.#live.ended.signal.aborted || error instanceof PipelineError) throw error;
      return this.#stopped(recipe, at, error);
    }
  }

  async #from(recipe: Recipe, at: Mutable, until: RecipePlace | undefined): Promise<TryEnd> {
    if (at.section === 'login') {
      await this.#login(recipe, at);
      if (until?.section === 'login') return { kind: 'reached', section: 'report', index: 0 };
      Object.assign(at, { section: 'report', index: 0 });
    }
    if (at.section === 'report') {
      if (at.index === 0) this.#counts.length = 0;
      const end = until?.section === 'report' ? until.index + 1 : recipe.report.length;
      const walk = this.#walk(recipe, 'report', at);
      await walkSteps(recipe.report.slice(at.index, end), walk);
      if (until?.section === 'report') return { kind: 'reached', section: 'report', index: end };
      Object.assign(at, { section: 'download', index: 0 });
    }
    return this.#download(recipe);
  }

  /** The portal's answer to the password must be known, so a login runs to its end, whatever step was asked for. */
  async #login(recipe: Recipe, at: Mutable): Promise<void> {
    const { guard } = this.#options;
    const once: LoginGuard = {
      beforePasswordSubmit: async () => {
        if (this.#submitted) throw sentBefore();
        await guard.beforePasswordSubmit();
        this.#submitted = true;
      },
      afterLogin: async (answer) => {
        this.#rejected = typeof answer === 'object';
        await guard.afterLogin(answer);
      },
    };
    let last = Date.now();
    const walk = this.#walk(recipe, 'login', at, () => (last = Date.now()));
    const resumed = this.#submitted;
    await logIn(walk, once, recipe.login.slice(at.index));
    // A login that a person has corrected on the way was accepted after all.
    if (resumed) await guard.afterLogin('accepted');
    this.#live.signedIn = true;
    this.#options.onStep({
      section: 'login',
      name: 'signed in',
      outcome: 'done',
      seconds: (Date.now() - last) / 1000,
      found: '',
    });
  }

  async #download(recipe: Recipe): Promise<TryEnd> {
    const began = Date.now();
    const folder = await mkdtemp(join(this.#live.arriving.folder, 'tried-'));
    const dispose = () => rm(folder, { recursive: true, force: true });
    try {
      const walk = this.#walk(recipe, 'download', { section: 'download', index: 0 });
      const exported = await downloadExport(walk, folder);
      const seconds = (Date.now() - began) / 1000;
      const { name } = recipe.download;
      this.#options.onStep({ section: 'download', name, outcome: 'done', seconds, found: 'a file' });
      return { kind: 'exported', exported, dispose };
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  #parts(recipe: Recipe, section: Section): WalkParts & { report: TryOptions['report'] } {
    const { url, credentials, report } = this.#options;
    return { recipe, section, url, credentials, codes: this.#codes, halt: this.#halt, report };
  }

  /** `at` moves on with each step. */
  #walk(recipe: Recipe, section: Section, at: Mutable, onDone: () => void = () => {}): Walk {
    this.#live.traffic.forget();
    this.#live.dialogs.forget();
    const walk = newWalk(this.#live, this.#parts(recipe, section));
    const masking = this.#masking(recipe, this.#options.showPages);
    let began = Date.now();
    const onStep = async (step: Step, outcome: StepOutcome) => {
      const seconds = (Date.now() - began) / 1000;
      const found = outcome === 'done' ? foundText(await foundBy(step, walk), masking) : '';
      this.#options.onStep({ section, name: step.name, outcome, seconds, found });
      at.index += 1;
      onDone();
      began = Date.now();
    };
    return { ...walk, counts: this.#counts, onStep };
  }

  #masking(recipe: Recipe, showPatientData: boolean): Masking {
    return maskingFor(this.#parts(recipe, 'report'), { showPatientData });
  }

  async #stopped(recipe: Recipe, at: RecipePlace, error: unknown): Promise<TryStop> {
    const failed = asStepFailure(error);
    const { stepName: name, action, trouble } = failed;
    const shown = this.#masking(recipe, this.#options.showPages);
    const pages = await this.#pages();
    const { report } = this.#options;
    const { name: evidence } = await captureEvidence(this.#options.evidenceDirectory, {
      browser: this.#live.browser,
      context: this.#live.context,
      console: this.#live.console,
      masking: this.#masking(recipe, false),
      seal: this.#options.sealEvidence,
      step: { portal: recipe.portal, step: name, action, type: trouble.type, message: trouble.message },
      label: `try-${report.name}-${periodText(report.period)}`,
    });
    return {
      ...at,
      kind: 'failed',
      name,
      type: trouble.type,
      message: trouble.message,
      hint: trouble.hint,
      nearest: namesNear(recipe, at, pages).flatMap((each) => displayText(each, shown) ?? []),
      outline: pages.flatMap((page) => outlineOf(page, shown).lines),
      evidence,
      canGoOn: !(error instanceof SessionLost) && !this.#rejected,
    };
  }

  async #pages(): Promise<SeenPage[]> {
    const looks = openPages(this.#live.context)
      .slice(0, pageLimit)
      .map((page) => seePage(page));
    const seen = await unlessAborted(Promise.allSettled(looks), this.#halt);
    return seen.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  }

  /** Logs out, as far as the recipe says how, and closes the browser. */
  async close(recipe: Recipe): Promise<void> {
    const { logout, patience } = recipe;
    const live = this.#live;
    if (live.signedIn && logout.length > 0 && live.browser.isConnected()) {
      const milliseconds = patience.logoutSeconds * 1000;
      const halt = AbortSignal.any([AbortSignal.timeout(milliseconds), live.ended.signal]);
      const parts = { ...this.#parts(recipe, 'logout'), report: undefined, halt };
      await settledWithin(walkSteps(logout, newWalk(live, parts)), milliseconds);
    }
    await closeGuardedBrowser(live);
  }
}

type Mutable = { -readonly [Key in keyof RecipePlace]: RecipePlace[Key] };

/** More open pages than this say nothing about a failed step. */
const pageLimit = 4;

function asStepFailure(error: unknown): StepFailed {
  if (error instanceof StepFailed) return error;
  if (error instanceof SessionLost) {
    const lost = new PortalTrouble('PortalUnavailable', 'the portal has ended the session', {
      hint: 'Start again. If it ends at the same step each time, look at the signs of sessionLost.',
    });
    return new StepFailed('stay signed in', 'session', lost);
  }
  return new StepFailed('work the browser', 'browser', troubleFrom(error));
}

function sentBefore(): PipelineError {
  return new PipelineError('InvalidInput', 'The password was sent once already, and is not sent again.', {
    hint: 'Start again: npm run client -- recipe try',
  });
}

function foundText({ what, shown }: Found, masking: Masking): string {
  if (shown === undefined || shown === '') return what;
  return `${what}: ${JSON.stringify(maskText(shown, masking))}`;
}

/** `button "Export report"`, or undefined where only its shape may be shown. */
function displayText({ role, name }: NamedElement, masking: Masking): string | undefined {
  const shown = maskText(name, masking);
  return masking.showPatientData || shown === name ? `${role} "${shown}"` : undefined;
}
