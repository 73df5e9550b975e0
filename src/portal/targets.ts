import type { Frame, Locator, Page } from 'playwright';
import { resolvePlain, type PlainValues } from './placeholders.ts';
import type { Candidate, Container, FrameName, Target } from './recipeSchema.ts';
import { partOfText, wholeText } from './textPatterns.ts';

/** Searches as a person does: only visible elements count, in every open page, newest page first. */

/** A later candidate is tried after this long, so that a preferred one that loads late is not passed over. */
const preferFirstMilliseconds = 1000;

/** How often one candidate of a target was seen. */
export interface CandidateMatches {
  readonly what: string;
  /** The most visible matches at one time; 0 means that it never appeared. */
  readonly matches: number;
}

export interface Search {
  readonly pages: () => readonly Page[];
  readonly values: PlainValues;
}

/** Whether anything that the target describes is visible right now. */
export function isVisible(target: Target, search: Search): Promise<boolean> {
  return isAnyVisible([target], search);
}

/** Whether anything of any target is visible right now: one question to each page, however many targets there are. */
export async function isAnyVisible(targets: readonly Target[], { pages, values }: Search): Promise<boolean> {
  const candidates = targets.flat();
  const inPages = await Promise.all(pages().map((page) => isAnyInPage(page, candidates, values)));
  return inPages.includes(true);
}

async function isAnyInPage(
  page: Page,
  candidates: readonly Candidate[],
  values: PlainValues,
): Promise<boolean> {
  const located = await Promise.all(
    candidates.map(async (candidate) => ({ candidate, locator: await locate(page, candidate, values) })),
  );
  const ofPage: Locator[] = [];
  const ofFrames: Locator[] = [];
  for (const { candidate, locator } of located) {
    if (locator !== undefined) (candidate.frame === undefined ? ofPage : ofFrames).push(locator);
  }
  // Only locators of one frame can be joined.
  const seen = await Promise.all([
    isAnyOf(ofPage),
    ...ofFrames.map(async (each) => (await countOf(each)) > 0),
  ]);
  return seen.includes(true);
}

async function isAnyOf([first, ...others]: readonly Locator[]): Promise<boolean> {
  if (first === undefined) return false;
  try {
    return (await others.reduce((joined, each) => joined.or(each), first).count()) > 0;
  } catch {
    // One that the browser cannot search for, such as wrong CSS, hides none of the others.
    const counts = await Promise.all([first, ...others].map(countOf));
    return counts.some((count) => count > 0);
  }
}

/** How many matches are visible right now, by the candidate that has most. */
export async function countVisible(target: Target, { pages, values }: Search): Promise<number> {
  const counts = await Promise.all(
    target.map(async (candidate) => {
      const inPages = await Promise.all(pages().map((page) => countInPage(page, candidate, values)));
      return inPages.reduce((sum, count) => sum + count, 0);
    }),
  );
  return Math.max(...counts);
}

/** The element that the target means right now, in any page and by any candidate. */
export async function visibleNow(target: Target, search: Search): Promise<Locator | undefined> {
  return elementFinder(target, search, { preferFirst: 0 }).look();
}

/**
 * Finds the one element that a target means. `look` returns it once a candidate matches exactly one visible
 * element; `seen` reports what was found so far, for the failure. Use one finder for repeated calls: the first page and
 * candidate are preferred for `preferFirst` milliseconds from its creation.
 */
export function elementFinder(
  target: Target,
  search: Search,
  { preferFirst = preferFirstMilliseconds }: { preferFirst?: number } = {},
) {
  const begun = Date.now();
  const most = target.map(() => 0);
  const look = async (): Promise<Locator | undefined> => {
    const patient = Date.now() - begun < preferFirst;
    for (const [place, { page, index }] of placesIn(target, search).entries()) {
      if (patient && place > 0) return undefined;
      const locator = await locate(page, target[index]!, search.values);
      const count = locator === undefined ? 0 : await countOf(locator);
      most[index] = Math.max(most[index] ?? 0, count);
      if (locator !== undefined && count === 1) return locator;
    }
    return undefined;
  };
  const seen = (): CandidateMatches[] =>
    target.map((candidate, index) => ({
      what: describe(candidate, search.values),
      matches: most[index] ?? 0,
    }));
  return { look, seen };
}

function placesIn(target: Target, { pages }: Search): { page: Page; index: number }[] {
  return target.flatMap((_, index) => pages().map((page) => ({ page, index })));
}

async function countInPage(page: Page, candidate: Candidate, values: PlainValues): Promise<number> {
  const locator = await locate(page, candidate, values);
  return locator === undefined ? 0 : countOf(locator);
}

/** A page that navigates or closes during the count holds nothing at that moment: the caller tries again. */
export async function countOf(locator: Locator): Promise<number> {
  try {
    return await locator.count();
  } catch {
    return 0;
  }
}

async function locate(page: Page, candidate: Candidate, values: PlainValues): Promise<Locator | undefined> {
  const frame = await frameIn(page, candidate.frame ?? []);
  if (frame === undefined) return undefined;
  const scope = candidate.within === undefined ? frame : inside(frame, candidate.within, values);
  const found = byWay({ frame, scope }, candidate, values);
  if (candidate.near === undefined) return chosen(found.filter({ visible: true }), candidate.which);
  const anchor = scope.getByText(wholeText(resolvePlain(candidate.near, values))).filter({ visible: true });
  // With two places of that text, "the first after it" would be a guess.
  if ((await countOf(anchor)) !== 1) return undefined;
  return firstAfter(anchor, found.filter({ visible: true }));
}

function chosen(found: Locator, which: Candidate['which']): Locator {
  if (which === undefined) return found;
  return which === 'first' ? found.first() : found.last();
}

/** The first match after the anchor as the page shows it, in and out of shadow roots. */
async function firstAfter(anchor: Locator, found: Locator): Promise<Locator | undefined> {
  try {
    const element = await anchor.elementHandle({ timeout: frameMilliseconds });
    const { index, isInTree } = await found.evaluateAll(placeAfter, element);
    // Within one tree the browser finds it anew each time, even if the page adds others before it.
    if (isInTree) return anchor.locator('xpath=following::*').and(found).first();
    return index === -1 ? undefined : found.nth(index);
  } catch {
    // The page was redrawn during the search: nothing there at the moment.
    return undefined;
  }
}

interface TreeNode {
  readonly parentNode: TreeNode | null;
  readonly host?: TreeNode;
  getRootNode(): unknown;
  contains(other: TreeNode): boolean;
  compareDocumentPosition(other: TreeNode): number;
}

/** Runs in the page: which of the elements, in the order in which they are shown, is the first after the anchor. */
function placeAfter(elements: unknown[], anchor: unknown): { index: number; isInTree: boolean } {
  const follows = 4;
  const wayTo = (node: TreeNode): TreeNode[] => {
    const parent = node.host ?? node.parentNode;
    return parent === null ? [node] : [...wayTo(parent), node];
  };
  /** Content in a shadow root stands before content that its host was given. */
  const isBefore = (one: TreeNode, other: TreeNode): boolean => {
    const [ofOne, ofOther] = [wayTo(one), wayTo(other)];
    const parting = ofOne.findIndex((node, depth) => node !== ofOther[depth]);
    const [left, right] = [ofOne[parting], ofOther[parting]];
    if (left === undefined || right === undefined) return ofOne.length < ofOther.length;
    if (left.host !== undefined || right.host !== undefined) return left.host !== undefined;
    return (left.compareDocumentPosition(right) & follows) !== 0;
  };
  const from = anchor as TreeNode;
  const later = (elements as TreeNode[]).filter(
    (element) => element !== from && !wayTo(element).includes(from) && isBefore(from, element),
  );
  const [first] = later.sort((one, other) => (isBefore(one, other) ? -1 : 1));
  if (first === undefined) return { index: -1, isInTree: false };
  return { index: elements.indexOf(first), isInTree: first.getRootNode() === from.getRootNode() };
}

type Role = Extract<Candidate, { role: string }>['role'];
type Scope = Pick<Frame, 'getByLabel' | 'getByRole' | 'getByText' | 'getByPlaceholder' | 'getByTitle'> & {
  locator(selector: string): Locator;
};

function byWay(
  { frame, scope }: { readonly frame: Frame; readonly scope: Scope },
  candidate: Candidate,
  values: PlainValues,
): Locator {
  const whole = (text: string) => wholeText(resolvePlain(text, values));
  if ('label' in candidate) return labelled(scope, whole(candidate.label));
  if ('role' in candidate) {
    return scope.getByRole(
      candidate.role,
      candidate.name === undefined ? {} : { name: whole(candidate.name) },
    );
  }
  if ('button' in candidate) return scope.getByRole('button', { name: whole(candidate.button) });
  if ('link' in candidate) return scope.getByRole('link', { name: whole(candidate.link) });
  if ('cell' in candidate) return byRoles(scope, cellRoles, whole(candidate.cell));
  if ('treeItem' in candidate) return treeItem({ frame, scope }, whole(candidate.treeItem));
  if ('menuItem' in candidate) return byRoles(scope, menuRoles, whole(candidate.menuItem));
  if ('text' in candidate) return scope.getByText(partOfText(resolvePlain(candidate.text, values)));
  if ('placeholder' in candidate) return scope.getByPlaceholder(whole(candidate.placeholder));
  if ('title' in candidate) return scope.getByTitle(whole(candidate.title));
  return scope.locator(`css=${resolvePlain(candidate.css, values)}`);
}

const cellRoles = ['gridcell', 'cell', 'rowheader', 'columnheader'] as const;
const menuRoles = ['menuitem', 'menuitemcheckbox', 'menuitemradio'] as const;

function byRoles(scope: Scope, [first, ...others]: readonly [Role, ...Role[]], name: RegExp): Locator {
  return others.reduce(
    (found, role) => found.or(scope.getByRole(role, { name })),
    scope.getByRole(first, { name }),
  );
}

/** By its label if that is an element: the middle of an open entry lies in the entries below it. */
function treeItem({ frame, scope }: { readonly frame: Frame; readonly scope: Scope }, name: RegExp): Locator {
  const item = scope.getByRole('treeitem', { name });
  return item.getByText(name).or(item.filter({ hasNot: frame.getByText(name) }));
}

/** A label around a `<select>` also contains the texts of its options; the accessible name does not. */
function labelled(scope: Scope, name: RegExp): Locator {
  const select = scope.getByRole('combobox', { name }).or(scope.getByRole('listbox', { name }));
  return scope.getByLabel(name).or(select.and(scope.locator('css=select')));
}

function inside(frame: Frame, container: Container, values: PlainValues): Locator {
  const whole = (text: string) => wholeText(resolvePlain(text, values));
  if ('css' in container) return visible(frame.locator(`css=${resolvePlain(container.css, values)}`));
  if ('role' in container) {
    const name = container.name === undefined ? {} : { name: whole(container.name) };
    const found = visible(frame.getByRole(container.role, name));
    if (container.contains === undefined) return found;
    return found.filter({ hasText: partOfText(resolvePlain(container.contains, values)) });
  }
  return visible(
    'dialog' in container
      ? dialogIn(frame, whole(container.dialog))
      : sectionIn(frame, whole(container.section)),
  );
}

function visible(locator: Locator): Locator {
  return locator.filter({ visible: true });
}

/** By its accessible name or, if the portal gave it none, by a title inside it. */
function dialogIn(frame: Frame, name: RegExp): Locator {
  const titled = { has: frame.getByText(name) };
  return frame
    .getByRole('dialog', { name })
    .or(frame.getByRole('alertdialog', { name }))
    .or(frame.getByRole('dialog').filter(titled))
    .or(frame.getByRole('alertdialog').filter(titled));
}

/** A fieldset by its legend, a region by its name, or the section of a heading. */
function sectionIn(frame: Frame, name: RegExp): Locator {
  const named = frame.getByRole('group', { name }).or(frame.getByRole('region', { name }));
  return headingLevels.reduce(
    (sections, level) =>
      sections.or(
        visible(frame.getByRole('heading', { name, level })).locator(`xpath=${reachOfHeading(level)}`),
      ),
    named,
  );
}

const headingLevels = [1, 2, 3, 4, 5, 6];

/** A heading's section: the widest element around it that contains no other heading of its rank or above. */
function reachOfHeading(level: number): string {
  const tags = headingLevels.filter((rank) => rank <= level).map((rank) => `self::h${rank}`);
  const ranked = `.//*[${tags.join(' or ')} or (@role="heading" and @aria-level <= ${level})]`;
  return `ancestor::*[count(${ranked}) = 1][last()]`;
}

/** Limit of reaching a frame or text that was just seen. */
const frameMilliseconds = 1000;

/** The innermost of frames in frames; the page's own without any. */
async function frameIn(page: Page, names: readonly FrameName[]): Promise<Frame | undefined> {
  let frame: Frame | null = page.mainFrame();
  try {
    for (const name of names) {
      const element: Locator = frame.locator(frameSelector(name)).first();
      if ((await element.count()) === 0) return undefined;
      const handle = await element.elementHandle({ timeout: frameMilliseconds });
      frame = (await handle?.contentFrame()) ?? null;
      if (frame === null) return undefined;
    }
    return frame;
  } catch {
    // The frame went away during the search: nothing there at the moment.
    return undefined;
  }
}

function frameSelector(name: FrameName): string {
  if ('css' in name) return name.css;
  const [attribute, value] = 'title' in name ? ['title', name.title] : ['name', name.name];
  return ['iframe', 'frame'].map((tag) => `${tag}[${attribute}=${JSON.stringify(value)}]`).join(', ');
}

/** The candidate in the recipe's words: `button "Run Report" in the dialog "Filters"`. */
function describe(candidate: Candidate, values: PlainValues): string {
  const quoted = (text: string) => JSON.stringify(resolvePlain(text, values));
  const near = candidate.near === undefined ? '' : ` after the text ${quoted(candidate.near)}`;
  const within =
    candidate.within === undefined ? '' : ` in the ${describeContainer(candidate.within, quoted)}`;
  const frame = (candidate.frame ?? [])
    .toReversed()
    .map((name) => ` in the frame ${JSON.stringify(Object.values(name)[0])}`)
    .join('');
  const which = candidate.which === undefined ? '' : `${candidate.which} `;
  return `${which}${describeWay(candidate, quoted)}${near}${within}${frame}`;
}

function describeWay(candidate: Candidate, quoted: (text: string) => string): string {
  if ('role' in candidate)
    return `${candidate.role}${candidate.name === undefined ? '' : ` ${quoted(candidate.name)}`}`;
  if ('label' in candidate) return `field ${quoted(candidate.label)}`;
  if ('button' in candidate) return `button ${quoted(candidate.button)}`;
  if ('link' in candidate) return `link ${quoted(candidate.link)}`;
  if ('cell' in candidate) return `cell ${quoted(candidate.cell)}`;
  if ('treeItem' in candidate) return `tree entry ${quoted(candidate.treeItem)}`;
  if ('menuItem' in candidate) return `menu entry ${quoted(candidate.menuItem)}`;
  if ('text' in candidate) return `text ${quoted(candidate.text)}`;
  if ('placeholder' in candidate) return `placeholder ${quoted(candidate.placeholder)}`;
  if ('title' in candidate) return `title ${quoted(candidate.title)}`;
  return `CSS ${quoted(candidate.css)}`;
}

function describeContainer(container: Container, quoted: (text: string) => string): string {
  if ('section' in container) return `section ${quoted(container.section)}`;
  if ('dialog' in container) return `dialog ${quoted(container.dialog)}`;
  if ('css' in container) return `CSS ${quoted(container.css)}`;
  const contents = container.contains === undefined ? '' : ` that contains ${quoted(container.contains)}`;
  return `${container.role}${container.name === undefined ? '' : ` ${quoted(container.name)}`}${contents}`;
}
