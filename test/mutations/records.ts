import type { Bytes } from './exports.ts';

/** The records of an export with their line ends, as far as quotes can be trusted; joined they are the export. */
export function recordsOf(bytes: Bytes): Bytes[] {
  const records: Bytes[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === '"') quoted = !quoted;
    if (bytes[at] !== '\n' || quoted) continue;
    records.push(bytes.slice(from, at + 1));
    from = at + 1;
  }
  return from < bytes.length ? [...records, bytes.slice(from)] : records;
}

/** A record's cells as they are written, quotes included, and its line end. */
export interface WrittenRecord {
  readonly cells: readonly Bytes[];
  readonly end: Bytes;
}

export function writtenRecord(record: Bytes): WrittenRecord {
  const end = /\r*\n$/.exec(record)?.[0] ?? '';
  const body = record.slice(0, record.length - end.length);
  const cells: Bytes[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < body.length; at += 1) {
    if (body[at] === '"') quoted = !quoted;
    if (body[at] !== ',' || quoted) continue;
    cells.push(body.slice(from, at));
    from = at + 1;
  }
  return { cells: [...cells, body.slice(from)], end };
}

export function bytesOfRecord({ cells, end }: WrittenRecord): Bytes {
  return cells.join(',') + end;
}

/** What a written cell says, without its quotes. */
export function saidBy(cell: Bytes): Bytes {
  return /^".*"$/s.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

/** A cell as it has to be written. */
export function written(text: Bytes): Bytes {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The name of the column that a heading means. */
export function columnOf(heading: Bytes): string {
  return saidBy(heading)
    .replace(/^\u00EF\u00BB\u00BF/, '')
    .trim()
    .replaceAll('"', '')
    .toLowerCase();
}
