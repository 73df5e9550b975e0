import { expect, test } from 'vitest';
import type { Period } from '../../../src/domain/periods.ts';
import {
  periodNamedBy,
  periodPlaceholder,
  periodShownIn,
  withPeriodPlaceholders,
} from '../../../src/portal/record/periodTexts.ts';

const cycle = { from: '2026-10-01', to: '2026-10-15' } as Period;
const later = { from: '2026-11-16', to: '2026-11-30' } as Period;
const month = { from: '2026-10-01', to: '2026-10-31' } as Period;

test.each([
  { texts: ['reports.bot', '10/01/2026', '10/15/2026'], period: cycle },
  { texts: ['10012026', '10152026'], period: cycle },
  { texts: ['2026-10-01', '2026-10-15'], period: cycle },
  { texts: ['15.10.2026', '1.10.2026'], period: cycle },
  { texts: ['01/10/2026', '15/10/2026'], period: cycle },
  { texts: ['Oct 1, 2026', 'Oct 15, 2026'], period: cycle },
  { texts: ['16-Nov-2026', '30-Nov-2026'], period: later },
  { texts: ['10/01/2026'], period: undefined },
  { texts: ['10/01/2026', '10/14/2026'], period: undefined },
  { texts: ['02/30/2026', '13/13/2026'], period: undefined },
  { texts: ['4711', '99887766'], period: undefined },
])('$texts name a cycle of notes: $period', ({ texts, period }) => {
  expect(periodNamedBy(texts, 'notes')).toEqual(period);
});

test.each(['October 2026', 'Oct 2026', '2026-10', '10/2026'])('%s names a month of utilization', (text) => {
  expect(periodNamedBy([text], 'utilization')).toEqual(month);
});

test('a text beside a result names its period', () => {
  expect(periodShownIn(['450 entries from 10/1/2026 to 10/15/2026'], 'notes')).toEqual(cycle);
});

test.each([
  ['10/01/2026', cycle, '${period.start|MM/DD/YYYY}'],
  ['10152026', cycle, '${period.end|MMDDYYYY}'],
  ['10/1/2026', cycle, '${period.start|M/D/YYYY}'],
  ['OCT 1, 2026', cycle, '${period.start|MMM D, YYYY}'],
  ['October 2026', month, '${period.start|MMMM YYYY}'],
  ['11/16/2026', later, '${period.start|MM/DD/YYYY}'],
  ['10/02/2026', cycle, undefined],
])('%s is a text of %o: %s', (text, period, placeholder) => {
  expect(periodPlaceholder(text, period)).toBe(placeholder);
});

test.each([
  ['Notes, 10/01/2026 to 10/15/2026', cycle, 'Notes, ${period.start|MM/DD/YYYY} to ${period.end|MM/DD/YYYY}'],
  ['Notes of 2026-10-01–2026-10-15', cycle, 'Notes of ${period.start|YYYY-MM-DD}–${period.end|YYYY-MM-DD}'],
  ['Usage in October 2026', month, 'Usage in ${period.start|MMMM YYYY}'],
])('%s shows %o', (text, period, template) => {
  expect(withPeriodPlaceholders(text, period)?.template).toBe(template);
});
