import { expect, test } from 'vitest';
import { parseIsoDate, type IsoDate } from '../../src/domain/dates.ts';
import { notesWindow } from '../../src/domain/notesWindow.ts';
import { periodContaining } from '../../src/domain/periods.ts';

const cycles = (...days: string[]) => days.map((day) => periodContaining('notes', parseIsoDate(day)!));

test('the 90 days end with the newest loaded cycle and say how many of them are loaded', () => {
  expect(notesWindow(cycles('2026-11-01'))).toEqual({ from: '2026-08-18', to: '2026-11-15', loadedDays: 15 });
  const all = cycles('2026-08-16', '2026-09-01', '2026-09-16', '2026-10-01', '2026-10-16', '2026-11-01');
  expect(notesWindow(all)).toEqual({ from: '2026-08-18', to: '2026-11-15', loadedDays: 90 });
  // A gap, and a cycle that lies before the window.
  expect(notesWindow(cycles('2026-11-01', '2026-10-01', '2026-07-16'))?.loadedDays).toBe(30);
});

test('there are none before a cycle is loaded', () => {
  expect(notesWindow([])).toBeNull();
});

test('the days of every window come to 90, whatever the months', () => {
  for (let month = 1; month <= 12; month += 1) {
    for (const half of ['01', '16']) {
      const newest = periodContaining('notes', `2028-${String(month).padStart(2, '0')}-${half}` as IsoDate);
      const loaded = [newest];
      while (loaded.length < 8) {
        const before = new Date(Date.parse(loaded.at(-1)!.from) - 86_400_000).toISOString().slice(0, 10);
        loaded.push(periodContaining('notes', before as IsoDate));
      }
      expect(notesWindow(loaded)?.loadedDays).toBe(90);
    }
  }
});
