import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inspectExport } from '../../src/activities/parts/inspectExport.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import { plainFile, type FileForm } from '../../src/domain/fileForm.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import { byReport } from '../../src/reports/index.ts';
import { openExport } from '../../src/rows/csv.ts';
import { ExportBytes } from '../../src/rows/exportBytes.ts';
import type { ExportRecord } from '../../src/rows/exportRecord.ts';
import { goldenRules } from '../golden/golden.ts';
import { textsOf } from './recordTexts.ts';

const run: RunIdentity = {
  runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
  workflowId: 'notes:2026-11-01..2026-11-15',
  report: 'notes',
  period: { from: '2026-11-01' as IsoDate, to: '2026-11-15' as IsoDate },
  source: 'file',
  startedAt: '2026-11-16T08:00:00.000Z',
};

function rulesWith(form: Partial<FileForm>) {
  const notes = { ...plainFile, ...form };
  return { ...goldenRules({ excludedServices: [] }), files: { ...byReport(() => plainFile), notes } };
}

function chunksOf(bytes: Buffer, chunkBytes: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  return Readable.from(chunks);
}

async function recordsOf(bytes: Buffer, partial: Partial<FileForm>, chunkBytes = 64 * 1024) {
  const form = { ...plainFile, ...partial };
  const { header, blocks } = await openExport(chunksOf(bytes, chunkBytes), new ExportBytes(form), form);
  const records: ExportRecord[] = [];
  for await (const block of blocks) records.push(...block);
  return [header!, ...records].map(textsOf);
}

async function inspect(bytes: Buffer, form: Partial<FileForm> = {}): Promise<number> {
  return inspectExport(chunksOf(bytes, 64 * 1024), run, rulesWith(form));
}

async function refusalOf(bytes: Buffer, form: Partial<FileForm> = {}): Promise<PipelineError> {
  const failure: unknown = await inspect(bytes, form).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PipelineError);
  return failure as PipelineError;
}

/** The settings that a failure's hint proposes, as YAML reads them. */
function proposedBy({ hint }: PipelineError): Partial<FileForm> {
  const yaml = /under notes: (file: .*)$/.exec(hint)?.[1];
  expect(yaml).toBeDefined();
  return (parse(yaml!) as { file: Partial<FileForm> }).file;
}

const headings =
  'Client|Caregiver|Client Supervisor|Service Code|Date of Service|Staff Sign Date|Days to Sign'.split('|');
const rows = [
  ['NÚÑEZ, JOSÉ', 'O’DELL, "ZOË" €', '', 'DS (07/01/2026)', '11/01/2026', '11/01/2026 01:00 PM', '0'],
  ["D'ARCY, INÉS; A|B\tC", 'SMITH,\nJOHN', 'ŠKODA, ŽAN', 'CLS', '11/02/2026', '', ''],
  ['BIRCH, BRUNO', 'PRYOR, ALEX', 'SEDGE, PAT', "'RS", '11/04/2026', '11/07/2026', '3'],
];

interface Written {
  readonly separator?: string;
  readonly quote?: string;
  readonly end?: string;
}

function written(
  cells: readonly (readonly string[])[],
  { separator = ',', quote = '"', end = '\r\n' }: Written,
) {
  const needsQuotes = (cell: string) =>
    [separator, quote, '\n'].some((mark) => mark !== '' && cell.includes(mark));
  const write = (cell: string) =>
    quote !== '' && needsQuotes(cell) ? quote + cell.replaceAll(quote, quote + quote) + quote : cell;
  return cells.map((row) => row.map(write).join(separator) + end).join('');
}

const plainText = written([headings, ...rows], {});
const oneLine = rows.map((row) => row.map((cell) => cell.replace(/[\n\t]/g, ' ')));

const high = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(text: string): Buffer {
  return Buffer.from(
    Array.from(text, (letter) => {
      const at = high.indexOf(letter);
      return at === -1 ? letter.charCodeAt(0) : 0x80 + at;
    }),
  );
}

function utf16(text: string, { big = false, mark = true } = {}): Buffer {
  const bytes = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le');
  return big ? bytes.swap16() : bytes;
}

interface FormCase {
  readonly title: string;
  readonly bytes: Buffer;
  readonly form: Partial<FileForm>;
  /** Cells where they are not those of `rows`. */
  readonly cells?: readonly (readonly string[])[];
  /** Lines before the header. */
  readonly before?: number;
}

const forms: readonly FormCase[] = [
  { title: 'semicolons', bytes: utf8({ separator: ';' }), form: { separator: 'semicolon' } },
  { title: 'tabs', bytes: utf8({ separator: '\t' }), form: { separator: 'tab' } },
  { title: 'pipes, LF', bytes: utf8({ separator: '|', end: '\n' }), form: { separator: 'pipe' } },
  { title: 'single quotes', bytes: utf8({ quote: "'" }), form: { quote: 'single' } },
  {
    title: 'tabs, quotes belong to the cells',
    bytes: Buffer.from(written([headings, ...oneLine], { separator: '\t', quote: '' })),
    form: { separator: 'tab', quote: 'none' },
    cells: oneLine,
  },
  { title: 'Windows-1252', bytes: windows1252(plainText), form: { encoding: 'windows-1252' } },
  { title: 'UTF-16LE', bytes: utf16(plainText), form: { encoding: 'utf-16le' } },
  {
    title: 'UTF-16LE without a mark',
    bytes: utf16(plainText, { mark: false }),
    form: { encoding: 'utf-16le' },
  },
  { title: 'UTF-16BE', bytes: utf16(plainText, { big: true }), form: { encoding: 'utf-16be' } },
  {
    title: 'UTF-16LE with tabs and a title',
    bytes: utf16(`Notes\r\n\r\n${written([headings, ...rows], { separator: '\t' })}`),
    form: { encoding: 'utf-16le', separator: 'tab', linesBeforeHeader: 2 },
    before: 2,
  },
  {
    title: 'a sep= line',
    bytes: Buffer.from(`sep=;\r\n${written([headings, ...rows], { separator: ';' })}`),
    form: { separator: 'semicolon', linesBeforeHeader: 1 },
    before: 1,
  },
];

function utf8(how: Written): Buffer {
  return Buffer.from(written([headings, ...rows], how));
}

describe('files of another form', () => {
  test.each(forms)('$title: cells and lines come as from the plain file', async (given) => {
    const { bytes, form, cells = rows, before = 0 } = given;
    let line = before + 1;
    const expected = [headings, ...cells].map((row) => {
      const record = { line, cells: row };
      line += row.join('').split('\n').length;
      return record;
    });
    for (const chunkBytes of [64 * 1024, 7, 1]) {
      expect(await recordsOf(bytes, form, chunkBytes)).toMatchObject(expected);
    }
  });

  test.each(forms)(
    '$title: refused, and read with the YAML that the refusal prints',
    async ({ bytes, form }) => {
      const refusal = await refusalOf(bytes);
      expect(refusal.message + refusal.hint + JSON.stringify(refusal.details)).not.toMatch(
        /BIRCH|DELL|SEDGE/,
      );
      expect(proposedBy(refusal)).toEqual(form);
      await expect(inspect(bytes, proposedBy(refusal))).resolves.toBe(3);
    },
  );
});

describe('a wrong setting is refused', () => {
  test.each<{ title: string; bytes: Buffer; form: Partial<FileForm>; says: RegExp }>([
    {
      title: 'Windows-1252 for UTF-8',
      bytes: Buffer.from(plainText),
      form: { encoding: 'windows-1252' },
      says: /Windows-1252|encoded twice/,
    },
    {
      title: 'Windows-1252 for one name in UTF-8',
      bytes: Buffer.from(written([headings, ['NÚÑEZ, A', 'B', '', 'CLS', '11/02/2026', '', '']], {})),
      form: { encoding: 'windows-1252' },
      says: /encoded twice/,
    },
    {
      title: 'Windows-1252 for letters of UTF-8 that look like others',
      bytes: Buffer.from(written([headings, ['КД, A', 'B', '', 'CLS', '11/02/2026', '', '']], {})),
      form: { encoding: 'windows-1252' },
      says: /it is UTF-8/,
    },
    {
      title: 'Windows-1252 for a dash in UTF-8',
      bytes: Buffer.from(written([headings, ['A – B', 'B', '', 'CLS', '11/02/2026', '', '']], {})),
      form: { encoding: 'windows-1252' },
      says: /it is UTF-8/,
    },
    {
      title: 'a byte that Windows-1252 does not have',
      bytes: Buffer.concat([windows1252(plainText), Buffer.from([0x81])]),
      form: { encoding: 'windows-1252' },
      says: /^line 6 of the export is not Windows-1252/,
    },
    {
      title: 'UTF-16LE for UTF-16BE',
      bytes: utf16(plainText, { big: true }),
      form: { encoding: 'utf-16le' },
      says: /^line 1 of the export is not UTF-16LE/,
    },
    {
      title: 'half of a pair of surrogates',
      bytes: utf16(plainText.replace('BIRCH', '\ud800BIRCH')),
      form: { encoding: 'utf-16le' },
      says: /^line 5 of the export is not UTF-16LE/,
    },
    {
      title: 'half of a character',
      bytes: utf16(plainText).subarray(0, -1),
      form: { encoding: 'utf-16le' },
      says: /stops within a character/,
    },
    {
      title: 'UTF-16 for UTF-8',
      bytes: Buffer.from(plainText),
      form: { encoding: 'utf-16le' },
      says: /./,
    },
    {
      title: 'a quote that swallows a row',
      bytes: Buffer.from(
        [headings, ['A', 'B', '', 'CLS', '11/02/2026', '', '"'], ['A', 'B', '', 'CLS', '11/03/2026', '', '0']]
          .concat([['A', 'B', '', 'CLS', '11/04/2026', '', '"']])
          .map((row) => `${row.join(';')}\n`)
          .join(''),
      ),
      form: { separator: 'semicolon' },
      says: /^a quote is missing or doubled near line 2/,
    },
  ])('$title', async ({ bytes, form, says }) => {
    const refusal = await refusalOf(bytes, form);
    expect(refusal.type).toMatch(/^Export(NotCsv|Truncated|WrongReport)$/);
    expect(refusal.message).toMatch(says);
  });
});

describe('the cases', () => {
  test.each([
    { file: '11-lines-before-header/notes.csv', form: { linesBeforeHeader: 3 }, rows: 8 },
    { file: '11-lines-before-header/sep-line.csv', form: { linesBeforeHeader: 1 }, rows: 8 },
    { file: '13-windows-1252/notes.csv', form: { encoding: 'windows-1252' }, rows: 8 },
    { file: '13-windows-1252/utf16-tab.csv', form: { encoding: 'utf-16le', separator: 'tab' }, rows: 8 },
  ] as const)('$file is read with the YAML that its refusal prints', async (given) => {
    const bytes = readFileSync(new URL(`../cases/${given.file}`, import.meta.url));
    const proposed = proposedBy(await refusalOf(bytes));
    expect(proposed).toEqual(given.form);
    await expect(inspect(bytes, proposed)).resolves.toBe(given.rows);
  });
});
