/** An element of a page as its accessibility tree has it. Its texts may identify a person. */
export interface AriaNode {
  readonly role: string;
  readonly name: string;
  readonly text: string;
  readonly ref: string | undefined;
  readonly isSelected: boolean;
  readonly parent: AriaNode | undefined;
}

/** More lines than any page that a person works with. */
const lineLimit = 20_000;
const line = /^( {0,400})- (.*)$/;
const head =
  /^([a-z]{1,30})(?: ("(?:[^"\\]|\\.){0,2000}"|\/.{0,2000}\/))?((?: \[[^\]]{0,100}\]){0,12})(?::(?: (.*))?)?$/s;

/** Reads what Playwright's `ariaSnapshot` writes: all nodes, in page order. */
export function ariaNodes(snapshot: string): AriaNode[] {
  const nodes: AriaNode[] = [];
  const open: { depth: number; node: AriaNode }[] = [];
  for (const written of snapshot.split('\n', lineLimit)) {
    const [, indent, content] = line.exec(written) ?? [];
    if (indent === undefined || content === undefined) continue;
    while (open.length > 0 && open.at(-1)!.depth >= indent.length) open.pop();
    const node = nodeOf(unquotedKey(content), open.at(-1)?.node);
    if (node === undefined) continue;
    nodes.push(node);
    open.push({ depth: indent.length, node });
  }
  return nodes;
}

/** YAML quotes a key that contains a colon. */
function unquotedKey(content: string): string {
  if (!content.startsWith("'")) return content;
  const end = /^'((?:[^']|''){0,4000})'(.*)$/s.exec(content);
  return end === null ? content : `${end[1]!.replaceAll("''", "'")}${end[2]!}`;
}

function nodeOf(content: string, parent: AriaNode | undefined): AriaNode | undefined {
  const [, role, name = '""', marks = '', text = ''] = head.exec(content) ?? [];
  if (role === undefined) return undefined;
  const ref = /\[ref=([a-z0-9]{1,20})\]/.exec(marks)?.[1];
  return {
    role,
    name: name.startsWith('"') ? (unquoted(name) ?? '') : '',
    text: text.startsWith('"') ? (unquoted(text) ?? text) : text,
    ref,
    isSelected: marks.includes('[selected]'),
    parent,
  };
}

function unquoted(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

export function ancestorsOf(node: AriaNode): AriaNode[] {
  return node.parent === undefined ? [] : [node.parent, ...ancestorsOf(node.parent)];
}
