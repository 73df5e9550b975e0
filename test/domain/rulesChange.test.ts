import { describe, expect, test } from 'vitest';
import type { MoneyAccount } from '../../src/domain/accounting.ts';
import {
  changesNothing,
  compareReread,
  dollarChanges,
  rulesChangeText,
  type RowBlocks,
  type RulesChange,
} from '../../src/domain/rulesChange.ts';
import { splitRows } from '../../src/rows/rowLines.ts';
import { reports } from '../../src/reports/index.ts';

const width = reports.notes.rowColumns.length;

interface Note {
  readonly line: number;
  readonly client?: string;
  readonly key?: string;
  readonly status?: string;
}

/** The row file of some notes, in blocks of so many. */
async function* blocksOf(notes: readonly Note[], rows: number): RowBlocks {
  for (let at = 0; at < notes.length; at += rows) {
    const lines = notes.slice(at, at + rows).map((note) => `${cellsOf(note).join('\t')}\n`);
    yield splitRows(Buffer.from(lines.join('')), width);
  }
}

function cellsOf({ line, client = 'LARKSPUR, CLEMENCE', key = 'k1', status = 'On Time' }: Note): string[] {
  const given: Readonly<Record<string, string>> = {
    source_line: String(line),
    client,
    client_key: key,
    note_status: status,
  };
  return reports.notes.rowColumns.map((column) => given[column] ?? 'x');
}

const three: Note[] = [{ line: 2 }, { line: 3 }, { line: 9 }];

describe('an export read again under other rules', () => {
  test.each<{ title: string; reread: readonly Note[]; counts: object }>([
    { title: 'gives the same rows', reread: three, counts: {} },
    { title: 'gives a row that was rejected before', reread: [...three, { line: 10 }], counts: { added: 1 } },
    { title: 'gives one between others', reread: three.toSpliced(2, 0, { line: 5 }), counts: { added: 1 } },
    { title: 'lacks the first row', reread: three.slice(1), counts: { removed: 1 } },
    { title: 'lacks the last row', reread: three.slice(0, 2), counts: { removed: 1 } },
    { title: 'lacks all rows', reread: [], counts: { removed: 3 } },
    {
      title: 'has another figure',
      reread: three.with(1, { line: 3, status: 'Late' }),
      counts: { changed: 1 },
    },
    {
      title: 'has another name, and with it another key',
      reread: three.with(2, { line: 9, client: 'LARKSPUR, CLÉMENCE', key: 'k2' }),
      counts: { changed: 1, rekeyed: 1 },
    },
    {
      title: 'has another key alone, as under another name key',
      reread: three.map((note) => ({ ...note, key: 'k2' })),
      counts: { changed: 3, rekeyed: 3 },
    },
  ])('$title', async ({ reread, counts }) => {
    for (const rows of [1, 2, 100]) {
      const found = await compareReread('notes', {
        shown: blocksOf(three, 2),
        reread: blocksOf(reread, rows),
      });
      expect(found).toEqual({ shown: 3, added: 0, removed: 0, changed: 0, rekeyed: 0, ...counts });
    }
  });

  test('of a period that shows no row', async () => {
    const sides = { shown: blocksOf([], 1), reread: blocksOf(three, 1) };
    expect(await compareReread('notes', sides)).toMatchObject({ shown: 0, added: 3 });
  });
});

const account = (loaded: string) => ({ loaded }) as MoneyAccount;

test('totals are reported where they differ', () => {
  expect(
    dollarChanges(
      { authorized_dollars: '10.00', billed_dollars: '1.50', authorized_units: '4.0000' },
      {
        authorized_dollars: account('12.25'),
        billed_dollars: account('1.50'),
        variance_billed: account('0'),
      },
    ),
  ).toEqual({ authorized_dollars: { before: '10.00', after: '12.25' } });
});

const same: RulesChange = {
  kind: 'compared',
  shown: 24,
  added: 0,
  removed: 0,
  changed: 0,
  rekeyed: 0,
  dollars: {},
};

test('rules matter where a row or a key changes, or where that is unknown', () => {
  expect(changesNothing(same)).toBe(true);
  for (const what of ['added', 'removed', 'changed'] as const) {
    expect(changesNothing({ ...same, [what]: 1 })).toBe(false);
  }
  expect(changesNothing({ kind: 'unknown', because: 'the kept export is gone' })).toBe(false);
});

test('whoever decides reads how many rows, keys and dollars change, and how to accept it', () => {
  const dollars = { authorized_dollars: { before: '10.00', after: '12.25' } };
  expect(rulesChangeText({ ...same, changed: 9, rekeyed: 4, removed: 1, added: 2, dollars })).toBe(
    'the rules have changed since the period was loaded: of the 24 rows of the same export 9 change ' +
      '(4 with another name key), 1 go and 2 come, authorized_dollars 10.00 → 12.25; ' +
      'to accept the rules of today for all periods: npm run client -- approve-rules --reason "…"',
  );
  expect(rulesChangeText({ kind: 'unknown', because: 'the kept export is not there any more' })).toContain(
    'is unknown, since the kept export is not there any more',
  );
});
