import type { Browser } from 'playwright';
import { comparable } from './knownTexts.ts';
import { isKnown, maskTexts, type Masking } from './maskText.ts';
import { fieldText } from './outline.ts';
import type { Box, SeenFrame, SeenNode, SeenPage } from './seenPage.ts';
import { pictureOf } from './picture.ts';
import { shapeOf } from './textShape.ts';

/**
 * A drawing of a page that contains nothing of the page itself: boxes at the elements' places, their roles, and the
 * texts that may be shown.
 */
export interface DrawnPage {
  readonly png: Buffer;
  /** Every text in the picture. */
  readonly texts: readonly string[];
}

export interface Drawing {
  readonly html: string;
  readonly texts: readonly string[];
}

/** Drawing some thousand boxes takes well under a second on an idle machine. */
const drawMilliseconds = 15_000;
/** More boxes than this would cover each other. */
const markLimit = 6000;
const captionHeight = 40;

/** Draws in a context of its own: no script, no network, nothing from the portal. */
export async function drawPage(browser: Browser, page: SeenPage, masking: Masking): Promise<DrawnPage> {
  const { html, texts } = drawingOf(page, masking);
  const context = await browser.newContext({
    offline: true,
    viewport: { width: page.width, height: page.height + captionHeight },
  });
  try {
    context.setDefaultTimeout(drawMilliseconds);
    const canvas = await context.newPage();
    await canvas.setContent(html);
    return { png: await pictureOf(canvas, { animations: 'disabled' }), texts };
  } finally {
    await context.close();
  }
}

interface Mark {
  readonly kind: 'picture' | 'thing' | 'text' | 'role';
  readonly box: Box;
  readonly text?: string;
}

const caption = [
  'Drawn from the boxes on the page, not photographed.',
  'Texts that neither the recipe nor the list of interface texts names keep their shape only: x, X, 9. Pictures are grey.',
];

/** The drawing as HTML without scripts, and the texts in it. */
export function drawingOf(page: SeenPage, masking: Masking): Drawing {
  const marks = page.frames
    .flatMap((frame) => marksOf(frame, masking))
    .filter(({ box }) => isWithin(box, page))
    .slice(0, markLimit);
  const texts = [...caption, ...marks.flatMap(({ text }) => (text === undefined ? [] : [text]))];
  const html = `<!doctype html><meta charset="utf-8"><style>${styles}</style>
<header>${caption.map((line) => `<div>${escaped(line)}</div>`).join('')}</header>
<main>${marks.map(drawn).join('\n')}</main>`;
  return { html, texts };
}

const styles = `
body { margin: 0; background: #fff; color: #111; font: 12px/1.25 sans-serif }
header { box-sizing: border-box; height: ${captionHeight}px; padding: 3px 8px; background: #eef; color: #334 }
main { position: relative }
main > * { position: absolute; box-sizing: border-box; white-space: pre }
.picture { background: #d5d5d5 }
.thing { border: 1px solid #57c; border-radius: 2px }
.text { overflow: hidden }
.role { color: #a50; font-size: 9px; background: #ffffffcc; line-height: 1 }`;

function drawn({ kind, box, text = '' }: Mark): string {
  const { x, y, width, height } = box;
  const size = kind === 'role' ? '' : `width:${width}px;height:${height}px;`;
  return `<div class="${kind}" style="left:${x}px;top:${y}px;${size}">${escaped(text)}</div>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function isWithin({ x, y, width, height }: Box, page: SeenPage): boolean {
  return width > 0 && height > 0 && x < page.width && y < page.height && x + width > 0 && y + height > 0;
}

/** Containers whose box adds nothing to their contents. */
const undrawn = new Set([
  'text',
  'generic',
  'document',
  'main',
  'rowgroup',
  'row',
  'list',
  'paragraph',
  'none',
]);
/** The text of these is their value; their name is elsewhere or missing. */
const fields = new Set([
  'textbox',
  'searchbox',
  'spinbutton',
  'combobox',
  'slider',
  'listbox',
  'progressbar',
]);
/** Cells and items show their text without their role. */
const quiet = new Set(['cell', 'gridcell', 'listitem', 'rowheader']);

function marksOf({ nodes, texts, pictures, passwords }: SeenFrame, masking: Masking): Mark[] {
  const things = nodes.flatMap((node) => withInner(node)).filter(({ role }) => !undrawn.has(role));
  const names = maskTexts(
    things.flatMap(({ name, text }) => [name ?? '', text ?? '']),
    masking,
  );
  const marks = things.flatMap((thing, index) => {
    const value = thing.text === undefined ? '' : fieldText(thing.text, names[2 * index + 1]!, passwords);
    return marksOfThing(thing, { name: names[2 * index]!, value });
  });
  return [
    ...pictures.map((box): Mark => ({ kind: 'picture', box })),
    ...marks,
    ...maskedRuns(texts, masking),
  ];
}

function marksOfThing({ role, box }: SeenNode, { name, value }: { name: string; value: string }): Mark[] {
  // The options of a closed list have no place of their own.
  if (box === undefined || box.width < 2 || box.height < 2) return [];
  const marks: Mark[] = [{ kind: 'thing', box }];
  // A field's box holds its value. The text of any other element is drawn at its own place on the page.
  if (fields.has(role)) marks.push({ kind: 'text', box: inset(box), text: value });
  if (quiet.has(role)) return marks;
  const place = { x: box.x + 1, y: Math.max(0, box.y - 8), width: 1, height: 1 };
  marks.push({ kind: 'role', box: place, text: name === '' ? role : `${role} "${name}"` });
  return marks;
}

/**
 * A run of text is readable if the whole that it belongs to is known: "Mark" of "Mark as read" says nothing by itself.
 */
function maskedRuns(texts: SeenFrame['texts'], masking: Masking): Mark[] {
  const safe = masking.hideSecrets(texts.map(({ text }) => text));
  return texts.map(({ text, whole, box }, index) => {
    const isPart = comparable(whole).includes(comparable(text));
    const mayShow = masking.showPatientData || (safe[index] === text && isPart && isKnown(whole, masking));
    return { kind: 'text', box, text: mayShow ? safe[index]! : shapeOf(safe[index]!) };
  });
}

function inset({ x, y, width, height }: Box): Box {
  return { x: x + 3, y: y + 3, width: Math.max(1, width - 4), height: Math.max(1, height - 4) };
}

function withInner(node: SeenNode): SeenNode[] {
  return [node, ...node.children.flatMap((child) => withInner(child))];
}
