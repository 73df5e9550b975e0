import { generatedIdIn } from '../generatedIds.ts';
import { targetRoles } from '../recipeSchema.ts';
import { ancestorsOf, type AriaNode } from './ariaTree.ts';
import { isPlainName, type PrivateTexts } from './plainNames.ts';
import type { RecordedAction, RecordedLocator } from './playwrightRecorder.ts';

/** A way to find an element, as a recipe writes it. */
export type WrittenTarget = Readonly<Record<string, unknown>>;

const roles: ReadonlySet<string> = new Set(targetRoles);

/** The element in the snapshot, by its mark or else as the only one of its role and name. */
export function nodeOf({ ref, locator }: RecordedAction, nodes: readonly AriaNode[]): AriaNode | undefined {
  const marked = ref === undefined ? undefined : nodes.find((node) => node.ref === ref);
  if (marked !== undefined) return marked;
  const last = locator.at(-1);
  if (last === undefined) return undefined;
  const name = last.name ?? last.body;
  const like = nodes.filter(
    (node) => node.name === name && (last.kind !== 'role' || node.role === last.body),
  );
  return like.length === 1 || like.some(isInRow) ? (like.find(isInRow) ?? like[0]) : undefined;
}

function isInRow(node: AriaNode): boolean {
  return [node, ...ancestorsOf(node)].some(({ role }) => role === 'row');
}

export interface Rewording {
  readonly hidden: PrivateTexts;
  /** A placeholder for a text that says the period or the report. */
  readonly placeholder: (text: string) => string | undefined;
}

/** Undefined if it can only be found by words that may not be written, by a generated id, or by its position. */
export function targetOf(
  action: RecordedAction,
  nodes: readonly AriaNode[],
  rewording: Rewording,
): WrittenTarget | undefined {
  const node = nodeOf(action, nodes);
  const parts = [...action.locator];
  const frame = frameOf(parts, rewording);
  if (frame === 'unknown') return undefined;
  const last = parts.pop();
  if (last === undefined) return undefined;
  const way = wayOf(last, node, rewording);
  const outer = parts.at(-1);
  const within = outer === undefined ? undefined : containerOf(outer, rewording);
  if (way === undefined || (outer !== undefined && within === undefined) || parts.length > 1)
    return undefined;
  return {
    ...way,
    ...(within === undefined ? {} : { within }),
    ...(frame === undefined ? {} : { frame }),
  };
}

/** Takes the frame's parts from the front of the locator. */
function frameOf(parts: RecordedLocator[], { hidden }: Rewording): WrittenTarget | 'unknown' | undefined {
  const at = parts.findIndex(({ kind }) => kind === 'frame');
  if (at === -1) return undefined;
  const [frame] = parts.splice(0, at + 1);
  // A frame in a frame has no way of its own yet.
  if (at !== 1 || parts.some(({ kind }) => kind === 'frame') || frame === undefined) return 'unknown';
  const [, attribute, value] = /^iframe\[(title|name)="([^"\\]{1,100})"\]$/.exec(frame.body) ?? [];
  if (attribute !== undefined && value !== undefined && isPlainName(value, hidden))
    return { [attribute]: value };
  return isPlainCss(frame.body, hidden) ? { css: frame.body } : 'unknown';
}

function wayOf(
  { kind, body, name }: RecordedLocator,
  node: AriaNode | undefined,
  rewording: Rewording,
): WrittenTarget | undefined {
  const text = name ?? body;
  if (kind === 'default') return isPlainCss(body, rewording.hidden) ? { css: body } : undefined;
  const said =
    rewording.placeholder(text) ?? (isPlainName(text, rewording.hidden, node) ? plain(text) : undefined);
  if (kind === 'role') {
    if (!roles.has(body)) return undefined;
    if (name === undefined) return undefined;
    if (said === undefined) return undefined;
    return body === 'button' || body === 'link' ? { [body]: said } : { role: body, name: said };
  }
  if (said === undefined) return undefined;
  return kind === 'label' || kind === 'placeholder' || kind === 'title' || kind === 'text'
    ? { [kind]: said }
    : undefined;
}

function containerOf(
  { kind, body, name }: RecordedLocator,
  { hidden }: Rewording,
): WrittenTarget | undefined {
  if (kind === 'default') return isPlainCss(body, hidden) ? { css: body } : undefined;
  if (kind !== 'role' || !roles.has(body)) return undefined;
  if (name === undefined) return { role: body };
  if (!isPlainName(name, hidden)) return undefined;
  return body === 'dialog' ? { dialog: plain(name) } : { role: body, name: plain(name) };
}

/** A slash at both ends would make it a pattern, `${` a placeholder. */
function plain(text: string): string {
  return text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll('${', '$ {')
    .replace(/^\/(?=.*\/[a-z]*$)/, '');
}

/** Attributes such as a name or a type; no position, no generated id, no text of the page. */
function isPlainCss(css: string, hidden: PrivateTexts): boolean {
  if (css.length > 120 || generatedIdIn(css) !== undefined || /:nth|:has|:text|>>|xpath|\d{3}/i.test(css))
    return false;
  const quoted = Array.from(css.matchAll(/"([^"]*)"|'([^']*)'/g), ([, one, other]) => one ?? other ?? '');
  return [...quoted, css].every(
    (text) =>
      !hidden.typed.some((each) => each.length >= 3 && text.toLowerCase().includes(each.toLowerCase())) &&
      !(text.match(/\p{L}+/gu) ?? []).some((word) => hidden.people.has(word.toLowerCase())),
  );
}
