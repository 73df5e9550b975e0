import { knownTexts } from './knownTexts.ts';
import { isKnown, maskTexts, newMasking, type Masking } from './maskText.ts';
import { seeRoles, type SeenNode } from './seenPage.ts';
import { isVisible } from './targets.ts';
import { PortalTrouble } from './trouble.ts';
import { openPages, searchOf, type Walk } from './walk.ts';
import { settledWithin } from './waiting.ts';

/**
 * How often the pages are compared with those before the click: each look reads all roles, which may take a second. An
 * export with less patience gets four looks.
 */
const lookMilliseconds = 15_000;
const looksAtLeast = 4;
/** A portal that works on the export asks its server. It gets this many looks without a question. */
const quietLooks = 4 / 3;
/** The click waits this long for the look before it, which takes milliseconds on most pages. */
const beforeMilliseconds = 3000;
/** Only the newest windows matter. */
const pageLimit = 4;
/** More things than this are a whole new page; the first ones tell which. */
const namedLimit = 5;

const windows = new Set(['dialog', 'alertdialog', 'menu']);
const things = new Set([...windows, 'link', 'tab', 'button', 'menuitem']);
const fields = new Set(['textbox', 'combobox', 'listbox', 'radio', 'checkbox', 'spinbutton', 'switch']);

/** Buttons that only close or stop what is shown. */
const dismissive =
  /^\s*(?:cancel|close|hide|dismiss|ok|okay|abort|stop|minimi[sz]e|got it|done|no|back|help|[x×✕])\s*$/i;
/** Words with which portals ask for patience. The text itself goes nowhere. */
const busy =
  /please wait|preparing|generating|creating|export(?:ing| in progress)|in progress|loading|processing|working|queued|pending|running|shortly|will (?:start|begin|download)|being (?:made|created|prepared|generated|exported)|few (?:moments|minutes|seconds)/i;

interface Thing {
  readonly role: string;
  readonly name: string;
  /** Undefined outside of windows. */
  readonly inWindow?: Thing;
}

interface Appeared {
  readonly things: readonly Thing[];
  /** The portal says that it is at work. */
  readonly isBusy: boolean;
}

/**
 * Compares the pages with those before a click. If the click brought no file but a window, link or tab that waits for a
 * person, waiting longer is in vain: `look` throws, naming it. A page whose server still works on something new is
 * given its time.
 */
export function watchForAppeared(
  walk: Walk,
  patienceMilliseconds: number,
): {
  /** Call right before the click. */
  readonly arm: () => Promise<void>;
  readonly look: () => Promise<void>;
  /** What appeared since the click, as text; empty if nothing did. */
  readonly inWords: () => Promise<string>;
} {
  const masking = maskingOf(walk);
  const pause = Math.min(lookMilliseconds, patienceMilliseconds / looksAtLeast);
  let before: ReadonlyMap<string, number> | undefined;
  let clicked = Date.now();
  let looked = Date.now();
  let earlier: ReadonlySet<string> = new Set();

  const seen = async (): Promise<Appeared> => {
    const now = before === undefined ? undefined : await thingsOf(walk);
    return before === undefined || now === undefined
      ? { things: [], isBusy: false }
      : appearedSince(before, now);
  };
  return {
    arm: async () => {
      const look = thingsOf(walk).then((now) => (before = now === undefined ? undefined : countsOf(now)));
      await settledWithin(look, beforeMilliseconds);
      walk.traffic.beginWatch();
      clicked = Date.now();
      looked = clicked;
    },
    look: async () => {
      if (before === undefined || Date.now() - looked < pause) return;
      const appeared = await seen();
      looked = Date.now();
      const waiting = appeared.isBusy ? [] : appeared.things.filter(waitsForPerson);
      const lasting = waiting.filter((thing) => earlier.has(keyOf(thing)));
      earlier = new Set(waiting.map(keyOf));
      if (lasting.length === 0 || !walk.traffic.isQuiet(quietLooks * pause)) return;
      if (await showsProgress(walk)) return;
      const seconds = Math.round((Date.now() - clicked) / 1000);
      throw noFile(
        `the click brought no file in ${seconds} s, but ${wordsOf(appeared.things, masking)} appeared: does the file come from there?`,
        namesOf(appeared.things, masking),
      );
    },
    inWords: async () => wordsOf((await seen()).things, masking),
  };
}

function noFile(message: string, appeared: readonly string[]): PortalTrouble {
  return new PortalTrouble('PortalLayoutChanged', message, {
    hint: 'If the file comes from there, make this click a step of report, and the click there the download. If it is nothing to wait for, click it away by an interruption. If the portal is still at work, say with progress where it shows that.',
    details: { appeared },
  });
}

async function showsProgress(walk: Walk): Promise<boolean> {
  const { progress } = walk.recipe.download;
  return progress !== undefined && (await isVisible(progress, searchOf(walk)));
}

/** Things of all open windows. Undefined if one gives no answer: a comparison would then find too much. */
async function thingsOf({ context }: Walk): Promise<SeenThing[] | undefined> {
  const pages = openPages(context).slice(0, pageLimit);
  const looks = await Promise.all(pages.map((page) => seeRoles(page).catch(() => undefined)));
  const seen: SeenThing[] = [];
  for (const nodes of looks) {
    if (nodes === undefined) return undefined;
    seen.push(...nodes.flatMap((node) => thingsIn(node)));
  }
  return seen;
}

interface SeenThing extends Thing {
  /** Whether it is a progress bar or a window that says that the portal is at work. */
  readonly isBusy: boolean;
}

function thingsIn(node: SeenNode, inWindow?: Thing): SeenThing[] {
  const { role, name = '', children } = node;
  const thing: Thing = { role, name, ...(inWindow === undefined ? {} : { inWindow }) };
  const isBusy = role === 'progressbar' || (windows.has(role) && busy.test(textOf(node)));
  const isThing = things.has(role) || isBusy || (fields.has(role) && inWindow !== undefined);
  const inner = windows.has(role) ? thing : inWindow;
  return [...(isThing ? [{ ...thing, isBusy }] : []), ...children.flatMap((child) => thingsIn(child, inner))];
}

function textOf({ name = '', text = '', children }: SeenNode): string {
  return [name, text, ...children.map(textOf)].join(' ');
}

function keyOf({ role, name }: Thing): string {
  return `${role} ${name}`;
}

function countsOf(seen: readonly Thing[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const thing of seen) counts.set(keyOf(thing), (counts.get(keyOf(thing)) ?? 0) + 1);
  return counts;
}

function appearedSince(before: ReadonlyMap<string, number>, now: readonly SeenThing[]): Appeared {
  const left = new Map(before);
  const fresh = now.filter((thing) => {
    const count = left.get(keyOf(thing)) ?? 0;
    left.set(keyOf(thing), count - 1);
    return count <= 0;
  });
  return {
    things: fresh.filter(({ role }) => role !== 'progressbar'),
    isBusy: fresh.some(({ isBusy }) => isBusy),
  };
}

/** A window by itself may be there until the file comes; what is in it decides. */
function waitsForPerson({ role, name }: Thing): boolean {
  if (windows.has(role)) return false;
  return role !== 'button' || !dismissive.test(name);
}

/**
 * `the dialog "Export ready" with 1 link, 2 buttons`. Shows only names that the recipe or portals in general use.
 */
function wordsOf(appeared: readonly Thing[], masking: Masking): string {
  const outside = appeared.filter(
    ({ inWindow }) => inWindow === undefined || windowAmong(appeared, inWindow) === undefined,
  );
  const words = outside.slice(0, namedLimit).map((thing) => {
    const named = article(thing, masking);
    const inner = appeared.filter(
      ({ inWindow }) => inWindow !== undefined && windowAmong(appeared, inWindow) === thing,
    );
    return inner.length === 0 ? named : `${named} with ${contentsOf(inner, masking)}`;
  });
  const more = outside.length - words.length;
  return `${words.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function windowAmong(appeared: readonly Thing[], window: Thing): Thing | undefined {
  return appeared.find((thing) => windows.has(thing.role) && keyOf(thing) === keyOf(window));
}

function article(thing: Thing, masking: Masking): string {
  const name = shownName(thing, masking);
  return name === undefined ? `a ${thing.role}` : `the ${thing.role} "${name}"`;
}

function contentsOf(inner: readonly Thing[], masking: Masking): string {
  const shown = inner.slice(0, namedLimit).map((thing) => article(thing, masking));
  const more = inner.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function namesOf(appeared: readonly Thing[], masking: Masking): string[] {
  return appeared.slice(0, 4 * namedLimit).map((thing) => {
    const name = shownName(thing, masking);
    return name === undefined ? thing.role : `${thing.role} "${name}"`;
  });
}

/** Undefined if the name may be a person's. */
function shownName({ name }: Thing, masking: Masking): string | undefined {
  if (name === '' || !isKnown(name, masking)) return undefined;
  const [shown] = maskTexts([name], masking);
  return shown;
}

function maskingOf({ recipe, values, secrets: { user, password } }: Walk): Masking {
  return newMasking({
    secrets: [user, password],
    known: knownTexts(recipe, values),
    knownInAddresses: new Set(),
    showPatientData: false,
  });
}
