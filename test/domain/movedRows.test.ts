import { describe, expect, test } from 'vitest';
import { movedLines } from '../../src/domain/movedRows.ts';

describe('what the supervisor rule moved', () => {
  test('is said in the words of the report', () => {
    expect(movedLines('utilization', { movedToLincs: 21, movedDollars: '136406.52' })).toEqual([
      'moved to the LINCS QP by the supervisor rule: 21 rows, authorized dollars 136406.52',
    ]);
  });

  test('has no dollars in runs that did not count them, and no line where nothing was moved', () => {
    expect(movedLines('utilization', { movedToLincs: 1 })).toEqual([
      'moved to the LINCS QP by the supervisor rule: 1 rows',
    ]);
    expect(movedLines('utilization', { movedToLincs: 0 })).toEqual([]);
  });

  test('is said of a report too that moves none any more', () => {
    expect(movedLines('notes', { movedToLincs: 2, movedDollars: '1.00' })).toEqual([
      'moved to another person by the supervisor rule: 2 rows, dollars 1.00',
    ]);
  });
});
