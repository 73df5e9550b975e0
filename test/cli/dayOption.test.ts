import { describe, expect, test } from 'vitest';
import { assertInOrder, dayOption } from '../../src/cli/dayOption.ts';
import { showLookAlikes } from '../../src/cli/lookAlikes.ts';

describe('an option that names a day', () => {
  test('takes an existing day', () => {
    expect(dayOption('--since', '2028-02-29')).toBe('2028-02-29');
  });

  test.each(['2026-02-29', '2026-2-1', '01.02.2026', '2026-11-16T00:00', 'today', ''])(
    'refuses %o',
    (text) => {
      expect(() => dayOption('--since', text)).toThrow(
        expect.objectContaining({
          type: 'InvalidInput',
          message: '--since: must be an existing day written YYYY-MM-DD',
          hint: expect.stringContaining('2026-11-16') as string,
        }),
      );
    },
  );
});

describe('a range of days', () => {
  const [earlier, later] = [dayOption('--from', '2026-11-15'), dayOption('--to', '2026-11-16')];

  test('may be one day', () => {
    expect(() => assertInOrder({ from: earlier, to: earlier })).not.toThrow();
  });

  test('is refused the wrong way round', () => {
    expect(() => assertInOrder({ from: later, to: earlier })).toThrow(
      expect.objectContaining({
        type: 'InvalidInput',
        message: '--to: 2026-11-15 is before --from: 2026-11-16',
      }),
    );
  });

  test('lookalikes refuses one before it asks the database', async () => {
    await expect(showLookAlikes('notes', { from: '2026-12-31', to: '2026-07-01' })).rejects.toThrow(
      /--to: 2026-07-01 is before --from/,
    );
  });
});
