import type { BrowserContext, Page } from 'playwright';
import { z } from 'zod';
import { settledWithin } from '../waiting.ts';

/**
 * Playwright's recorder, which its code generator uses, is no public API: `_startRecording` of the version that
 * package.json pins. Only this file knows it. test/real/portal/record.test.ts fails when a new version changes it.
 */

/** A way to an element, from the outermost part to the element itself. */
export interface RecordedLocator {
  /** `role`, `label`, `text`, `placeholder`, `title`, `alt`, `test-id`, `default` (CSS), `frame`, `first`, `nth`, … */
  readonly kind: string;
  readonly body: string;
  /** The accessible name, for a role. */
  readonly name: string | undefined;
}

/** What a person did, as it stood when it was done. Its texts may be secrets or identify a person. */
export interface RecordedAction {
  readonly kind: string;
  readonly locator: readonly RecordedLocator[];
  /** The element's mark in the snapshot. */
  readonly ref: string | undefined;
  /** Roles, names and texts of the element's frame, as Playwright's `ariaSnapshot` writes them. */
  readonly snapshot: string;
  readonly text: string;
  readonly key: string;
  readonly options: readonly string[];
  /** `download`, `popup`, `dialog`, `navigation`. */
  readonly signals: readonly string[];
  /** The `type` of an input, such as `password` or `date`. */
  readonly inputType: string;
}

interface Locating {
  kind: string;
  body: string | number;
  options?: { name?: unknown } | undefined;
  next?: Locating | undefined;
}

const locating: z.ZodType<Locating> = z.lazy(() =>
  z.object({
    kind: z.string(),
    body: z.union([z.string(), z.number()]),
    options: z.object({ name: z.unknown() }).partial().optional(),
    next: locating.optional(),
  }),
);

const written = z.object({
  name: z.string(),
  selector: z.string().default(''),
  ref: z.string().optional(),
  text: z.string().default(''),
  key: z.string().default(''),
  url: z.string().default(''),
  options: z.array(z.string()).default([]),
  signals: z.array(z.object({ name: z.string() })).default([]),
  locator: locating.optional(),
});

type EventSink = Record<
  'actionAdded' | 'actionUpdated' | 'signalAdded',
  (page: Page, data: unknown, code: string) => void
>;

interface Recording {
  _startRecording?: (options: { mode: 'recording'; language: 'jsonl' }, sink: EventSink) => Promise<void>;
}

/** Nobody does more by hand for one export. */
const actionLimit = 1000;
/** A page that is leaving does not say what its field was. */
const lookMilliseconds = 2000;

interface Kept {
  /** As the recorder last wrote it. */
  code: string;
  readonly snapshot: string;
  readonly inputType: Promise<string>;
}

/** A page that opened in a tab, and how many actions were recorded by then. */
export interface Visit {
  readonly address: string;
  readonly actions: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Recorder {
  /** So far, in order. */
  readonly recorded: () => Promise<{ readonly actions: RecordedAction[]; readonly visits: readonly Visit[] }>;
}

/** The recorder lays a toolbar and frames over the page, which can cover what a person wants to click. */
const hideToolbar = `{
  const hidden = new CSSStyleSheet();
  hidden.replaceSync('x-pw-glass { display: none !important }');
  document.adoptedStyleSheets.push(hidden);
}`;

/** Records what is done in the context's pages from now on. */
export async function startRecorder(context: BrowserContext): Promise<Recorder> {
  const recording = context as unknown as Recording;
  if (typeof recording._startRecording !== 'function') {
    throw new TypeError('This version of Playwright has no recorder that the pipeline knows.');
  }
  await context.addInitScript(hideToolbar);
  const kept: Kept[] = [];
  const replaceLast = (_page: Page, _data: unknown, code: string) => {
    const last = kept.at(-1);
    if (last !== undefined && code !== '') last.code = code;
  };
  await recording._startRecording(
    { mode: 'recording', language: 'jsonl' },
    {
      actionAdded: (page, data, code) => {
        if (kept.length >= actionLimit) return;
        const { ariaSnapshot } = data as { ariaSnapshot?: unknown };
        const snapshot = typeof ariaSnapshot === 'string' ? ariaSnapshot : '';
        kept.push({ code, snapshot, inputType: inputTypeOf(page, code) });
      },
      actionUpdated: replaceLast,
      signalAdded: replaceLast,
    },
  );
  const visits: Visit[] = [];
  context.on('page', (page) => {
    page.on('framenavigated', (frame) => {
      if (frame.parentFrame() !== null || visits.length >= actionLimit) return;
      visits.push({ address: frame.url(), actions: kept.length, at: Date.now() });
    });
  });
  return {
    recorded: async () => {
      const actions = kept.map(actionOf);
      return { actions: await Promise.all(actions), visits };
    },
  };
}

async function actionOf({ code, snapshot, inputType }: Kept): Promise<RecordedAction> {
  const action = written.parse(JSON.parse(code));
  return {
    kind: action.name,
    locator: partsOf(action.locator),
    ref: action.ref,
    snapshot,
    text: action.name === 'navigate' ? action.url : action.text,
    key: action.key,
    options: action.options,
    signals: action.signals.map(({ name }) => name),
    inputType: await inputType,
  };
}

function partsOf(at: Locating | undefined): RecordedLocator[] {
  if (at === undefined) return [];
  const name = typeof at.options?.name === 'string' ? at.options.name : undefined;
  return [{ kind: at.kind, body: String(at.body), name }, ...partsOf(at.next)];
}

async function inputTypeOf(page: Page, code: string): Promise<string> {
  let type = '';
  const look = async () => {
    const { name, selector } = written.parse(JSON.parse(code));
    if (name !== 'fill') return;
    type = await page
      .locator(selector)
      .first()
      .evaluate((element) => (element as unknown as { type?: string }).type ?? '', undefined, {
        timeout: lookMilliseconds,
      });
  };
  await settledWithin(look(), lookMilliseconds);
  return type;
}
