import { expect, test } from 'vitest';
import { loadsOf, shownNotes } from '../../src/dashboard/browser/selection.ts';
import { viewOf } from '../../src/dashboard/browser/view.ts';
import { buildPageData } from '../../src/dashboard/buildPageData.ts';
import { noteFigures } from '../../src/dashboard/pageFigures.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { aPeriod, notes, someQuestion, someRows } from './someRows.ts';

/** Of the one month shown, and of one before it that the 90 days reach into. */
const september = { from: '2026-09-01' as IsoDate, to: '2026-09-15' as IsoDate };
const october = { from: '2026-10-01' as IsoDate, to: '2026-10-15' as IsoDate };
const { days } = someRows();
const data = buildPageData(
  someRows({
    days: { ...days, months: { from: '2026-10-01' as IsoDate, to: '2026-10-31' as IsoDate } },
    periods: [september, october].map((period) => aPeriod({ ...period, report: 'notes' })),
    notes: [
      notes({ month: '2026-09', from: september.from, rows: 7 }),
      notes({ rows: 3 }),
      notes({ rows: 2, recent: false }),
    ],
  }),
  someQuestion,
);

test.each([
  { span: 'all', rows: 5, loads: ['2026-10'] },
  { span: '2026-10', rows: 5, loads: ['2026-10'] },
  { span: 'recent', rows: 10, loads: ['2026-09', '2026-10'] },
])('notes of $span are $rows, with the loads of their months', ({ span, rows, loads }) => {
  expect(data.months).toEqual(['2026-10']);
  const view = viewOf(`#/notes?span=${span}`, data);
  expect(noteFigures(shownNotes(data, view, 'of the view')).rows).toBe(rows);
  expect(noteFigures(shownNotes(data, view, 'all')).rows).toBe(5);
  expect(loadsOf(data, 'notes', span).map(({ month }) => month)).toEqual(loads);
});
