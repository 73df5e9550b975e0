import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readCsv, type CsvReader } from '../../src/rows/csv.ts';
import { asActivityFailure } from '../../src/activities/interceptors/failureConversion.ts';
import { inspectExport } from '../../src/activities/parts/inspectExport.ts';
import { databaseSettings, portalSettings, readPipelineConfig } from '../../src/config.ts';
import { readDate, readDays, readMoney, readSignTime, readText, readUnits } from '../../src/domain/cells.ts';
import { createClassifier } from '../../src/rows/classifyRecord.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { MaskedCells, PeriodCheck } from '../../src/rows/exportChecks.ts';
import {
  parseBackfillInput,
  parseDailyRunInput,
  parseDecisionInput,
  parseRunReportInput,
} from '../../src/domain/inputs.ts';
import { EncodingCheck, isEncodedTwice } from '../../src/rows/mojibake.ts';
import { nameCode } from '../../src/domain/nameCodes.ts';
import { keptRunNamedBy, type RunIdentity } from '../../src/domain/runIdentity.ts';
import { reports, reportNames, type ReportName } from '../../src/reports/index.ts';
import { comparable } from '../../src/portal/knownTexts.ts';
import { partsOfAddress, scriptName } from '../../src/portal/maskAddress.ts';
import { maskTexts, maskUrl, newMasking } from '../../src/portal/maskText.ts';
import { parseRecipe } from '../../src/portal/parseRecipe.ts';
import { placeholderMistake, resolvePlain } from '../../src/portal/placeholders.ts';
import { countIn, percentIn } from '../../src/portal/shownNumbers.ts';
import { isPattern, parsePattern, partOfText, wholeText } from '../../src/portal/textPatterns.ts';
import { temporaryFolder, plainPipeline } from '../config/pipelineFile.ts';
import { goldenRules } from '../golden/golden.ts';

/**
 * Whatever comes from outside takes time that grows with its size, not with the square of it. Each shape is the worst
 * for some pattern that one would write: a run of what may be passed over, and then not what must follow.
 */
const megabyte = 1_000_000;

const shapes: Readonly<Record<string, (size: number) => string>> = {
  letters: (size) => 'a'.repeat(size),
  digits: (size) => '1'.repeat(size),
  'one, and zeros behind the point': (size) => `1.${'0'.repeat(size)}`,
  'blanks before a bracket': (size) => `DS${' '.repeat(size)})`,
  'blanks before a date that is none': (size) => `${' '.repeat(size)}(07/01/20x6)`,
  'dates in brackets': (size) => '(07/01/2026) '.repeat(size / 13),
  'opening brackets': (size) => '('.repeat(size),
  'opening square brackets': (size) => '['.repeat(size),
  'no-break spaces': (size) => '\u00A0'.repeat(size / 2),
  'accents apart from their letters': (size) => `e${'\u0301'.repeat(size / 2)}`,
  'encoded twice': (size) => '\u00c3\u0089'.repeat(size / 4),
  'ends of encoded letters': (size) => '\u00e2\u0082'.repeat(size / 4),
  entities: (size) => '&amp;'.repeat(size / 5),
  ampersands: (size) => '&'.repeat(size),
  asterisks: (size) => `${'*'.repeat(size)}x`,
  slashes: (size) => `/${'/'.repeat(size)}x`,
  dashes: (size) => '-'.repeat(size),
  dots: (size) => '1.'.repeat(size / 2),
  'placeholders that never end': (size) => '${'.repeat(size / 2),
  'line breaks': (size) => 'a\n'.repeat(size / 2),
  commas: (size) => 'a,'.repeat(size / 2),
  quotes: (size) => '""'.repeat(size / 2),
  'keys of a mapping': (size) =>
    Array.from({ length: size / 12 }, (_, at) => `key${String(at)}: 1\n`).join(''),
  exponents: (size) => `1${'E+1'.repeat(size / 3)}`,
};

const run = (report: ReportName): RunIdentity => ({
  runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
  workflowId: `${report}:2026-10-01..2026-10-15`,
  report,
  period: { from: '2026-10-01' as IsoDate, to: '2026-10-15' as IsoDate },
  source: 'file',
  startedAt: '2026-10-16T08:00:00.000Z',
});
const rules = goldenRules({ excludedServices: ['TRANSPORT'] });
const ofMasking = {
  secrets: ['hunter2', 'aab', 'a a a'],
  known: new Set(['export']),
  knownInAddresses: new Set(['export']),
};
const masking = newMasking({ ...ofMasking, showPatientData: false });
const showing = newMasking({ ...ofMasking, showPatientData: true });

/** Refusing is as good as reading. */
async function tried(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch {
    // How it is refused is for other tests.
  }
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** As a file comes from disk. */
function chunks(text: string): Readable {
  const bytes = Buffer.from(text);
  const size = 16 * 1024;
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    ),
  );
}

async function readWith(reader: CsvReader, text: string): Promise<void> {
  for await (const block of readCsv(chunks(text), reader)) for (const { cells } of block) void cells.length;
}

/** A cell of each column of the contract, one after the other, read in a record of its own. */
function judgeCells(report: ReportName, text: string): void {
  const columns = reports[report].exportColumns;
  const layout = readHeader(report, columns, rules);
  const judge = createClassifier(report, { layout, period: run(report).period, rules });
  const period = new PeriodCheck(report, run(report).period, layout);
  const masked = new MaskedCells(report, layout);
  for (const [at] of columns.entries()) {
    const record = { line: 2, cells: columns.map((_, index) => (index === at ? text : '')) };
    judge(record);
    period.add(record);
    masked.add(record);
  }
}

function exportWith(report: ReportName, column: number, text: string): string {
  const columns = [...reports[report].exportColumns, 'Note Text'];
  const row = columns.map((_, at) => (at === column ? quoted(text) : ''));
  return `${columns.join(',')}\n${row.join(',')}\n`;
}

const recipeOf = (text: string) => `portal: demo\nlogin:\n  - goto: ${JSON.stringify(text)}\n`;

const entryPoints: Readonly<Record<string, (text: string) => unknown>> = {
  'cells of utilization, as texts': (text) => judgeCells('utilization', text),
  'cells of notes, as texts': (text) => judgeCells('notes', text),
  'single readers of cells': (text) => {
    for (const read of [readDate, readDays, readMoney, readSignTime, readUnits]) read(text);
    readText(text, 160);
  },
  'a header of one heading': (text) => readHeader('notes', [text], rules),
  'a header of many headings': (text) =>
    readHeader('notes', [...reports.notes.exportColumns, ...text.split(/[,.]/)], rules),
  'an export of nothing else': (text) => inspectExport(chunks(text), run('notes'), rules),
  'an export, as its second line': (text) =>
    inspectExport(chunks(`${reports.notes.exportColumns.join(',')}\n${text}\n`), run('notes'), rules),
  'an export, in a cell of the contract': (text) =>
    inspectExport(chunks(exportWith('notes', 3, text)), run('notes'), rules),
  'an export, in a further cell': (text) =>
    inspectExport(chunks(exportWith('notes', reports.notes.exportColumns.length, text)), run('notes'), rules),
  'the scanner of CSV': (text) => readWith('scanner', `a,b\n${text}\n`),
  'the scanner of CSV, in quotes': (text) => readWith('scanner', `a,b\n${quoted(text)},\n`),
  'csv-parse': (text) => readWith('csv-parse', `a,b\n${text}\n`),
  'csv-parse, in quotes': (text) => readWith('csv-parse', `a,b\n${quoted(text)},\n`),
  'a text encoded twice': isEncodedTwice,
  'the check of an encoding': (text) => new EncodingCheck().add({ cells: text.split(',') }),
  'a name code': nameCode,
  'a recipe as a whole': (text) => parseRecipe(text, 'portal.yaml'),
  'a value in a recipe': (text) => parseRecipe(recipeOf(text), 'portal.yaml'),
  'pipeline.yaml as a whole': (text) => readPipelineConfig(savedAs('pipeline.yaml', text)),
  'a value in pipeline.yaml': (text) =>
    readPipelineConfig(
      savedAs('pipeline.yaml', plainPipeline.replace('America/New_York', JSON.stringify(text))),
    ),
  'a masked text': (text) => maskTexts([text], masking),
  'masked texts': (text) => maskTexts(text.split(/[ ,.]/, 20_000), masking),
  'a text that is shown': (text) => maskTexts([text], showing),
  'a masked address': (text) => maskUrl(`https://portal.example/${text}?a=${text}`, masking),
  'parts of an address': (text) => [partsOfAddress(text), scriptName(text), comparable(text)],
  // Recipes are far smaller; `a value in a recipe` goes through the door.
  'a pattern of a recipe': (text) => [isPattern(text), parsePattern(text)],
  'a label of a page': (text) => wholeText('Start date').test(text),
  'a phrase on a page': (text) => [partOfText('records found').test(text), partOfText('a a b').test(text)],
  placeholders: (text) => placeholderMistake(text, { kind: 'report' }, ['menu']),
  'values for placeholders': (text) => resolvePlain(text, { portalUrl: 'https://portal.example/' }),
  "the portal's address": (text) => resolvePlain('${portal.url}/x', { portalUrl: text }),
  'a count on a page': (text) => countIn(text, [{ text: 'records' }]),
  'a percentage on a page': percentIn,
  'an input of runReport': (text) => {
    keptRunNamedBy(`run:${text}`);
    parseRunReportInput({ report: text, from: text, to: text, file: text, [text]: text });
  },
  'an input of dailyRun': (text) => parseDailyRunInput({ day: text, reports: text.split(',') }),
  'an input of backfill': (text) => parseBackfillInput({ report: 'notes', from: text, to: text, [text]: 1 }),
  'an input of a decision': (text) => parseDecisionInput({ run: text, reason: text, by: text }),
  "the database's address": (text) => databaseSettings({ DATABASE_URL: `mysql://u:p@h/${text}` }),
  "the portal's settings": (text) =>
    portalSettings({
      EHR_PORTAL_URL: `https://portal.example/${text}`,
      EHR_PORTAL_USER: text,
      EHR_PORTAL_TOTP_SECRET: text,
    }),
  'an error of a driver': (text) =>
    asActivityFailure(Object.assign(new Error(text), { stack: text }), {
      activity: 'clean',
      cancelled: false,
    }),
};

let folder: string | undefined;
function savedAs(name: string, text: string): string {
  folder ??= temporaryFolder();
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function cpuMilliseconds(act: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await tried(act);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

// What grows with the square of a megabyte takes minutes; less than this says nothing about growth.
const floorMilliseconds = 150;
const mostGrowth = 2.5;
const runsAtMost = 8;

/** How the time grows from a size to its double: of each the best of several runs. */
async function doubling(
  act: (size: number) => unknown,
  size: number,
): Promise<{ ratio: number; seconds: number }> {
  let [single, double] = [Infinity, Infinity];
  for (let runs = 0; runs < runsAtMost; runs += 1) {
    double = Math.min(double, await cpuMilliseconds(() => act(2 * size)));
    if (double < floorMilliseconds) return { ratio: 1, seconds: double / 1000 };
    single = Math.min(single, await cpuMilliseconds(() => act(size)));
    if (double / single <= mostGrowth) break;
  }
  return { ratio: double / single, seconds: double / 1000 };
}

/**
 * How the time for a megabyte compares with that for half of one. Where it grows too fast the next doubling decides:
 * collecting garbage may begin at just this size, and what grows with the square grows faster there.
 */
async function growth(act: (size: number) => unknown): Promise<{ ratio: number; seconds: number }> {
  // Nobody waits for minutes: what takes seconds for an eighth has been found out.
  const early = await cpuMilliseconds(() => act(megabyte / 8));
  if (early > 10_000) return { ratio: Infinity, seconds: early / 1000 };
  const found = await doubling(act, megabyte / 2);
  if (found.ratio <= mostGrowth) return found;
  const next = await doubling(act, megabyte);
  // Two megabytes may be refused at once, which says nothing about one.
  return next.seconds < found.seconds ? found : { ...found, ratio: next.ratio };
}

describe('a megabyte of anything takes at most 2.5 times as long as half of one', () => {
  test.each(Object.entries(entryPoints))(
    '%s',
    async (entryPoint, take) => {
      const slow: string[] = [];
      let worst = { seconds: 0, shape: '' };
      for (const [shape, make] of Object.entries(shapes)) {
        const texts = new Map([2, 1, 1 / 2, 1 / 8].map((part) => [megabyte * part, make(megabyte * part)]));
        const { ratio, seconds } = await growth((size) => take(texts.get(size)!));
        if (ratio > mostGrowth) slow.push(`${shape}: ${ratio.toFixed(1)} times, ${seconds.toFixed(2)} s`);
        if (seconds > worst.seconds) worst = { seconds, shape };
      }
      console.info(`${entryPoint}: at most ${worst.seconds.toFixed(2)} s CPU, of ${worst.shape}`);
      expect(slow).toEqual([]);
    },
    600_000,
  );
});

test('a file of one line without end is refused before it fills memory', async () => {
  const block = Buffer.alloc(64 * 1024, 'a');
  let given = 0;
  const endless = new Readable({
    read: () => {
      given += block.length;
      endless.push(block);
    },
  });
  await expect(inspectExport(endless, run('notes'), rules)).rejects.toMatchObject({
    type: 'ExportNotCsv',
    details: { line: 1 },
  });
  expect(given).toBeLessThan(2 * megabyte);
});

test('a cell beyond what any column holds is put aside without being looked at', () => {
  for (const report of reportNames) {
    const columns = reports[report].exportColumns;
    const layout = readHeader(report, columns, rules);
    const judge = createClassifier(report, { layout, period: run(report).period, rules });
    for (const [at, column] of columns.entries()) {
      const sound = report === 'notes' ? soundNote : soundAuthorization;
      const cells = columns.map((name, index) =>
        index === at ? `${sound[name]!}${' '.repeat(1000)}` : sound[name]!,
      );
      expect(judge({ line: 2, cells }).verdict).toMatchObject({ kind: 'rejected', column, rule: 'too-long' });
    }
  }
});

const soundNote: Readonly<Record<string, string>> = {
  client: 'SMITH, JOHN',
  caregiver: 'DOE, ANA',
  client_supervisor: 'ROE, MAX',
  service_code: 'CN',
  date_of_service: '10/02/2026',
  staff_sign_date: '10/02/2026',
  days_to_sign: '0',
};

const soundAuthorization: Readonly<Record<string, string>> = {
  client: 'SMITH, JOHN',
  qp: 'DOE, ANA',
  authorizing_payer: 'PARTNERS',
  service_code: 'DS',
  authorization_number: '0012',
  start_date: '10/01/2026',
  end_date: '10/31/2026',
  authorized_units: '1',
  in_process_units: '1',
  billed_units: '1',
  authorized_dollars: '$3.00',
  in_process_dollars: '$1.00',
  billed_dollars: '$1.00',
  variance_billed: '-$1.00',
};
