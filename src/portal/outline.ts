import type { Page } from 'playwright';
import { maskContent, maskFurniture, type Masking } from './maskText.ts';

/** What a page offers, by role and name, in the order of the page. */
export interface Outline {
  readonly lines: readonly string[];
  /** How many of each role that one can act on. */
  readonly offered: Readonly<Record<string, number>>;
}

interface AriaNode {
  readonly role: string;
  readonly name?: string;
  readonly text?: string;
  readonly children?: readonly unknown[];
}

/** Long grids add nothing to what the first lines say. */
const lineLimit = 2000;
const captureMilliseconds = 5000;

/** Roles whose names the portal's makers wrote. Inside of rows and lists they may still name a person. */
const furniture = new Set([
  'button',
  'tab',
  'menuitem',
  'textbox',
  'searchbox',
  'spinbutton',
  'combobox',
  'checkbox',
  'radio',
  'switch',
  'slider',
  'columnheader',
  'progressbar',
]);
const controls = new Set(
  [...furniture, 'link', 'option', 'treeitem'].filter((role) => role !== 'columnheader'),
);
const records = new Set(['row', 'cell', 'gridcell', 'listitem', 'option', 'treeitem', 'listbox']);

/** The roles and names of all frames of a page, masked. */
export async function outlineOf(page: Page, masking: Masking): Promise<Outline> {
  const offered: Record<string, number> = {};
  const lines: string[] = [];
  for (const [index, frame] of page.frames().entries()) {
    const nodes = await frame
      .locator('body')
      .ariaSnapshotJSON({ timeout: captureMilliseconds })
      .catch(() => []);
    if (index > 0) lines.push(`frame ${index}:`);
    for (const node of nodesOf(nodes)) describeNode(node, { depth: index > 0 ? 1 : 0, inRecord: false });
  }
  return { lines: lines.slice(0, lineLimit), offered };

  function describeNode(node: AriaNode, at: { depth: number; inRecord: boolean }): void {
    if (controls.has(node.role)) offered[node.role] = (offered[node.role] ?? 0) + 1;
    lines.push(lineOf(node, at, masking));
    // A row's header cells are furniture, so that a renamed column can be seen.
    const inRecord = at.inRecord || (records.has(node.role) && !isHeaderRow(node));
    for (const child of nodesOf(node.children)) describeNode(child, { depth: at.depth + 1, inRecord });
  }
}

function isHeaderRow(node: AriaNode): boolean {
  return node.role === 'row' && nodesOf(node.children).every(({ role }) => role === 'columnheader');
}

function lineOf(
  node: AriaNode,
  { depth, inRecord }: { depth: number; inRecord: boolean },
  masking: Masking,
): string {
  const isFurniture = furniture.has(node.role) && !inRecord;
  // A row's name only repeats its cells.
  const name =
    node.name === undefined || node.role === 'row'
      ? ''
      : ` "${(isFurniture ? maskFurniture : maskContent)(node.name, masking)}"`;
  // The text of a field is what somebody entered; the text of a button repeats its name.
  const text = node.text === undefined || isFurniture ? '' : `: ${maskContent(node.text, masking)}`;
  return `${'  '.repeat(depth)}- ${node.role}${name}${text}`;
}

function nodesOf(value: unknown): AriaNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  // Plain text stands among the elements as a bare string.
  if (typeof value === 'string') return [{ role: 'text', text: value }];
  return isAriaNode(value) ? [value] : [];
}

function isAriaNode(value: unknown): value is AriaNode {
  return typeof value === 'object' && value !== null && 'role' in value && typeof value.role === 'string';
}

/** `5 buttons, 2 links`, the most frequent first. */
export function offeredText(offered: Readonly<Record<string, number>>): string {
  const entries = Object.entries(offered).toSorted(([, left], [, right]) => right - left);
  if (entries.length === 0) return 'nothing to act on';
  return entries
    .map(([role, count]) => `${count} ${role}${count === 1 ? '' : role.endsWith('x') ? 'es' : 's'}`)
    .join(', ');
}
