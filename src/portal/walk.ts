import type { BrowserContext, Dialog, Page } from 'playwright';
import type { Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import type { Arriving } from './arriving.ts';
import type { OriginGuard } from './originGuard.ts';
import type { PlainValues, Secrets } from './placeholders.ts';
import type { Recipe, Step } from './recipeSchema.ts';
import type { Search } from './targets.ts';
import type { Traffic } from './traffic.ts';

export type Section = 'login' | 'report' | 'download' | 'logout';

export interface PortalProgress {
  readonly step: string;
  /** 0–100, if the recipe says where the portal shows it. */
  readonly percent?: number;
}

/** The number of records that the portal showed at one step. */
export interface ReadCount {
  readonly step: string;
  readonly count: number;
}

/** Everything that the steps of one walk through the portal share. */
export interface Walk {
  readonly recipe: Recipe;
  readonly section: Section;
  readonly context: BrowserContext;
  readonly traffic: Traffic;
  readonly dialogs: Dialogs;
  readonly guard: OriginGuard;
  readonly arriving: Arriving;
  readonly values: PlainValues;
  readonly secrets: Secrets;
  readonly report: { readonly name: ReportName; readonly period: Period } | undefined;
  /** The numbers of records that steps of this walk have read. */
  readonly counts: ReadCount[];
  /** Aborted when the caller cancels, when the browser ends, and when a step hangs. */
  readonly halt: AbortSignal;
  readonly onProgress: (progress: PortalProgress) => void;
  /** Called right before the click or key that sends the password. */
  readonly beforePasswordSubmit: () => Promise<void>;
  /** Called after each step; the next one waits for it. */
  readonly onStep?: (step: Step, outcome: StepOutcome) => Promise<void>;
}

/** `not wanted`: by `reports`, `if` or `unless`. `not there`: an optional step that had nothing to do. */
export type StepOutcome = 'done' | 'not wanted' | 'not there';

/** Open pages, newest first: a person looks at a new window first. */
export function openPages(context: BrowserContext): Page[] {
  return context
    .pages()
    .filter((page) => !page.isClosed())
    .toReversed();
}

export function searchOf(walk: Walk): Search {
  return { pages: () => openPages(walk.context), values: walk.values };
}

/** More messages than this in one export would be a loop of the portal's. */
const messageLimit = 20;

/** Answers the browser's own dialogs (alert, confirm, prompt) and remembers their messages for the signs. */
export class Dialogs {
  /** The answer that the running step wants; without one, only dialogs that cannot be declined are accepted. */
  answer: 'accept' | 'dismiss' | undefined;
  readonly #messages: string[] = [];

  constructor(context: BrowserContext) {
    context.on('dialog', (dialog) => void this.#meet(dialog));
  }

  get messages(): readonly string[] {
    return this.#messages;
  }

  forget(): void {
    this.#messages.length = 0;
  }

  async #meet(dialog: Dialog): Promise<void> {
    if (this.#messages.length < messageLimit) this.#messages.push(dialog.message());
    const unavoidable = dialog.type() === 'alert' || dialog.type() === 'beforeunload';
    const accept = this.answer === undefined ? unavoidable : this.answer === 'accept';
    try {
      await (accept ? dialog.accept() : dialog.dismiss());
    } catch {
      // The dialog's page is gone, which answers it as well.
    }
  }
}
