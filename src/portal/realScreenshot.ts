import type { Frame, JSHandle, Page } from 'playwright';
import type { Masking } from './maskText.ts';
import { pictureOf } from './picture.ts';

/** A page that does not paint in this time gives no picture; the outline still says what is there. */
const captureMilliseconds = 10_000;

/** The painted texts of a frame, and a way to rewrite them. It stays in the page. */
interface Painted {
  /** In page order. */
  readonly texts: string[];
  /** False if the page is too large to be searched in full. */
  readonly isWhole: boolean;
  readonly rewrite: (masked: string[]) => void;
}

/**
 * Runs in the page. Collects all text that can be painted, including open shadow roots. If `rewrite` is given, replaces
 * each text by its other form. Fields, password fields included, are covered instead, since changing a value could send
 * it. What a script paints cannot be read and is hidden.
 *
 * The change is permanent: a failed session is closed after its evidence. Styles are set by script, since a page's
 * content security policy may forbid an inserted style sheet.
 */
const gather = `() => {
  const limit = 50000;
  const parts = [], scriptPainted = [];
  let visited = 0;
  const add = (kind, node, text) => { if (typeof text === 'string' && text.trim() !== '') parts.push({ kind, node, text }); };
  const isCovered = (node) => node.style?.webkitTextFillColor === 'transparent' || node.style?.visibility === 'hidden';
  const addPainted = (node) => {
    for (const name of ['src', 'srcset', 'data', 'poster', 'alt', 'label', 'href']) {
      if (name !== 'href' || node.localName === 'image') add('painted', node, node.getAttribute(name));
    }
    for (const pseudo of ['::before', '::after', '::marker']) {
      const { content } = getComputedStyle(node, pseudo);
      if (content !== 'none' && content !== 'normal') add('painted', node, content);
    }
    const { backgroundImage } = getComputedStyle(node);
    if (backgroundImage !== 'none') add('painted', node, backgroundImage);
  };
  const walk = (parent) => {
    for (let at = parent.firstChild; at !== null; at = at.nextSibling) {
      visited += 1;
      if (visited > limit) return;
      if (at.nodeType === 3 && !/^(script|style|title)$/.test(at.parentElement?.localName ?? '')) add('text', at, at.data);
      if (at.nodeType !== 1) continue;
      if (/^(canvas|video|object|embed)$/.test(at.localName)) scriptPainted.push(at);
      if (!isCovered(at)) {
        if (/^(input|textarea)$/.test(at.localName)) {
          add('value', at, at.value);
          add('placeholder', at, at.getAttribute('placeholder'));
        }
        addPainted(at);
      }
      if (at.shadowRoot) walk(at.shadowRoot);
      walk(at);
    }
  };
  walk(document);
  const important = (node, name, value) => node.style.setProperty(name, value, 'important');
  const cover = (node) => {
    for (const name of ['color', '-webkit-text-fill-color', 'caret-color']) important(node, name, 'transparent');
    important(node, 'background', '#bbb');
    important(node, 'text-shadow', 'none');
    important(node, 'transition', 'none');
  };
  const rewrite = (masked) => {
    parts.forEach(({ kind, node, text }, index) => {
      const safe = masked[index];
      if (kind === 'value' && (safe !== text || node.type === 'password')) cover(node);
      if (safe === text) return;
      if (kind === 'text') node.data = safe;
      if (kind === 'placeholder') node.setAttribute('placeholder', safe);
      if (kind === 'painted') important(node, 'visibility', 'hidden');
    });
    for (const node of scriptPainted) important(node, 'visibility', 'hidden');
  };
  return { texts: parts.map(({ text }) => text), isWhole: visited <= limit, rewrite };
}`;

/** A PNG of the page with its secrets hidden; undefined if a secret cannot be ruled out. */
export async function realScreenshot(page: Page, masking: Masking): Promise<Buffer | undefined> {
  const cleaned = await Promise.all(page.frames().map((frame) => cleanFrame(frame, masking)));
  if (cleaned.includes(false) || !isFree(await closedTexts(page), masking)) return undefined;
  const picture = await pictureOf(page, {
    timeout: captureMilliseconds,
    animations: 'disabled',
    caret: 'hide',
  });
  // A page that redraws itself could have restored a secret before the screenshot.
  const stayedClean = await Promise.all(page.frames().map((frame) => isClean(frame, masking)));
  return stayedClean.includes(false) ? undefined : picture;
}

async function cleanFrame(frame: Frame, masking: Masking): Promise<boolean> {
  const painted = await gathered(frame);
  const { texts, isWhole } = await readable(painted);
  if (!isWhole) return false;
  await painted.evaluate(({ rewrite }, masked) => rewrite(masked), masking.hideSecrets(texts));
  return true;
}

async function isClean(frame: Frame, masking: Masking): Promise<boolean> {
  const { texts } = await readable(await gathered(frame));
  return isFree(texts, masking);
}

function isFree(texts: readonly string[], masking: Masking): boolean {
  return masking.hideSecrets(texts).every((safe, index) => safe === texts[index]);
}

interface DomNode {
  readonly nodeValue: string;
  readonly attributes?: string[];
  readonly shadowRootType?: 'user-agent' | 'open' | 'closed';
  readonly shadowRoots?: DomNode[];
  readonly children?: DomNode[];
  readonly contentDocument?: DomNode;
}

/** Texts in closed shadow roots, which scripts cannot reach: they can be searched but not rewritten. */
async function closedTexts(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
  await session.detach();
  return textsWithin(root, false);
}

function textsWithin(node: DomNode, isClosed: boolean): string[] {
  const closed = isClosed || node.shadowRootType === 'closed';
  const own = closed ? [node.nodeValue, ...(node.attributes ?? [])] : [];
  const { shadowRoots = [], children = [], contentDocument } = node;
  const inner = [...shadowRoots, ...children, ...(contentDocument === undefined ? [] : [contentDocument])];
  return [...own, ...inner.flatMap((each) => textsWithin(each, closed))];
}

async function gathered(frame: Frame): Promise<JSHandle<Painted>> {
  return frame.evaluateHandle<Painted>(`(${gather})()`);
}

async function readable(painted: JSHandle<Painted>): Promise<Omit<Painted, 'rewrite'>> {
  return painted.evaluate(({ texts, isWhole }) => ({ texts, isWhole }));
}
