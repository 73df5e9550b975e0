import { describe, expect, test } from 'vitest';
import { columnName } from '../../src/domain/headings.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import type { PipelineError } from '../../src/domain/failures.ts';
import { displayHeading } from '../../src/domain/headings.ts';
import { byReport, reports } from '../../src/reports/index.ts';
import { shippedReports } from '../shippedReports.ts';

const headings = {
  utilization: [
    'Client',
    'QP',
    'Authorizing Payer',
    'Service Code',
    'Authorization Number',
    'Start Date',
    'End Date',
    'Authorized Units',
    'In Process Units',
    'Billed Units',
    'Authorized Dollars',
    'In Process Dollars',
    'Billed Dollars',
    'Variance Billed',
  ],
  notes: [
    'Client',
    'Caregiver',
    'Client Supervisor',
    'Service Code',
    'Date of Service',
    'Staff Sign Date',
    'Days to Sign',
  ],
} as const;

const noAliases = { columnAliases: byReport(() => new Map()) };
const staffAliases = {
  columnAliases: { ...byReport(() => new Map()), notes: new Map([['staff_name', 'caregiver']]) },
};

describe('a heading becomes a column name', () => {
  test.each([
    { heading: 'Service Code', column: 'service_code' },
    { heading: '  Days to Sign ', column: 'days_to_sign' },
    { heading: 'Client\u00a0Supervisor', column: 'client_supervisor' },
    { heading: 'QP', column: 'qp' },
    { heading: 'Start  \n Date', column: 'start_date' },
  ])('$heading is $column', ({ heading, column }) => {
    expect(columnName(heading)).toBe(column);
  });
});

describe('a header that keeps to the contract', () => {
  test.each(shippedReports)('%s as exported', (report) => {
    const { positions, width, extraColumns } = readHeader(report, headings[report], noAliases);
    expect(Object.keys(positions)).toEqual([...reports[report].exportColumns]);
    expect(Object.values(positions)).toEqual(headings[report].map((_, index) => index));
    expect({ width, extraColumns }).toEqual({ width: headings[report].length, extraColumns: [] });
  });

  test('in another order each column is found in its place', () => {
    const { positions } = readHeader('notes', headings.notes.toReversed(), noAliases);
    expect(positions).toMatchObject({ days_to_sign: 0, client: 6 });
  });

  test('in capitals and with spaces', () => {
    const loud = headings.notes.map((heading) => ` ${heading.toUpperCase()} `);
    expect(readHeader('notes', loud, noAliases).width).toBe(7);
  });

  test('with further columns, which are named and counted in the width', () => {
    const more = ['Region', ...headings.notes, 'Region', ''];
    const { positions, width, extraColumns } = readHeader('notes', more, noAliases);
    expect({ width, extraColumns }).toEqual({ width: 10, extraColumns: ['region', 'region', 'column 10'] });
    expect(positions['client']).toBe(1);
  });

  test('with a column under one of its aliases, whatever the case and spaces', () => {
    const given = headings.notes.map((heading) => (heading === 'Caregiver' ? ' STAFF  name' : heading));
    expect(readHeader('notes', given, staffAliases)).toMatchObject({
      positions: { caregiver: 1 },
      extraColumns: [],
    });
  });

  test('with an alias of the other report, which is a further column here', () => {
    const given = [...headings.utilization, 'Staff Name'];
    expect(readHeader('utilization', given, staffAliases).extraColumns).toEqual(['staff_name']);
  });

  test('with so many further columns that only the first are named', () => {
    const given = [...headings.notes, ...Array.from({ length: 293 }, () => 'Notes')];
    const { extraColumns } = readHeader('notes', given, noAliases);
    expect(extraColumns).toEqual([...Array.from({ length: 20 }, () => 'notes'), 'and 273 more']);
  });
});

describe('a header that does not is refused', () => {
  const without = (...gone: string[]) => headings.notes.filter((heading) => !gone.includes(heading));
  const refused = [
    {
      title: 'a column is missing',
      given: without('Days to Sign'),
      type: 'SchemaDrift',
      says: 'the notes export lacks "days_to_sign"',
      details: { missing: ['days_to_sign'], unknown: [] },
    },
    {
      title: 'a column has another name',
      given: headings.notes.map((heading) => (heading === 'Caregiver' ? 'Staff' : heading)),
      type: 'SchemaDrift',
      says: 'the notes export lacks "caregiver"; unknown in it: "staff"',
      details: { missing: ['caregiver'], unknown: ['staff'] },
    },
    {
      title: 'two columns have other names, one of which could tell on a person',
      given: [...without('Caregiver', 'Client'), 'Rendering Provider', 'Quennell'],
      type: 'SchemaDrift',
      says: 'the notes export lacks "client", "caregiver"; unknown in it: "rendering_provider", column 7',
      details: { missing: ['client', 'caregiver'], unknown: ['rendering_provider', 'column 7'] },
    },
    {
      title: 'a column comes twice, and which one counts cannot be told',
      given: [...headings.notes, 'client'],
      type: 'SchemaDrift',
      says: 'more than one column "client" (columns 1 and 8)',
      details: { doubled: ['client'] },
    },
    {
      title: 'a column stands there under its own name and under an alias',
      given: [...headings.notes, 'Staff Name'],
      type: 'SchemaDrift',
      says: 'more than one column "caregiver" (columns 2 and 8)',
      details: { doubled: ['caregiver'] },
    },
    {
      title: 'a column comes five times',
      given: [...headings.notes, 'QP', 'client', 'CLIENT', ' Client', 'Client '],
      type: 'SchemaDrift',
      says: 'more than one column "client" (columns 1 and 9 and 10 and more)',
      details: { doubled: ['client'] },
    },
    {
      title: 'it is the other report’s',
      given: headings.utilization,
      type: 'ExportWrongReport',
      says: 'the file is the utilization report, notes was asked for',
      details: { expected: 'notes', found: 'utilization' },
    },
    {
      title: 'it is another report’s altogether',
      given: ['Payer', 'Claim', 'Balance'],
      type: 'ExportWrongReport',
      says: '7 of its 7 columns are missing',
    },
    {
      title: 'it is no header but a row, of which nothing is repeated',
      given: ['QUENNELL, OTTOLINE', 'CN', '10/01/2026', '$1,234.56'],
      type: 'ExportWrongReport',
      says: 'is not the header of the notes report',
    },
    { title: 'it is empty', given: [''], type: 'ExportWrongReport', says: '7 of its 7 columns are missing' },
  ];

  test.each(refused)('$title', ({ given, type, says, details = {} }) => {
    let refusal: unknown;
    try {
      readHeader('notes', given, staffAliases);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ type, message: expect.stringContaining(says) as string, details });
    const { hint, details: toldDetails } = refusal as PipelineError;
    expect(`${String(refusal)} ${hint} ${JSON.stringify(toldDetails)}`).not.toMatch(/quennell|1,234/i);
  });

  test('the other report’s, named by its aliases', () => {
    const given = headings.notes.map((heading) => (heading === 'Caregiver' ? 'Staff Name' : heading));
    expect(() => readHeader('utilization', given, staffAliases)).toThrow(
      'the file is the notes report, utilization was asked for',
    );
  });

  test('the hint says where an alias goes', () => {
    expect(() => readHeader('notes', without('Caregiver'), noAliases)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('reports.notes.columnAliases') as string }),
    );
  });
});

describe('what a heading may be reported as', () => {
  test.each(shippedReports)('every column of %s by its name', (report) => {
    expect(reports[report].exportColumns.map((column) => displayHeading(column, 1))).toEqual(
      reports[report].exportColumns,
    );
  });

  test.each([
    { heading: 'Payer Name / ID', told: 'payer_name_/_id' },
    { heading: 'Days-to-Sign', told: 'days-to-sign' },
    { heading: 'SMITH, JOHN', told: 'column 3' },
    { heading: 'Smith John', told: 'column 3' },
    { heading: 'Client Smith', told: 'column 3' },
    { heading: '0012345', told: 'column 3' },
    { heading: 'Client 12', told: 'column 3' },
    { heading: '$1,234.56', told: 'column 3' },
    { heading: '08/01/2026', told: 'column 3' },
    { heading: 'É', told: 'column 3' },
    { heading: ' ', told: 'column 3' },
    { heading: '(-)', told: 'column 3' },
    { heading: 'constructor', told: 'column 3' },
    { heading: 'id '.repeat(9), told: 'column 3' },
  ])('$heading as $told', ({ heading, told }) => {
    expect(displayHeading(columnName(heading), 3)).toBe(told);
  });
});
