import type { TsvCell } from '../../src/domain/rowCells.ts';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChange, encodeChange } from '../../src/rows/changeFiles.ts';
import { reports, type ReportName } from '../../src/reports/index.ts';
import { matchRows, partitionOf, type RowChange } from '../../src/rows/rowChanges.ts';
import { encodeTsv } from '../../src/rows/tsv.ts';

type Cells = Readonly<Record<string, TsvCell>>;

/** A line of a row file; what is not given is NULL. */
function aLine(report: ReportName, cells: Cells): string {
  return encodeTsv(reports[report].rowColumns.map((column) => cells[column] ?? null)).slice(0, -1);
}

function anAuthorization(changes: Cells = {}): string {
  return aLine('utilization', {
    source_line: '2',
    client: 'SMITH, JOHN',
    client_key: '0123456789abcdef',
    service_code: 'CN',
    authorization_number: '0012',
    start_date: '2026-10-01',
    billed_dollars: '10.00',
    ...changes,
  });
}

function aNote(changes: Cells = {}): string {
  return aLine('notes', {
    source_line: '2',
    client: 'SMITH, JOHN',
    caregiver: 'DOE, ANA',
    service_code: 'CN',
    date_of_service: '2026-10-01',
    note_status: 'On Time',
    ...changes,
  });
}

/** Kind and source lines of each: `changed 2>5`. */
function told(changes: readonly RowChange[]): string[] {
  return changes.map((change) => {
    const before = change.kind === 'added' ? '' : sourceLine(change.before);
    const after = change.kind === 'removed' ? '' : sourceLine(change.after);
    return `${change.kind} ${[before, after].filter((text) => text !== '').join('>')}`;
  });
}

function sourceLine(line: string): string {
  return line.split('\t')[0]!;
}

function count(changes: readonly RowChange[], kind: RowChange['kind']): number {
  return changes.filter((change) => change.kind === kind).length;
}

function asSortedText(changes: readonly RowChange[]): string[] {
  return changes.map(encodeChange).sort();
}

const other = { client: 'DOE, JANE' };

describe('rows of two loads are matched', () => {
  test.each<{
    title: string;
    before: Cells[];
    after: Cells[];
    changes: string[];
    same: number;
    twice?: number;
  }>([
    { title: 'nothing and nothing', before: [], after: [], changes: [], same: 0 },
    { title: 'one row as it was', before: [{}], after: [{}], changes: [], same: 1 },
    {
      title: 'a row on another line',
      before: [{ source_line: '2' }],
      after: [{ source_line: '77' }],
      changes: [],
      same: 1,
    },
    {
      title: 'a row under another name key and label',
      before: [{ client_key: 'aaaaaaaaaaaaaaaa', qp_code: 'AAAAA' }],
      after: [{ client_key: 'bbbbbbbbbbbbbbbb', qp_code: null }],
      changes: [],
      same: 1,
    },
    { title: 'a first load', before: [], after: [{}], changes: ['added 2'], same: 0 },
    { title: 'a row gone', before: [{}], after: [], changes: ['removed 2'], same: 0 },
    {
      title: 'a figure that differs',
      before: [{}],
      after: [{ source_line: '5', billed_dollars: '10.01' }],
      changes: ['changed 2>5'],
      same: 0,
    },
    {
      title: 'a figure that has become blank',
      before: [{}],
      after: [{ billed_dollars: null }],
      changes: ['changed 2>2'],
      same: 0,
    },
    {
      title: 'a group that differs, since the rules have changed',
      before: [{ grp: '0' }],
      after: [{ grp: '3' }],
      changes: ['changed 2>2'],
      same: 0,
    },
    {
      title: 'another client, which is another row',
      before: [{}],
      after: [other],
      changes: ['removed 2', 'added 2'],
      same: 0,
    },
    {
      title: 'another start date, authorization number, service: all other rows',
      before: [{}],
      after: [{ start_date: '2026-10-02' }, { authorization_number: '12' }, { service_code: 'cn' }],
      changes: ['removed 2', 'added 2', 'added 2', 'added 2'],
      same: 0,
    },
    {
      title: 'one of two equal rows gone',
      before: [{ source_line: '2' }, { source_line: '3' }],
      after: [{ source_line: '2' }],
      changes: ['removed 3'],
      same: 1,
    },
    {
      title: 'a duplicate that has come',
      before: [{ source_line: '2' }],
      after: [{ source_line: '2' }, { source_line: '3' }],
      changes: ['added 3'],
      same: 1,
      twice: 1,
    },
    {
      title: 'three of a kind that stay',
      before: [{}, {}, {}],
      after: [{}, {}, {}],
      changes: [],
      same: 3,
      twice: 2,
    },
    {
      title: 'within a key equal rows first, wherever they stand, then pairs in the order of lines',
      before: [
        { source_line: '2', billed_dollars: '1.00' },
        { source_line: '10', billed_dollars: '2.00' },
        { source_line: '9', billed_dollars: '3.00' },
      ],
      after: [
        { source_line: '12', billed_dollars: '5.00' },
        { source_line: '11', billed_dollars: '4.00' },
        { source_line: '13', billed_dollars: '1.00' },
        { source_line: '14', billed_dollars: '6.00' },
      ],
      changes: ['changed 9>11', 'changed 10>12', 'added 14'],
      same: 1,
    },
    {
      title: 'a name with a tab is not the same as two cells',
      before: [{ client: 'A\tB', caregiver: null }],
      after: [{ client: 'A\tB' }],
      changes: [],
      same: 1,
    },
  ])('$title', ({ before, after, changes, same, twice = 0 }) => {
    const matched = matchRows('utilization', before.map(anAuthorization), after.map(anAuthorization));
    expect({ ...matched, changes: told(matched.changes) }).toEqual({ changes, same, duplicates: twice });
  });

  test('notes by client, caregiver, service and day', () => {
    const before = [aNote(), aNote({ source_line: '3', caregiver: 'ROE, MAX' })];
    const after = [
      aNote({ note_status: 'Late' }),
      aNote({ source_line: '3', date_of_service: '2026-10-02' }),
    ];
    const { changes } = matchRows('notes', before, after);
    expect(told(changes)).toEqual(['changed 2>2', 'removed 3', 'added 3']);
  });

  test('a line of another report is a mistake', () => {
    expect(() => matchRows('notes', [], [anAuthorization()])).toThrow(RangeError);
    expect(() => partitionOf('notes', anAuthorization(), 3)).toThrow(RangeError);
  });
});

describe('whatever the rows', () => {
  // Few values, so that keys meet and rows repeat.
  const row = record({
    source_line: integer({ min: 2, max: 99 }).map(String),
    client: constantFrom('SMITH, JOHN', 'DOE\t\\, JANE', '\u00c9'),
    authorization_number: constantFrom('1', '01'),
    billed_dollars: constantFrom('1.00', '2.00', null),
    client_key: constantFrom('a', 'b'),
  }).map(anAuthorization);
  const rows = array(row, { maxLength: 30 });

  test('the counts add up on both sides', () => {
    assert(
      property(rows, rows, (before, after) => {
        const { changes, same } = matchRows('utilization', before, after);
        const changed = count(changes, 'changed');
        expect(same + changed + count(changes, 'added')).toBe(after.length);
        expect(same + changed + count(changes, 'removed')).toBe(before.length);
      }),
    );
  });

  test('the changes turn the rows before into the rows after', () => {
    assert(
      property(rows, rows, (before, after) => {
        const { changes } = matchRows('utilization', before, after);
        const taken = changes.flatMap((change) =>
          change.kind === 'added' ? [] : [withoutLabels(change.before)],
        );
        const put = changes.flatMap((change) =>
          change.kind === 'removed' ? [] : [withoutLabels(change.after)],
        );
        const left = before.map(withoutLabels);
        for (const line of taken) {
          expect(left).toContain(line);
          left.splice(left.indexOf(line), 1);
        }
        expect([...left, ...put].sort()).toEqual(after.map(withoutLabels).sort());
      }),
    );
  });

  test('a load equals itself in any order, and its duplicates are counted', () => {
    assert(
      property(rows, (after) => {
        const { changes, same, duplicates } = matchRows('utilization', after.toReversed(), after);
        expect({ changes, same }).toEqual({ changes: [], same: after.length });
        expect(duplicates).toBe(after.length - new Set(after.map(withoutLabels)).size);
      }),
    );
  });

  test('no row is reported as both changed and the same as before', () => {
    assert(
      property(rows, rows, (before, after) => {
        for (const change of matchRows('utilization', before, after).changes) {
          const { kind, differences } = decodeChange('utilization', encodeChange(change).slice(0, -1));
          expect(differences.length > 0).toBe(kind === 'changed');
        }
      }),
    );
  });

  test('parted by key it gives the same as at once', () => {
    assert(
      property(rows, rows, integer({ min: 1, max: 5 }), (before, after, parts) => {
        const whole = matchRows('utilization', before, after);
        const inPart = (part: number) => (line: string) => partitionOf('utilization', line, parts) === part;
        const matched = Array.from({ length: parts }, (_, part) =>
          matchRows('utilization', before.filter(inPart(part)), after.filter(inPart(part))),
        );
        const sum = (of: (each: (typeof matched)[number]) => number) =>
          matched.reduce((total, each) => total + of(each), 0);
        expect({ same: sum((each) => each.same), duplicates: sum((each) => each.duplicates) }).toEqual({
          same: whole.same,
          duplicates: whole.duplicates,
        });
        expect(asSortedText(matched.flatMap((each) => each.changes))).toEqual(asSortedText(whole.changes));
      }),
    );
  });
});

const ignored = new Set<string>(['source_line', 'client_code', 'client_key', 'qp_code', 'qp_key']);

/** The cells that are compared. */
function withoutLabels(line: string): string {
  return line
    .split('\t')
    .filter((_, index) => !ignored.has(reports.utilization.rowColumns[index]!))
    .join('\t');
}

test('ten thousand keys spread evenly over eight parts', () => {
  const sizes = Array.from({ length: 8 }, () => 0);
  for (let number = 0; number < 10_000; number += 1) {
    const line = anAuthorization({ authorization_number: String(number).padStart(7, '0') });
    sizes[partitionOf('utilization', line, 8)]! += 1;
  }
  // An even share is 1,250.
  expect(sizes.filter((size) => size < 1000 || size > 1500)).toEqual([]);
});

describe('the file of changes', () => {
  const before = anAuthorization({ qp: 'O\'NEIL,\t"JACK"\n', billed_dollars: null });
  const after = anAuthorization({
    source_line: '9',
    client_key: 'ffffffffffffffff',
    billed_dollars: '12.50',
  });

  test('says what differs in a changed row, old and new', () => {
    const line = encodeChange({ kind: 'changed', before, after });
    expect(line.endsWith('\n') && line.indexOf('\n') === line.length - 1).toBe(true);
    expect(decodeChange('utilization', line.slice(0, -1))).toMatchObject({
      kind: 'changed',
      before: { source_line: '2', client: 'SMITH, JOHN', qp: 'O\'NEIL,\t"JACK"\n' },
      after: { source_line: '9', client: 'SMITH, JOHN', qp: null },
      differences: [
        { column: 'qp', before: 'O\'NEIL,\t"JACK"\n', after: null },
        { column: 'billed_dollars', before: null, after: '12.50' },
      ],
    });
  });

  test.each([
    { title: 'an added row', change: { kind: 'added', after } as const, sides: [null, '9'] },
    { title: 'a removed row', change: { kind: 'removed', before } as const, sides: ['2', null] },
  ])('has one side only of $title', ({ change, sides }) => {
    const decoded = decodeChange('utilization', encodeChange(change).slice(0, -1));
    expect([decoded.before?.['source_line'] ?? null, decoded.after?.['source_line'] ?? null]).toEqual(sides);
    expect(decoded).toMatchObject({ kind: change.kind, differences: [] });
  });

  test.each([
    { title: 'an unknown kind', line: `moved\t${before}` },
    { title: 'a word of the language', line: `constructor\t${before}` },
    { title: 'one side of two', line: `changed\t${before}` },
    { title: 'two sides of one', line: `added\t${before}\t${after}` },
    { title: 'nothing', line: '' },
    { title: 'a row of the other report', line: `added\t${aNote()}` },
  ])('refuses $title', ({ line }) => {
    expect(() => decodeChange('utilization', line)).toThrow(RangeError);
  });
});
