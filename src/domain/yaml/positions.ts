import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
} from 'yaml';

/** Keys and list indexes that lead to a value; indexes count from 0. */
export type Path = readonly PropertyKey[];

/** A YAML document that knows the line of everything in it. */
export interface PlacedYaml {
  readonly document: Document;
  readonly lines: LineCounter;
}

interface Entry {
  readonly key: PropertyKey;
  /** The start of the entry: the key in a mapping, the item in a list. */
  readonly start: unknown;
  readonly value: unknown;
}

export function parsePlacedYaml(text: string): PlacedYaml {
  const lines = new LineCounter();
  // Pretty errors quote the file. With string keys, 1 and "1" are one key, and a mapping cannot be one.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  return { document, lines };
}

/** Lines with aliases (`*name`): an alias can point nowhere, or expand a small file into a huge one. */
export function aliasLines({ document, lines }: PlacedYaml): number[] {
  const found: number[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      found.push(lines.linePos(offsetOf(alias) ?? 0).line);
    },
  });
  return found;
}

/** The line of the key or list item, else of its nearest existing parent. */
export function lineOf({ document, lines }: PlacedYaml, path: Path): number {
  let offset = offsetOf(document.contents) ?? 0;
  let at: unknown = document.contents;
  for (const key of path) {
    // The last one, because the last duplicate key wins.
    const entry = entriesOf(at).findLast((candidate) => String(candidate.key) === String(key));
    if (entry === undefined) break;
    offset = offsetOf(entry.start) ?? offset;
    at = entry.value;
  }
  return lines.linePos(offset).line;
}

/** The path of the key or list item that begins at `offset`. */
export function pathAt(node: unknown, offset: number): Path | undefined {
  for (const { key, start, value } of entriesOf(node)) {
    if (offsetOf(start) === offset) return [key];
    const inner = pathAt(value, offset);
    if (inner !== undefined) return [key, ...inner];
  }
  return undefined;
}

function entriesOf(node: unknown): Entry[] {
  if (!isCollection(node)) return [];
  if (!isMap(node)) return node.items.map((item, index) => ({ key: index, start: item, value: item }));
  return node.items.map(({ key, value }) => ({
    key: isScalar(key) ? String(key.value) : '?',
    start: key,
    value,
  }));
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
