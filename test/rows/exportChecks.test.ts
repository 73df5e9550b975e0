import { describe, expect, test } from 'vitest';
import { readHeader } from '../../src/rows/exportHeader.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import { assertNoQuoteLost, MaskedCells } from '../../src/rows/exportChecks.ts';
import type { ExportRecord } from '../../src/rows/exportRecord.ts';
import { byReport, reports } from '../../src/reports/index.ts';

const noAliases = { columnAliases: byReport(() => new Map()) };
const layout = readHeader('notes', [...reports.notes.exportColumns, 'Comment'], noAliases);

function aNote(changes: Readonly<Record<string, string>> = {}): ExportRecord {
  const cells: Readonly<Record<string, string>> = {
    client: 'SMITH, JOHN',
    caregiver: 'DOE, ANA',
    service_code: 'CN',
    date_of_service: '10/02/2026',
    ...changes,
  };
  return {
    line: 12,
    cells: [...reports.notes.exportColumns, 'comment'].map((column) => cells[column] ?? ''),
  };
}

/** What it throws, undefined where nothing. */
function failureOf(act: () => void): PipelineError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof PipelineError) return error;
    throw error;
  }
}

function failureOfMasked(records: readonly ExportRecord[]): PipelineError | undefined {
  const masked = new MaskedCells('notes', layout);
  for (const record of records) masked.add(record);
  return failureOf(() => masked.assertNone());
}

describe('a cell is masked', () => {
  test.each([
    { title: 'three asterisks', cell: '***', is: true },
    { title: 'many', cell: '*'.repeat(40), is: true },
    { title: 'with spaces around', cell: ' *** ', is: true },
    { title: 'not two', cell: '**', is: false },
    { title: 'not a name with an asterisk', cell: 'DOE, ANA*', is: false },
    { title: 'not asterisks beside something', cell: '***-6789', is: false },
    { title: 'not asterisks with a space between', cell: '*** ***', is: false },
    { title: 'not a blank one', cell: '', is: false },
  ])('$title: $is', ({ cell, is }) => {
    expect(failureOfMasked([aNote({ caregiver: cell })])?.type).toBe(
      is ? 'PortalPermissionMissing' : undefined,
    );
  });

  test('and one of them in the whole file is one too many; columns and counts are reported, people are not', () => {
    const records = [
      aNote(),
      aNote({ caregiver: '***', staff_sign_date: '*****' }),
      aNote({ staff_sign_date: '***' }),
    ];
    const failure = failureOfMasked(records)!;
    expect(failure.message).toBe(
      'the portal masks cells of the notes export: "caregiver" in 1 record, "staff_sign_date" in 2 records',
    );
    expect(failure.details).toEqual({ masked: { caregiver: 1, staff_sign_date: 2 } });
    expect(failure.retry).toBe(false);
  });

  test('but a column that is kept out may be', () => {
    expect(failureOfMasked([aNote({ comment: '***' })])).toBeUndefined();
  });

  test('also in a record that lacks cells', () => {
    const short = { line: 3, cells: ['SMITH, JOHN', '***'] };
    expect(failureOfMasked([short])?.details).toEqual({ masked: { caregiver: 1 } });
  });
});

function withComment(comment: string): ExportRecord {
  return {
    line: 3,
    cells: ['SMITH, JOHN', 'DOE, ANA', comment, '', 'CN', '10/02/2026', '', '0'],
  };
}

test('a row that has slid into free text in the middle shows by what follows the text', () => {
  const columns = reports.notes.exportColumns;
  const middle = readHeader('notes', [...columns.slice(0, 2), 'Comment', ...columns.slice(2)], noAliases);
  const slid = withComment('fine,,CN,10/02/2026,10/02/2026,0\nDOE JO,ROE MAX,well');
  expect(failureOf(() => assertNoQuoteLost(slid, middle))?.type).toBe('ExportNotCsv');
  const text = withComment('fine, and, so, on, and, so, on\nDOE JO,ROE MAX,well');
  expect(failureOf(() => assertNoQuoteLost(text, middle))).toBeUndefined();
});

describe('a record over several lines', () => {
  const sevenCommas = 'a,b,c,d,e,f,g,\nh';

  test.each<{ title: string; record: ExportRecord; lost: boolean }>([
    { title: 'has a line break in a name', record: aNote({ client: 'SMITH,\nJOHN' }), lost: false },
    { title: 'has one in a comment', record: aNote({ comment: 'one, two,\r\nthree' }), lost: false },
    {
      title: 'has breaks in two cells, and few commas in each',
      record: aNote({ client: 'SMITH,\nJOHN', comment: 'a,b,c,\nd' }),
      lost: false,
    },
    {
      title: 'has a cell with a comma fewer than a whole record needs',
      record: aNote({ comment: sevenCommas.replace(',', '') }),
      lost: false,
    },
    {
      title: 'has a cell of the contract that could hold a whole record',
      record: aNote({ client_supervisor: sevenCommas }),
      lost: true,
    },
    {
      title: 'has a comment with as many commas, which people may write',
      record: aNote({ comment: `${sevenCommas}, on 10/02/2026, again` }),
      lost: false,
    },
    {
      title: 'has a comment into which whole rows have slid',
      record: aNote({ comment: 'fine\nSMITH JOHN,DOE ANA,,CN,10/02/2026,10/02/2026,0,good' }),
      lost: true,
    },
    {
      title: 'has a comment into which the beginning of a row has slid',
      record: aNote({ comment: 'fine, well, good\r\nSMITH JOHN,DOE ANA,,CN,10/2/26 ,' }),
      lost: true,
    },
    {
      title: 'has a cell too many',
      record: { line: 12, cells: [...aNote({ client: 'A\nB' }).cells, ''] },
      lost: true,
    },
    {
      title: 'has a cell too few',
      record: { line: 12, cells: aNote({ client: 'A\nB' }).cells.slice(1).concat('\n').slice(1) },
      lost: true,
    },
    {
      title: 'is on one line after all, and lacks cells: a row to put aside, of which nothing is hidden',
      record: { line: 12, cells: ['A', 'B'] },
      lost: false,
    },
    {
      title: 'is on one line after all, with many commas in a cell',
      record: aNote({ comment: sevenCommas.replace('\n', '') }),
      lost: false,
    },
  ])('$title: a quote is lost: $lost', ({ record, lost }) => {
    const failure = failureOf(() => assertNoQuoteLost(record, layout));
    expect(failure?.type).toBe(lost ? 'ExportNotCsv' : undefined);
    if (!lost) return;
    expect(failure?.message).toContain('a quote is missing or doubled near line 12');
    expect(failure?.details).toEqual({ line: 12 });
  });
});
