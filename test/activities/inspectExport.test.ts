import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { inspectExport } from '../../src/activities/parts/inspectExport.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { plainFile, type FileForm } from '../../src/domain/fileForm.ts';
import type { Origin } from '../../src/rows/lastLine.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import { goldenRules } from '../golden/golden.ts';
import { byReport } from '../../src/reports/index.ts';

const run: RunIdentity = {
  runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
  workflowId: 'notes:2026-10-01..2026-10-15',
  report: 'notes',
  period: { from: '2026-10-01' as IsoDate, to: '2026-10-15' as IsoDate },
  source: 'file',
  startedAt: '2026-10-16T08:00:00.000Z',
};

const rules = {
  ...goldenRules({ excludedServices: [] }),
  columnAliases: { ...byReport(() => new Map()), notes: new Map([['staff_name', 'caregiver']]) },
};

const header = 'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days to Sign';

function inspect(lines: readonly string[], head = header): Promise<number> {
  return inspectText([head, ...lines, ''].join('\r\n'));
}

function inspectText(csv: string, form: Partial<FileForm> = {}, origin?: Origin): Promise<number> {
  const files = { ...byReport(() => plainFile), notes: { ...plainFile, ...form } };
  return inspectExport(Readable.from([Buffer.from(csv)]), run, { ...rules, files }, origin);
}

const row = '"SMITH, JOHN","DOE, ANA",,CN,10/02/2026,10/02/2026,0';

describe('an export passes', () => {
  test('with as many records as are reported', async () => {
    await expect(inspect([row, row])).resolves.toBe(2);
  });

  test('without records', async () => {
    await expect(inspect([])).resolves.toBe(0);
  });

  test('with a column under its alias', async () => {
    await expect(inspect([row], header.replace('Caregiver', 'Staff Name'))).resolves.toBe(1);
  });

  test('with a line break in a heading', async () => {
    await expect(inspect([row], header.replace('Days to Sign', '"Days\nto Sign"'))).resolves.toBe(1);
  });

  test('with a line break in a quoted name', async () => {
    await expect(inspect([row.replace('SMITH, ', 'SMITH,\n'), row])).resolves.toBe(2);
  });

  test('with a record of too few cells, which is put aside later', async () => {
    await expect(inspect(['"SMITH, JOHN",CN', row])).resolves.toBe(2);
  });
});

describe('an export is refused', () => {
  test('where a stray quote swallows a row into a heading', async () => {
    const lines = ['SMITH JOHN,DOE ANA,,CN,10/02/2026,10/02/2026,0,"', `${row},`];
    await expect(inspect(lines, `${header},"Comment`)).rejects.toMatchObject({
      type: 'ExportNotCsv',
      details: { line: 1 },
    });
  });

  const plain = 'SMITH JOHN,DOE ANA,,CN,10/02/2026,10/02/2026,0';

  test.each([
    {
      title: 'where a stray quote swallows the beginning of the next row',
      lines: [row, plain.replace('DOE', '"DOE'), plain.replace('JOHN,', 'JOHN",')],
      type: 'ExportNotCsv',
      says: 'near line 3:',
    },
    {
      title: 'where two stray quotes swallow whole rows and leave the cells of one',
      lines: [row, plain.replace(',0', ',"0'), plain, plain.replace(',0', ',"')],
      type: 'ExportNotCsv',
      says: 'near line 3:',
    },
    {
      title: 'where a single cell of the contract is masked',
      lines: [row, row, row.replace('"DOE, ANA"', '***')],
      type: 'PortalPermissionMissing',
      says: '"caregiver" in 1 record',
    },
    {
      title: 'as masked, not as of another period, where every date is',
      lines: Array.from({ length: 3 }, () => row.replaceAll('10/02/2026', '*****')),
      type: 'PortalPermissionMissing',
      says: '"date_of_service" in 3 records, "staff_sign_date" in 3 records',
    },
    {
      title: 'where most records are of another period',
      lines: [row, ...Array.from({ length: 2 }, () => row.replaceAll('10/02', '10/16'))],
      type: 'ExportWrongPeriod',
      says: '2 of 3 records',
    },
  ])('$title', async ({ lines, type, says }) => {
    const refused = inspect(lines);
    await expect(refused).rejects.toMatchObject({ type, message: expect.stringContaining(says) as string });
    await expect(refused).rejects.not.toThrow(/SMITH|DOE/);
  });
});

function shown(records: number): Origin {
  return { kind: 'portal', records };
}

describe('a last line without its line break', () => {
  const unended = `${header}\r\n${row}\r\n${row}`;
  const quoted = unended.replace(/,0$/, ',"0"');
  const never: Partial<FileForm> = { lastLineEnded: false };

  test.each<{ title: string; csv: string; form?: Partial<FileForm>; origin?: Origin; records: number }>([
    { title: 'ends with the closing quote of a number', csv: quoted, records: 2 },
    {
      title: 'comes from a portal that never ends it, with its count',
      csv: unended,
      form: never,
      origin: shown(2),
      records: 2,
    },
    {
      title: 'is the header of such a portal, with its count',
      csv: header,
      form: never,
      origin: shown(0),
      records: 0,
    },
    { title: 'was judged when the export was taken', csv: unended, origin: { kind: 'kept' }, records: 2 },
    {
      title: 'ends with the closing quote of a column that is left out',
      csv: `${header},Comment\n${row},"said ""no"""`,
      records: 1,
    },
  ])('$title: it is whole', async ({ csv, form, origin, records }) => {
    await expect(inspectText(csv, form, origin)).resolves.toBe(records);
  });

  const reversed = header.split(',').toReversed().join(',');
  test.each<{ title: string; csv: string; form?: Partial<FileForm>; origin?: Origin; hint: RegExp }>([
    { title: 'of a file', csv: unended, hint: /^Add a line break at the end if the file is whole/ },
    {
      title: 'of a file, though the portal never ends it',
      csv: unended,
      form: never,
      hint: /^Add a line break at the end if the file is whole/,
    },
    { title: 'of a download', csv: unended, origin: shown(2), hint: /lastLineEnded: false/ },
    {
      title: 'of a portal that never ends it and shows no count',
      csv: unended,
      form: never,
      origin: { kind: 'portal', records: undefined },
      hint: /add recordCount to the download step/,
    },
    {
      title: 'that has too few cells',
      csv: unended.replace(/,0$/, ''),
      form: never,
      origin: shown(2),
      hint: /downloaded again/,
    },
    {
      title: 'whose closing quote is that of an earlier cell',
      csv: `${header}\n"SMITH, JOHN","DOE, ANA"`,
      hint: /line break/,
    },
    {
      title: 'whose closing quote may be half of a doubled one',
      csv: `${reversed}\n0,,10/02/2026,CN,,"DOE, ANA","SMITH, "`,
      hint: /line break/,
    },
    {
      title: 'that is the header',
      csv: header.replace('Days to Sign', '"Days to Sign"'),
      hint: /line break/,
    },
    { title: 'that is a part of the header', csv: header.slice(0, -4), hint: /Download the export again/ },
  ])('$title is refused', async ({ csv, form, origin, hint }) => {
    await expect(inspectText(csv, form, origin)).rejects.toMatchObject({
      type: 'ExportTruncated',
      message: expect.stringMatching(/stops after \d+ bytes without the line break/) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });
});

describe('lines before the header', () => {
  const before = ['Service Notes "Signature"', 'Period: 10/01/2026 - 10/15/2026', '', header, row, ''].join(
    '\r\n',
  );

  test.each([
    {
      title: 'a title, a filter and a blank line',
      csv: before.replaceAll('"Signature"', 'Signature'),
      lines: 3,
      type: 'ExportWrongReport',
    },
    { title: 'a title that is no CSV', csv: before, lines: 3, type: 'ExportNotCsv' },
    {
      title: 'a line for a spreadsheet',
      csv: `sep=,\n${header}\n${row}\n`,
      lines: 1,
      type: 'ExportWrongReport',
    },
    {
      title: 'a line for a spreadsheet after a mark',
      csv: `\uFEFFsep=,\n${header}\n${row}\n`,
      lines: 1,
      type: 'ExportWrongReport',
    },
  ])(
    '$title: the failure says where the header stands, and a setting reads it',
    async ({ csv, lines, type }) => {
      await expect(inspectText(csv)).rejects.toMatchObject({
        type,
        message: `the header of the notes report stands in line ${String(lines + 1)} of the file, and was looked for in line 1`,
        hint: expect.stringContaining(
          `reports.notes.file.linesBeforeHeader: ${String(lines)} in pipeline.yaml`,
        ) as string,
        details: { line: lines + 1 },
      });
      await expect(inspectText(csv, { linesBeforeHeader: lines })).resolves.toBe(1);
    },
  );

  test('too many are reported as well', async () => {
    await expect(
      inspectText(`${header}\n${row}\n${row}\n${row}\n${row}\n`, { linesBeforeHeader: 3 }),
    ).rejects.toMatchObject({
      message: 'the header of the notes report stands in line 1 of the file, and was looked for in line 4',
    });
  });

  test('so is what parts the cells, where it is no comma', async () => {
    await expect(inspectText(`${header}\n${row}\n`.replaceAll(',', ';'))).rejects.toMatchObject({
      type: 'ExportWrongReport',
      message:
        'the header of the notes report stands in line 1 of the file, with semicolons between its cells and not commas',
    });
  });
});

test('records of nothing but blanks are none, wherever they stand', async () => {
  const blank = [',,,,,,', ' ,\t, ,,,\u00A0,', '"","",,,,,', ' ', ','];
  await expect(inspect([...blank, row, ...blank, row, ...blank])).resolves.toBe(2);
});
