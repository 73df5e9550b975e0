import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../src/rows/csv.ts';
import { ExportBytes } from '../../src/rows/exportBytes.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import type { ExportRecord } from '../../src/rows/exportRecord.ts';
import { goldenMonths } from '../golden/golden.ts';
import { textsOf } from './recordTexts.ts';

async function recordsOf(
  source: Buffer | string,
  chunkBytes = 64 * 1024,
  passing = new ExportBytes(),
): Promise<ExportRecord[]> {
  const bytes = Buffer.from(source);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  const records: ExportRecord[] = [];
  for await (const block of readCsv(Readable.from(chunks), 'scanner', passing))
    records.push(...block.map(textsOf));
  return records;
}

async function failureOf(source: Buffer | string): Promise<PipelineError> {
  const failure: unknown = await recordsOf(source).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PipelineError);
  return failure as PipelineError;
}

describe('each record comes with the line it starts on', () => {
  const files: readonly { title: string; text: string; lines: number[] }[] = [
    { title: 'LF', text: 'a,b\n1,2\n3,4\n', lines: [1, 2, 3] },
    { title: 'CRLF', text: 'a,b\r\n1,2\r\n3,4\r\n', lines: [1, 2, 3] },
    { title: 'a byte order mark before the header', text: '\uFEFFa,b\n1,2\n', lines: [1, 2] },
    { title: 'blank lines, which are no records', text: 'a,b\n\n1,2\n\r\n\n3,4\n\n', lines: [1, 3, 6] },
    { title: 'a cell of several lines', text: 'a,b\n"x\ny\nz",2\n3,4\n', lines: [1, 2, 5] },
    { title: 'a cell of several CRLF lines', text: 'a,b\r\n"x\r\ny",2\r\n3,4\r\n', lines: [1, 2, 4] },
    { title: 'blank lines within a cell', text: 'a,b\n"x\n\n\ny",2\n3,4\n', lines: [1, 2, 6] },
    { title: 'a header of two lines', text: '"a\nb",c\n1,2\n', lines: [1, 3] },
    { title: 'a record of one empty quoted cell is passed over', text: 'a\n""\n1\n', lines: [1, 3] },
    { title: 'records of other widths, which are judged later', text: 'a,b\n1\n1,2,3\n', lines: [1, 2, 3] },
  ];

  test.each(files)('$title', async ({ text, lines }) => {
    expect((await recordsOf(text)).map(({ line }) => line)).toEqual(lines);
  });

  test.each(files)('$title: and the same read byte by byte', async ({ text }) => {
    expect(await recordsOf(text, 1)).toEqual(await recordsOf(text));
  });

  test('the byte order mark is no part of the first heading', async () => {
    expect((await recordsOf('\uFEFF"Client",b\n'))[0]!.cells).toEqual(['Client', 'b']);
  });

  test('cells come as they are written: quotes, commas, spaces, letters of all kinds', async () => {
    const [record] = await recordsOf('"SMITH, JOHN ""JJ""", x ,"NÚÑEZ\u2028 O\'MARROW",""\n');
    expect(record!.cells).toEqual(['SMITH, JOHN "JJ"', ' x ', "NÚÑEZ\u2028 O'MARROW", '']);
  });
});

describe('what is no whole CSV is refused', () => {
  const header = 'Client,Service Code\n';
  const refused: readonly {
    title: string;
    source: Buffer | string;
    type: string;
    says: RegExp;
    hint?: RegExp;
  }[] = [
    { title: 'no byte at all', source: '', type: 'ExportTruncated', says: /empty/ },
    { title: 'a web page', source: '<!DOCTYPE html>\n<p>a,b\n', type: 'ExportNotCsv', says: /web page/ },
    { title: 'a web page after spaces', source: '\r\n  <html>\n', type: 'ExportNotCsv', says: /web page/ },
    { title: 'a web page after a BOM', source: '\uFEFF<html>\n', type: 'ExportNotCsv', says: /web page/ },
    { title: 'JSON', source: '{"error":"session"}\n', type: 'ExportNotCsv', says: /JSON/ },
    { title: 'a JSON list', source: '[{"error":"session"}]\n', type: 'ExportNotCsv', says: /JSON/ },
    {
      title: 'a name in Latin-1',
      source: Buffer.from(`${header}N\u00da\u00d1EZ,DS\n`, 'latin1'),
      type: 'ExportNotCsv',
      says: /^line 2 of the export is not UTF-8: it looks like Windows-1252$/,
      hint: /^Save the file as "CSV UTF-8/,
    },
    {
      title: 'UTF-16 with its mark',
      source: Buffer.from(`\uFEFF${header}`, 'utf16le'),
      type: 'ExportNotCsv',
      says: /from line 1 on it looks like UTF-16$/,
      hint: /^Save the file as "CSV UTF-8/,
    },
    {
      title: 'UTF-16 without',
      source: Buffer.from(header, 'utf16le'),
      type: 'ExportNotCsv',
      says: /from line 1 on it looks like UTF-16$/,
      hint: /^Save the file as "CSV UTF-8/,
    },
    {
      title: 'UTF-16 the other way round',
      source: Buffer.from(header, 'utf16le').swap16(),
      type: 'ExportNotCsv',
      says: /looks like UTF-16$/,
      hint: /^Save the file as "CSV UTF-8/,
    },
    {
      title: 'bytes that are text in no encoding known here',
      source: Buffer.from(`${header}SMITH,DS\nD\u008dE,\u0001\n`, 'latin1'),
      type: 'ExportNotCsv',
      says: /^line 3 of the export is not UTF-8$/,
    },
    {
      title: 'a ZIP, as XLSX is',
      source: 'PK\u0003\u0004\0\0\n',
      type: 'ExportNotCsv',
      says: /binary, not CSV in UTF-8: line 1 holds a NUL byte/,
    },
    {
      title: 'a NUL in a later line',
      source: `${header}SMITH,DS\nDO\0E,DS\n`,
      type: 'ExportNotCsv',
      says: /line 3 holds a NUL byte/,
    },
    {
      title: 'a line without end',
      source: `${header}SMITH,DS\n${'SMITH '.repeat(200_000)}`,
      type: 'ExportNotCsv',
      says: /^line 3 of the export goes on for more than 1000000 bytes/,
    },
    {
      title: 'a line of a million commas',
      source: `${header}${','.repeat(1_000_001)}\n`,
      type: 'ExportNotCsv',
      says: /^line 2 of the export goes on for more than 1000000 bytes/,
    },
    {
      title: 'a record of many lines of nothing but commas and quotes',
      source: `${header}"${`\n"${','.repeat(300_000)}"`.repeat(12)}",DS\n`,
      type: 'ExportNotCsv',
      says: /goes on for more than 1000000 bytes/,
    },
    {
      title: 'a quote that is never closed',
      source: `${header}"SMITH, JOHN,DS\nDOE,DS\n`,
      type: 'ExportTruncated',
      says: /within a quoted cell near line \d/,
    },
    {
      title: 'a quote in the middle of a cell',
      source: `${header}SM"ITH,DS\n`,
      type: 'ExportNotCsv',
      says: /near line 2/,
    },
    {
      title: 'text after a closing quote',
      source: `${header}"SMITH"X,DS\n`,
      type: 'ExportNotCsv',
      says: /near line 2/,
    },
    {
      title: 'a cell of more than a megabyte',
      source: `${header}"${'SMITH\n'.repeat(200_000)}",DS\n`,
      type: 'ExportNotCsv',
      says: /^line \d+ of the export goes on for more than 1000000 bytes/,
    },
    {
      title: 'a last line cut within a character',
      source: Buffer.from(`${header}NÚ`).subarray(0, -1),
      type: 'ExportTruncated',
      says: /stops after \d+ bytes/,
    },
    {
      title: 'a header cut within a character',
      source: Buffer.from('Client,Ú').subarray(0, -1),
      type: 'ExportTruncated',
      says: /stops after 8 bytes/,
    },
  ];

  test.each(refused)('$title: $type', async ({ source, type, says, hint = /^Download the export again/ }) => {
    const failure = await failureOf(source);
    expect(failure.type).toBe(type);
    expect(failure.message).toMatch(says);
    expect(failure.hint).toMatch(hint);
    expect(JSON.stringify([failure.message, failure.details])).not.toMatch(/SMITH|session/);
  });

  test('an error of the file itself passes as it is', async () => {
    const broken = new Readable({
      read: () => broken.destroy(Object.assign(new Error('gone'), { code: 'EIO' })),
    });
    await expect(readCsv(broken).next()).rejects.toMatchObject({ code: 'EIO' });
  });

  test('a reader who stops early closes the file', async () => {
    const source = Readable.from([Buffer.from('a\n1\n'), Buffer.from('2\n')]);
    for await (const [first] of readCsv(source)) if (first?.line === 1) break;
    expect(source.destroyed).toBe(true);
  });
});

/** `seen as cut`: refused, or its last line has no line break, which `assertLastLineWhole` judges. */
type Verdict = 'seen as cut' | 'refused for another reason' | 'whole records' | 'other records';

/** What a reader makes of the first bytes of an export. */
async function verdictOnCut(bytes: Buffer, at: number, whole: readonly ExportRecord[]): Promise<Verdict> {
  const passing = new ExportBytes();
  const outcome = await recordsOf(bytes.subarray(0, at), undefined, passing).catch((error: unknown) => error);
  if (outcome instanceof PipelineError) {
    return /^Export(Truncated|NotCsv)$/.test(outcome.type) ? 'seen as cut' : 'refused for another reason';
  }
  if (!passing.isEnded) return 'seen as cut';
  const records = outcome as ExportRecord[];
  const same = JSON.stringify(records) === JSON.stringify(whole.slice(0, records.length));
  return same ? 'whole records' : 'other records';
}

/** Right after a record a cut cannot be seen in the file: the portal's count or length tells it. */
function verdictWanted(ends: ReadonlySet<number>, at: number): Verdict {
  return ends.has(at) ? 'whole records' : 'seen as cut';
}

/** Bytes after which a cut leaves whole records only. */
function recordEnds(bytes: Buffer): Set<number> {
  const ends = new Set<number>();
  let quoted = false;
  bytes.forEach((byte, at) => {
    if (byte === 0x22) quoted = !quoted;
    if (!quoted && byte === 0x0a) ends.add(at + 1);
  });
  return ends;
}

/** As much as can be cut at every byte within a second. */
function firstRecords(bytes: Buffer, count: number): Buffer {
  return bytes.subarray(0, [...recordEnds(bytes)][count]);
}

describe('an export cut at any byte never passes for one with fewer rows', () => {
  const exports = [
    ...goldenMonths.map(({ name, exportPath }) => ({ name, bytes: readFileSync(exportPath) })),
    {
      name: 'one with all that CSV allows',
      bytes: Buffer.from('\uFEFF"a, b",c\r\n\r\n"x\r\ny ""z""\n",1\r\nNÚÑEZ 🙂,"($1,234.56)"\r\n"",\r\n'),
    },
  ];

  test.each(exports)('$name, its first records at every byte', async ({ bytes }) => {
    const head = firstRecords(bytes, 10);
    const ends = recordEnds(head);
    const whole = await recordsOf(head);
    expect(whole.length).toBeGreaterThan(3);
    for (let at = 0; at < head.length; at += 1) {
      expect(await verdictOnCut(head, at, whole)).toBe(verdictWanted(ends, at));
    }
  });

  test.each(exports)('$name, at bytes drawn at random', async ({ bytes }) => {
    const ends = recordEnds(bytes);
    const whole = await recordsOf(bytes);
    const property = asyncProperty(integer({ min: 0, max: bytes.length - 1 }), async (at) => {
      expect(await verdictOnCut(bytes, at, whole)).toBe(verdictWanted(ends, at));
    });
    await assert(property);
  });
});
