import type { Frame, Page } from 'playwright';
import { z } from 'zod';
import { shownCharacters } from './maskText.ts';
import { settledWithin } from './waiting.ts';

/** What is visible on a page, in all frames and open shadow roots. Its texts may identify a person. */
export interface SeenPage {
  readonly frames: readonly SeenFrame[];
  readonly width: number;
  readonly height: number;
}

export interface SeenFrame {
  /** The title or name of an inner frame, by which a recipe can find it. */
  readonly title?: string;
  /** The place in the list of the frame around it. */
  readonly parent?: number;
  /** Named elements by role, as a tree. */
  readonly nodes: readonly SeenNode[];
  readonly texts: readonly SeenText[];
  /** Images, canvases, videos, backgrounds. */
  readonly pictures: readonly Box[];
  /** The contents of password fields: not even their shape may be shown. */
  readonly passwords: readonly string[];
}

export interface SeenNode {
  readonly role: string;
  readonly name?: string | undefined;
  readonly text?: string | undefined;
  readonly box?: Box | undefined;
  readonly children: readonly SeenNode[];
}

/** A run of text within one element. */
interface SeenText {
  readonly text: string;
  /** The whole block of text that the run belongs to; blank if that is long. */
  readonly whole: string;
  readonly box: Box;
}

/** In CSS pixels from the upper left of the visible page. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A page that does not answer in this time hangs. */
const lookMilliseconds = 8000;
/** The roles of a page with ten thousand elements take seconds. */
const rolesMilliseconds = 8000;
/** Frames beyond this number hold advertisements. */
const frameLimit = 20;
/** A report of thousands of lines looks like its first ones. */
const nodeLimit = 4000;
/** More of a text than evidence shows, so that a secret in the shown part is seen whole. */
const characterLimit = 2 * shownCharacters;

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const looks = z.object({
  texts: z.array(z.object({ text: z.string(), whole: z.string(), box })),
  pictures: z.array(box),
  passwords: z.array(z.string()),
});
const node = z.object({
  role: z.string().regex(/^[a-z]{1,30}$/),
  name: z.string().optional(),
  text: z.string().optional(),
  box: box.optional(),
  children: z.unknown().optional(),
});

/**
 * Runs in the page: visible runs of text, pictures and password fields, in page order. The bounds keep a huge page from
 * delaying the failure.
 */
const look = `() => {
  const limits = { visited: 20000, texts: 4000, pictures: 500, letters: 300 };
  const texts = [], pictures = [], passwords = [];
  let visited = 0;
  // With kerning the width of a box would depend on the order of a name's letters.
  const plainLetters = new CSSStyleSheet();
  plainLetters.replaceSync('*, *::before, *::after { font-kerning: none !important; font-variant-ligatures: none !important; transition: none !important }');
  const adopt = (root) => { root.adoptedStyleSheets = [...root.adoptedStyleSheets, plainLetters]; };
  adopt(document);
  const blocks = new Map();
  const rounded = ({ x, y, width, height }) => ({ x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) });
  const shows = ({ x, y, width, height }) => width > 1 && height > 1 && x < innerWidth && y < innerHeight && x + width > 0 && y + height > 0;
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  // A shadow root holds its style sheets beside its texts.
  const textOf = (at) => at.nodeType === 1 ? at.textContent : Array.from(at.childNodes, (child) => /^(script|style|template)$/.test(child.localName ?? '') ? '' : child.textContent).join('');
  const blockOf = (element) => {
    let at = element;
    // A label or link is a thing of its own wherever it stands. A text that stands in a shadow root itself belongs
    // to that root.
    while (at.nodeType === 1 && at.parentNode !== null && !/^(a|button|label|legend|summary)$/.test(at.localName) && /^(inline|contents)$/.test(getComputedStyle(at).display)) at = at.parentNode;
    if (!blocks.has(at)) {
      const text = textOf(at).trim();
      blocks.set(at, text.length > limits.letters ? '' : text);
    }
    return blocks.get(at);
  };
  const addText = (node) => {
    const text = (node.data ?? '').trim();
    const parent = node.parentElement ?? node.getRootNode().host;
    if (text === '' || texts.length >= limits.texts || !parent || /^(script|style|noscript|template|option)$/.test(parent.localName) || !seen(parent)) return;
    const range = document.createRange();
    range.selectNodeContents(node);
    const area = range.getBoundingClientRect();
    if (shows(area)) texts.push({ text: text.slice(0, limits.letters), whole: blockOf(node.parentNode), box: rounded(area) });
  };
  const addElement = (element) => {
    if (element.localName === 'input' && element.type === 'password' && element.value !== '') passwords.push(element.value);
    const isPicture = /^(img|canvas|video|svg|object|embed)$/.test(element.localName);
    if (pictures.length >= limits.pictures || !seen(element)) return;
    if (!isPicture && getComputedStyle(element).backgroundImage === 'none') return;
    const area = element.getBoundingClientRect();
    if (shows(area)) pictures.push(rounded(area));
  };
  const walk = (parent) => {
    for (let at = parent.firstChild; at !== null && visited < limits.visited; at = at.nextSibling) {
      visited += 1;
      if (at.nodeType === 3) addText(at);
      if (at.nodeType !== 1) continue;
      addElement(at);
      if (at.shadowRoot) {
        adopt(at.shadowRoot);
        walk(at.shadowRoot);
      }
      walk(at);
    }
  };
  walk(document);
  return { texts, pictures, passwords };
}`;

/** @throws if the page's main frame does not answer; inner frames that do not answer are left out. */
export async function seePage(page: Page): Promise<SeenPage> {
  const size = page.viewportSize() ?? { width: 1440, height: 1000 };
  const [main, ...inner] = page.frames().slice(0, frameLimit);
  if (main === undefined) throw new Error('The page is gone.');
  const own = await seeFrame(main, { x: 0, y: 0 });
  const all = page.frames();
  const others = await Promise.allSettled(
    inner.map((frame) => seeInner(frame, all.indexOf(frame.parentFrame() ?? main))),
  );
  return {
    ...size,
    frames: [own, ...others.map((each) => (each.status === 'fulfilled' ? each.value : nothingSeen))],
  };
}

/**
 * Only the named elements by role, of all frames. Leaves the page as it is, so that it may be used while it works.
 * Undefined if a frame has too many to read in time.
 */
export async function seeRoles(page: Page): Promise<SeenNode[] | undefined> {
  const frames = page.frames().slice(0, frameLimit);
  const trees = await Promise.all(frames.map((frame) => rolesOf(frame)));
  if (trees.includes(undefined)) return undefined;
  return trees.flatMap((tree) => nodesOf(tree, { x: 0, y: 0 }, { left: nodeLimit }));
}

const nothingSeen: SeenFrame = { nodes: [], texts: [], pictures: [], passwords: [] };

async function answered<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  if (!(await settledWithin(work, milliseconds))) throw new Error('The page gave no answer.');
  return work;
}

async function seeInner(frame: Frame, parent: number): Promise<SeenFrame> {
  const element = await answered(frame.frameElement(), lookMilliseconds);
  // Relative to the page, however deeply the frame is nested.
  const place = await element.boundingBox();
  const title = (await element.getAttribute('title')) ?? (await element.getAttribute('name'));
  const named = title === null || title === '' ? {} : { title: title.slice(0, characterLimit) };
  const seen = { ...(await seeFrame(frame, place ?? { x: 0, y: 0 })), ...named, parent };
  return place === null ? { ...seen, texts: [], pictures: [] } : seen;
}

async function seeFrame(frame: Frame, origin: { x: number; y: number }): Promise<SeenFrame> {
  const shown = await answered(frame.evaluate<unknown>(`(${look})()`), lookMilliseconds);
  const tree = await rolesOf(frame);
  const { texts, pictures, passwords } = looks.parse(shown);
  const count = { left: nodeLimit };
  return {
    nodes: nodesOf(tree, origin, count),
    texts: texts.map(({ text, whole, box: area }) => ({ text, whole, box: moved(area, origin) })),
    pictures: pictures.map((each) => moved(each, origin)),
    passwords,
  };
}

/** Empty if there are too many to read in time: the texts still show what the page looks like. */
async function rolesOf(frame: Frame): Promise<unknown> {
  const snapshot = frame
    .locator(':root')
    .ariaSnapshotJSON({ boxes: true, timeout: rolesMilliseconds })
    .catch((): unknown => undefined);
  return (await settledWithin(snapshot, rolesMilliseconds)) ? snapshot : undefined;
}

function moved({ x, y, ...size }: Box, by: { x: number; y: number }): Box {
  return { x: Math.round(x + by.x), y: Math.round(y + by.y), ...size };
}

function nodesOf(value: unknown, origin: { x: number; y: number }, count: { left: number }): SeenNode[] {
  if (Array.isArray(value)) return value.flatMap((each) => nodesOf(each, origin, count));
  if (value === undefined || value === null || count.left <= 0) return [];
  count.left -= 1;
  // Plain text appears among the elements as a bare string.
  if (typeof value === 'string')
    return [{ role: 'text', text: value.slice(0, characterLimit), children: [] }];
  const parsed = node.safeParse(value);
  if (!parsed.success) return [];
  const { role, name, text, children, box: area } = parsed.data;
  return [
    {
      role,
      name: name?.slice(0, characterLimit),
      text: text?.slice(0, characterLimit),
      ...(area === undefined ? {} : { box: moved(area, origin) }),
      children: nodesOf(children, origin, count),
    },
  ];
}
