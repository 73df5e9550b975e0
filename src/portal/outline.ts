import { maskTexts, type Masking } from './maskText.ts';
import type { SeenNode, SeenPage } from './seenPage.ts';

/** What a page offers, by role and name, in page order. */
export interface Outline {
  readonly lines: readonly string[];
  /** The number of elements of each role that one can act on. */
  readonly offered: Readonly<Record<string, number>>;
}

/** The later lines of a long grid add nothing to the first ones. */
const lineLimit = 2000;

const controls = new Set([
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
  'progressbar',
  'link',
  'option',
  'treeitem',
  'menuitemcheckbox',
  'menuitemradio',
  'gridcell',
]);

/** The text of these only repeats their name. */
const namedByText = new Set([
  'button',
  'tab',
  'menuitem',
  'link',
  'option',
  'treeitem',
  'menuitemcheckbox',
  'menuitemradio',
  'gridcell',
  'cell',
  'rowheader',
  'columnheader',
  'heading',
]);

/** The roles and names of all frames of a page, masked. */
export function outlineOf(page: SeenPage, masking: Masking): Outline {
  const offered: Record<string, number> = {};
  const lines: Line[] = [];
  page.frames.forEach(({ nodes, passwords, title, parent = 0 }, index) => {
    const place = `frame ${index}${parent > 0 ? ` in frame ${parent}` : ''}`;
    if (index > 0) {
      const name = title === undefined ? {} : { name: title };
      lines.push({ depth: 0, role: title === undefined ? `${place}:` : place, passwords, ...name });
    }
    if (nodes.length === 0) lines.push({ depth: 0, role: '(no roles could be read)', passwords });
    for (const node of nodes) describeNode(node, index > 0 ? 1 : 0, passwords);
  });
  return { lines: written(lines.slice(0, lineLimit), masking), offered };

  function describeNode(node: SeenNode, depth: number, passwords: readonly string[]): void {
    const { role, name, text, children } = node;
    if (controls.has(role)) offered[role] = (offered[role] ?? 0) + 1;
    lines.push({
      depth,
      role: `- ${role}`,
      passwords,
      // A row's name only repeats its cells.
      ...(name === undefined || role === 'row' ? {} : { name }),
      ...(text === undefined || (namedByText.has(role) && text === name) ? {} : { text }),
    });
    for (const child of children) describeNode(child, depth + 1, passwords);
  }
}

interface Line {
  readonly depth: number;
  readonly role: string;
  readonly name?: string;
  readonly text?: string;
  readonly passwords: readonly string[];
}

function written(lines: readonly Line[], masking: Masking): string[] {
  const texts = maskTexts(
    lines.flatMap(({ name, text }) => [name ?? '', text ?? '']),
    masking,
  );
  return lines.map(({ depth, role, name, text, passwords }, index) => {
    const shown = name === undefined ? '' : ` "${texts[2 * index]!}"`;
    const value = text === undefined ? '' : `: ${fieldText(text, texts[2 * index + 1]!, passwords)}`;
    return `${'  '.repeat(depth)}${role}${shown}${value}`;
  });
}

/** A password field's text is never shown, even if it is not the password. */
export function fieldText(text: string, masked: string, passwords: readonly string[]): string {
  return passwords.includes(text) ? '[secret]' : masked;
}

/** `5 buttons, 2 links`, the most frequent first. */
export function offeredText(offered: Readonly<Record<string, number>>): string {
  const entries = Object.entries(offered).toSorted(([, left], [, right]) => right - left);
  if (entries.length === 0) return 'nothing to act on';
  return entries
    .map(([role, count]) => `${count} ${role}${count === 1 ? '' : role.endsWith('x') ? 'es' : 's'}`)
    .join(', ');
}
