import { describe, expect, test } from 'vitest';
import { columnName, exportColumns, readHeader } from '../../src/domain/contracts.ts';
import { reportNames } from '../../src/domain/reports.ts';

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
  test.each(reportNames)('%s as exported', (report) => {
    const { positions, width, extraColumns } = readHeader(report, headings[report]);
    expect(Object.keys(positions)).toEqual([...exportColumns[report]]);
    expect(Object.values(positions)).toEqual(headings[report].map((_, index) => index));
    expect({ width, extraColumns }).toEqual({ width: headings[report].length, extraColumns: [] });
  });

  test('in another order each column is found where it stands', () => {
    const { positions } = readHeader('notes', headings.notes.toReversed());
    expect(positions).toMatchObject({ days_to_sign: 0, client: 6 });
  });

  test('in capitals and with spaces', () => {
    const loud = headings.notes.map((heading) => ` ${heading.toUpperCase()} `);
    expect(readHeader('notes', loud).width).toBe(7);
  });

  test('with further columns, which are named and counted in the width', () => {
    const more = ['Region', ...headings.notes, 'Region', ''];
    const { positions, width, extraColumns } = readHeader('notes', more);
    expect({ width, extraColumns }).toEqual({ width: 10, extraColumns: ['region', 'region', ''] });
    expect(positions['client']).toBe(1);
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
      details: { missing: ['days_to_sign'] },
    },
    {
      title: 'a column has another name',
      given: headings.notes.map((heading) => (heading === 'Caregiver' ? 'Staff' : heading)),
      type: 'SchemaDrift',
      says: 'the notes export lacks "caregiver"',
      details: { missing: ['caregiver'] },
    },
    {
      title: 'a column comes twice, and which one counts cannot be told',
      given: [...headings.notes, 'client'],
      type: 'SchemaDrift',
      says: 'more than one column "client"',
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
      readHeader('notes', given);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ type, message: expect.stringContaining(says) as string, details });
    const told = JSON.stringify(refusal, ['message', 'hint', 'details', 'missing', 'doubled', 'found']);
    expect(`${String(refusal)} ${told}`).not.toMatch(/QUENNELL|1,234/);
  });
});
