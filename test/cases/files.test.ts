import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { System, type ConfigChanges } from '../e2e/system.ts';

/** Files as portals and spreadsheets write them: each is read exactly, or refused with the line and what to do. */
const inCases = (file: string) => fileURLToPath(new URL(file, import.meta.url));

let system: System;
let worker: Awaited<ReturnType<System['startWorker']>>;

// One case has five times the rows of another, of the same cycle.
const anyNumber: ConfigChanges = [
  [['reports', 'notes', 'gates', 'lastLoad'], { fewerPercent: 100, morePercent: 10_000 }],
];

beforeAll(async () => {
  system = await System.start({ sharedClient: true, config: anyNumber });
  worker = await system.startWorker();
});
afterAll(() => system.stop());

const notes = ['notes', '2026-11-01', '2026-11-15'] as const;
const utilization = ['utilization', '2026-10-01', '2026-10-31'] as const;

type Asked = readonly [report: string, from: string, to: string];

function load([report, from, to]: Asked, file: string) {
  return system.tryRun('run', report, '--from', from, '--to', to, '--file', file);
}

async function savedWith(name: string, change: (text: string) => string, from: string): Promise<string> {
  const file = path.join(system.folder, name);
  await writeFile(file, change(await readFile(inCases(from), 'utf8')));
  return file;
}

async function withSetting(changes: ConfigChanges, work: () => Promise<void>): Promise<void> {
  const config = await system.configFile('files', [...anyNumber, ...changes]);
  await worker.stop();
  worker = await system.startWorker({ EHR_CONFIG: config });
  // Another setting is another set of rules, under which earlier files would be read otherwise.
  const accepted = await system.tryRunWith(
    { EHR_CONFIG: config },
    'approve-rules',
    '--reason',
    'another setting for files',
  );
  expect(accepted).toMatchObject({ code: 0 });
  await work();
}

function noteRows(from: string): Promise<Record<string, string | null>[]> {
  return system.query(
    'SELECT source_line, client, days_to_sign, note_status FROM notes WHERE period_start = ? ORDER BY source_line',
    [from],
  );
}

describe('10: the last line has no line break', () => {
  const file = '10-no-final-newline/notes.csv';

  test('it is refused, and the message says what makes a whole file right', async () => {
    const { code, stdout, stderr } = await load(notes, inCases(file));
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/ExportTruncated/);
    expect(stdout + stderr).toMatch(/Add a line break at the end if the file is whole/);
  });

  test('with the line break, or with its last cell in quotes, it is published', async () => {
    const ended = await savedWith('ended.csv', (text) => `${text}\r\n`, file);
    expect(await load(notes, ended)).toMatchObject({ code: 0 });
    expect(await noteRows('2026-11-01')).toHaveLength(8);
    const quoted = await savedWith('quoted.csv', (text) => text.replace(/,3$/, ',"3"'), file);
    expect(await load(notes, quoted)).toMatchObject({ code: 0 });
    const rows = await noteRows('2026-11-01');
    expect(rows.at(-1)).toMatchObject({ source_line: '9', days_to_sign: '3', note_status: 'Late' });
  });
});

describe('11: lines before the header', () => {
  test.each([
    { file: '11-lines-before-header/notes.csv', lines: 3 },
    { file: '11-lines-before-header/sep-line.csv', lines: 1 },
  ])('$file: the message says where the header stands', async ({ file, lines }) => {
    const { code, stdout, stderr } = await load(notes, inCases(file));
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(
      `the header of the notes report stands in line ${String(lines + 1)} of the file`,
    );
    expect(stdout + stderr).toContain(`reports.notes.file.linesBeforeHeader: ${String(lines)}`);
  });
});

describe('13: another encoding', () => {
  test.each([
    {
      file: '13-windows-1252/notes.csv',
      says: 'line 5 of the export is not UTF-8: it looks like Windows-1252',
    },
    { file: '13-windows-1252/utf16-tab.csv', says: 'from line 1 on it looks like UTF-16' },
  ])('$file: the message says which, where and what to do', async ({ file, says }) => {
    const { code, stdout, stderr } = await load(notes, inCases(file));
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(says);
    expect(stdout + stderr).toContain('Save the file as "CSV UTF-8');
  });
});

const billed = ['500.00', '590.00', '680.00', '770.00', '860.00', '950.00'];

async function dollars(column: string): Promise<(string | null)[]> {
  const rows = await system.query(
    `SELECT ${column} FROM utilization WHERE period_start = '2026-10-01' ORDER BY source_line`,
  );
  return rows.map((row) => row[column]!);
}

describe('15: amounts', () => {
  const variances = ['-500.00', '-533.45', '-566.90', '-600.35', '-633.80', '-667.25'];

  test.each(['injection-guard', 'leading-dot', 'sqlserver-money', 'trailing-minus'])(
    '%s is read to the cent',
    async (name) => {
      expect(await load(utilization, inCases(`15-amounts/${name}.csv`))).toMatchObject({ code: 0 });
      expect(await dollars('billed_dollars')).toEqual(billed);
      expect(await dollars('variance_billed')).toEqual(variances);
      const inProcess = ['0.00', '10.00', '20.00', '30.00', '40.00', '50.00'];
      expect(await dollars('in_process_dollars')).toEqual(
        name === 'leading-dot' ? inProcess.map(() => '0.50') : inProcess,
      );
    },
  );

  test('a dash for zero is one only where the setting says so', async () => {
    const file = inCases('15-amounts/excel-accounting.csv');
    const { code, stdout } = await load(utilization, file);
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/held/);
  });
});

test('16: rows of nothing but commas are none, and counted', async () => {
  const ran = await load(notes, inCases('16-blank-rows/notes.csv'));
  expect(ran).toMatchObject({ code: 0 });
  const [run] = await system.query(
    "SELECT rows_read, rows_loaded, rows_rejected, warnings FROM pipeline_run WHERE report = 'notes' ORDER BY finished_at DESC LIMIT 1",
  );
  expect(run).toMatchObject({ rows_read: '40', rows_loaded: '40', rows_rejected: '0' });
  expect(JSON.parse(run!['warnings']!)).toMatchObject({ 'blank-rows': 60 });
});

test('92: free text with a line break and many commas is left out, and its column named', async () => {
  const ran = await load(['notes', '1980-02-16', '1980-02-29'], inCases('92-free-text-column/export.csv'));
  expect(ran).toMatchObject({ code: 0 });
  expect(await noteRows('1980-02-16')).toEqual([
    { source_line: '2', client: 'A, A', days_to_sign: '0', note_status: 'On Time' },
    { source_line: '3', client: 'B, B', days_to_sign: '0', note_status: 'On Time' },
  ]);
  expect(ran.stdout).toContain(
    'warning extra-column:note_text: 1 (a column that the contract does not name: left out)',
  );
});

describe('with the settings', () => {
  test('11 and 15: lines before the header are passed over, and a dash is zero', async () => {
    const changes: ConfigChanges = [
      [['reports', 'notes', 'file'], { linesBeforeHeader: 3 }],
      [['reports', 'utilization', 'file'], { amounts: 'accounting' }],
    ];
    await withSetting(changes, async () => {
      expect(await load(notes, inCases('11-lines-before-header/notes.csv'))).toMatchObject({ code: 0 });
      const rows = await noteRows('2026-11-01');
      expect(rows.map((row) => row['source_line'])).toEqual(['5', '6', '7', '8', '9', '10', '11', '12']);
      const accounting = await load(utilization, inCases('15-amounts/excel-accounting.csv'));
      expect(accounting).toMatchObject({ code: 0 });
      expect(await dollars('in_process_dollars')).toEqual(billed.map(() => '0.00'));
      expect((await dollars('variance_billed'))[0]).toBe('-500.00');
    });
  });

  test.each([{ file: '13-windows-1252/utf16-tab.csv', asked: notes, lines: [2, 9] }])(
    '$file is published with the YAML that its message prints',
    async ({ file, asked, lines }) => {
      const [report] = asked;
      const refused = await load(asked, inCases(file));
      expect(refused.code).not.toBe(0);
      const printed = new RegExp(`as YAML, under ${report}: (file: \\{.*\\})`).exec(
        (refused.stdout + refused.stderr).replaceAll(/\s+/g, ' '),
      )?.[1];
      expect(printed).toBeDefined();
      await withSetting(
        [[['reports', report, 'file'], (parse(printed!) as { file: unknown }).file]],
        async () => {
          expect(await load(asked, inCases(file))).toMatchObject({ code: 0 });
          const rows = await system.query(
            `SELECT source_line FROM ${report} WHERE period_start = ? ORDER BY source_line`,
            [asked[1]],
          );
          expect([rows[0], rows.at(-1)].map((row) => Number(row!['source_line']))).toEqual(lines);
          expect(rows).toHaveLength(lines[1]! - lines[0]! + 1);
        },
      );
    },
  );
});
