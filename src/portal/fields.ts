import type { ElementHandle, Locator } from 'playwright';
import { dateForInput } from './dateInputs.ts';
import {
  clickOnce,
  findOne,
  NotOffered,
  NotThere,
  reach,
  shownIn,
  whatOf,
  whileLooking,
  type RunningStep,
} from './locate.ts';
import {
  mentionsAnySecret,
  mentionsSecret,
  resolveEntry,
  resolvePlain,
  type Secrets,
} from './placeholders.ts';
import type { StepOf, Target } from './recipeSchema.ts';
import { assertFieldIsPortals, hasKeyboard, withoutForeignFocus } from './secretEntry.ts';
import { countOf, elementFinder } from './targets.ts';
import { findMatch, matchBounded, partOfText, wholeText } from './textPatterns.ts';
import { PortalTrouble, SessionLost } from './trouble.ts';
import { openPages, searchOf } from './walk.ts';
import { waitUntil, type Wait } from './waiting.ts';

/** If a page steals the focus once, the text is entered again. A page that always does has a changed layout. */
const attemptLimit = 3;
/** A field reformats or accepts its text at once; a slow page needs up to this long. */
const settleMilliseconds = 1500;

interface Entry {
  readonly kind: 'fill' | 'type';
  /** As the recipe has it. */
  readonly template: string;
  readonly text: string;
  readonly expected: string | undefined;
  readonly into: Target;
  readonly isSecret: boolean;
}

function enteredTexts(template: string, text: string, { user, password }: Secrets) {
  const isUser = !mentionsSecret(template, 'password') && !mentionsSecret(template, 'totp');
  return isUser ? { secrets: [password], names: [user, text] } : { secrets: [password, text], names: [user] };
}

/** Fills a field at once or key by key, and reads it back. */
export async function enterText(
  step: StepOf<'fill'> | StepOf<'type'>,
  running: RunningStep,
  text: string,
): Promise<void> {
  const expected =
    step.expect === undefined
      ? undefined
      : await resolveEntry(step.expect, running.walk.values, running.walk.secrets);
  const template = step.kind === 'fill' ? step.fill : step.type;
  const { kind, into } = step;
  const entry = { kind, template, text, expected, into, isSecret: mentionsAnySecret(template) };
  if (entry.isSecret) running.walk.guard.beginEntering(enteredTexts(template, text, running.walk.secrets));
  for (let attempt = 1; attempt <= attemptLimit; attempt += 1) {
    if (await enterOnce(entry, running)) return;
  }
  // Neither the entered nor the shown text: both may be secret.
  throw new PortalTrouble(
    'PortalLayoutChanged',
    `${whatOf(step.into, running)} did not keep what was entered (${attemptLimit} attempts)`,
  );
}

async function enterOnce(given: Entry, running: RunningStep): Promise<boolean> {
  const field = await reach(given.into, running);
  const date = await dateForInput(given.template, field, running.walk.values);
  const entry: Entry = date === undefined ? given : { ...given, kind: 'fill', text: date, expected: date };
  const { text, expected } = entry;
  try {
    if (entry.isSecret) await putSecret(field, entry, running);
    else await (entry.kind === 'fill' ? putWhole : putByKeys)(field, text, running.wait);
    // Fields that reformat do so on blur.
    if (expected !== undefined) await field.blur();
  } catch (error) {
    running.wait.halt.throwIfAborted();
    const said = error instanceof PortalTrouble || error instanceof SessionLost;
    if (said || running.wait.deadline < Date.now()) throw error;
    return false;
  }
  const kept = await waitUntil(async () => {
    const shown = await shownIn(field);
    return shown !== undefined && isKept(shown, text, expected) ? true : undefined;
  }, settling(running.wait));
  return kept === true;
}

function settling(wait: Wait): Wait {
  return { ...wait, deadline: Math.min(wait.deadline, Date.now() + settleMilliseconds) };
}

/** What a locator and an element handle have in common. */
type Field = Pick<ElementHandle, 'fill' | 'click' | 'press'>;

async function putWhole(field: Field, text: string): Promise<void> {
  await field.fill(text, { timeout: 5000 });
}

async function putByKeys(field: Locator, text: string, wait: Wait): Promise<void> {
  await emptied(field, wait);
  await field.page().keyboard.type(text);
}

async function emptied(field: Field, wait: Wait): Promise<void> {
  await whileLooking(field.click({ timeout: 5000 }), wait);
  await field.press('ControlOrMeta+a');
  await field.press('Delete');
}

/** Enters a secret into exactly this element, which was checked: an element that replaces it gets nothing. */
async function putSecret(field: Locator, { text, kind }: Entry, { walk, wait }: RunningStep): Promise<void> {
  const element = await field.elementHandle({ timeout: 5000 });
  if (element === null) throw new Error('The field went away.');
  await assertFieldIsPortals(element, walk.guard);
  await withoutForeignFocus(element, walk.guard, async () => {
    if (kind === 'fill') await putWhole(element, text);
    else await putByGuardedKeys(element, text, wait);
  });
}

/** A key goes wherever the keyboard focus is, so the focus is checked before each key. */
async function putByGuardedKeys(element: ElementHandle, text: string, wait: Wait): Promise<void> {
  await emptied(element, wait);
  for (const key of text) {
    if (!(await element.evaluate(hasKeyboard))) throw new Error('The field lost the keyboard.');
    await element.type(key);
  }
}

/** If the recipe gives no expected text, punctuation that a field adds (`08012026` → `08/01/2026`) is no change. */
export function isKept(shown: string, entered: string, expected: string | undefined): boolean {
  if (expected !== undefined) return shown.trim() === expected.trim();
  if (shown === entered) return true;
  return bare(entered) !== '' && bare(shown) === bare(entered);
}

function bare(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

/** Reads a field and fails unless it shows exactly the expected text. */
export async function verifyShown(step: StepOf<'verify'>, running: RunningStep): Promise<void> {
  const field = await findOne(step.in, running);
  const date = await dateForInput(step.verify, field, running.walk.values);
  const wanted = date ?? resolvePlain(step.verify, running.walk.values).trim();
  const settled = await waitUntil(async () => {
    const shown = await shownIn(field);
    return shown?.trim() === wanted ? true : undefined;
  }, running.wait);
  if (settled === undefined) {
    throw new PortalTrouble(
      'PortalLayoutChanged',
      `${whatOf(step.in, running)} does not show ${JSON.stringify(wanted)}`,
    );
  }
}

/** Selects an option of a `<select>` or of a list that floats on the page, and reads it back. */
export async function chooseOption(step: StepOf<'choose'>, running: RunningStep): Promise<void> {
  const wanted = resolvePlain(step.choose, running.walk.values);
  const field = await findOne(step.from, running);
  const isNative = (await countOf(field.locator('xpath=self::select'))) === 1;
  if (isNative) await chooseNative(await reach(step.from, running), wanted, running);
  else await chooseFloating(step, field, running);
  const shown = await waitUntil(async () => {
    const text = await chosenIn(field);
    return text !== undefined && matchBounded(partOfText(wanted), text) !== null ? true : undefined;
  }, settling(running.wait));
  if (shown === undefined) {
    throw new PortalTrouble(
      'PortalLayoutChanged',
      `${whatOf(step.from, running)} did not keep ${JSON.stringify(wanted)}`,
    );
  }
}

/** The label of the selected option of a `<select>`, else what the field shows. */
async function chosenIn(field: Locator): Promise<string | undefined> {
  const selected = field.locator('option:checked');
  return (await countOf(selected)) === 1 ? ((await selected.textContent()) ?? undefined) : shownIn(field);
}

async function chooseNative(field: Locator, wanted: string, running: RunningStep): Promise<void> {
  const pattern = wholeText(wanted);
  let offered = 0;
  const index = await waitUntil(async () => {
    const labels = await field.locator('option').allTextContents();
    offered = labels.length;
    const found = findMatch(pattern, labels);
    return found === -1 ? undefined : found;
  }, running.wait);
  if (index === undefined) throw missingOption(wanted, offered);
  await field.selectOption({ index }, { timeout: settleMilliseconds });
}

async function chooseFloating(step: StepOf<'choose'>, field: Locator, running: RunningStep): Promise<void> {
  const wanted = resolvePlain(step.choose, running.walk.values);
  const frame = step.from[0]?.frame;
  const option: Target = step.option ?? [
    { role: 'option', name: step.choose, ...(frame === undefined ? {} : { frame }) },
  ];
  await clickOnce(step.opener ?? step.from, running);
  const finder = elementFinder(option, searchOf(running.walk));
  const picked = await waitUntil(async () => {
    const found = await waitUntil(finder.look, settling(running.wait));
    if (found !== undefined) return (await pick(found)) ? true : undefined;
    await openByKey(field);
    return undefined;
  }, running.wait);
  if (picked === true) return;
  if (finder.seen().every(({ matches }) => matches === 0))
    throw missingOption(wanted, await offeredOptions(running));
  throw new PortalTrouble(
    'PortalLayoutChanged',
    `the option ${JSON.stringify(wanted)} is there but could not be picked`,
    { details: { lookedFor: finder.seen() } },
  );
}

/** Far longer than a click on a visible element takes. */
const pickMilliseconds = 1000;

/** False if the option is covered, or gone with its list: such lists close as soon as something takes the focus. */
async function pick(option: Locator): Promise<boolean> {
  try {
    await option.click({ timeout: pickMilliseconds });
    return true;
  } catch {
    return false;
  }
}

/** Some lists open only by keyboard, and one that closed opens again. An open list is not affected. */
async function openByKey(field: Locator): Promise<void> {
  try {
    await field.press('ArrowDown', { timeout: pickMilliseconds });
  } catch {
    // The field is covered or being redrawn: the next round tries again.
  }
}

async function offeredOptions({ walk }: RunningStep): Promise<number> {
  const counts = await Promise.all(
    openPages(walk.context).map((page) => countOf(page.getByRole('option').filter({ visible: true }))),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A list without any option has not appeared yet, so it says nothing about the option. */
function missingOption(wanted: string, offered: number): NotThere {
  const Missing = offered === 0 ? NotThere : NotOffered;
  return new Missing(
    'PortalLayoutChanged',
    `looked for the option ${JSON.stringify(wanted)} among ${offered} visible ones`,
    {
      details: {
        lookedFor: [{ what: `option ${JSON.stringify(wanted)}`, matches: 0 }],
        optionsOffered: offered,
      },
    },
  );
}
