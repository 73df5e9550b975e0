import { describe, expect, test } from 'vitest';
import { table } from '../../src/cli/table.ts';

const id = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';
const headings = ['report', 'rows', 'dollars', 'state'];
const rows = [
  ['notes', '1,200', '-$12.50', `held: ${id}`],
  ['utilization', '-', '+$1,234.00', 'failed: PortalUnavailable, preliminary'],
];

describe('a table', () => {
  test('has numbers on the right and words on the left', () => {
    expect(table(headings, rows, undefined)).toBe(
      [
        'report        rows     dollars  state',
        `notes        1,200     -$12.50  held: ${id}`,
        'utilization      -  +$1,234.00  failed: PortalUnavailable, preliminary',
      ].join('\n'),
    );
  });

  test('fits the terminal by breaking cells between words, never within one', () => {
    const drawn = table(headings, rows, 69);
    expect(drawn).toBe(
      [
        'report        rows     dollars  state',
        'notes        1,200     -$12.50  held:',
        `                                ${id}`,
        'utilization      -  +$1,234.00  failed: PortalUnavailable,',
        '                                preliminary',
      ].join('\n'),
    );
    // Too narrow for the longest words: those stay whole.
    expect(table(headings, rows, 20)).toContain(id);
  });

  test('counts the columns that a character takes, not its bytes', () => {
    expect(
      table(
        ['client', 'code'],
        [
          ['李小龍', 'a'],
          ['N\u0303u\u0301n\u0303ez', 'b'],
        ],
      ),
    ).toBe(['client  code', '李小龍  a', 'N\u0303u\u0301n\u0303ez   b'].join('\n'));
  });

  test('shows headings without rows, and cells of several lines', () => {
    expect(table(['run', 'why'], [])).toBe('run  why');
    expect(table(['run', 'why'], [['1', 'a\nb']])).toBe('run  why\n  1  a\n     b');
  });

  test('has no colours and passes on no control codes', () => {
    const drawn = table(['who'], [['\u001B[31mANN\u001B[0m']]);
    expect(drawn).toBe('who\n?[31mANN?[0m');
  });
});
