import { describe, expect, test } from 'vitest';
import { dollarFigures, noteFigures } from '../../src/dashboard/pageFigures.ts';
import {
  compactCount,
  compactDollars,
  countText,
  daysText,
  percentText,
} from '../../src/dashboard/figureText.ts';
import type { NotesTuple, UtilizationTuple } from '../../src/dashboard/pageData.ts';

/**
 * Figures of an agency's published dashboards, from amounts that give them: what they show of one amount in
 * millions, another in thousands and a percentage fits only one arithmetic, that of ratios of totals.
 */
function anAmount(service: number, authorizedCents: number, billedCents: number): UtilizationTuple {
  const variance = billedCents - authorizedCents;
  const [under, over] = [Math.min(variance, 0), Math.max(variance, 0)];
  const [underRows, overRows] = [Number(variance < 0), Number(variance > 0)];
  const util = Math.round((billedCents * 1_000_000) / authorizedCents);
  const amounts = [authorizedCents, 0, billedCents, under, underRows, over, overRows] as const;
  return [0, 0, 0, service, 1, ...amounts, 0, 0, util, 1];
}

test('the published month: 1.31 M authorized, 1.10 M used, 211.17 K not utilized, 83.91%', () => {
  const figures = dollarFigures([anAmount(0, 131_243_000, 110_126_000)]);
  expect(compactDollars(figures.authorizedCents)).toBe('$1.31M');
  expect(compactDollars(figures.usedCents)).toBe('$1.10M');
  expect(compactDollars(figures.notUtilizedCents)).toBe('$211,170');
  expect(figures.notUtilizedCents).toBe(figures.authorizedCents - figures.usedCents);
  expect(percentText(figures.utilization)).toBe('83.91%');
});

describe('the published bars by group', () => {
  test.each([
    { group: 7, used: 98_980, published: '98.98%' },
    { group: 6, used: 96_660, published: '96.66%' },
    { group: 3, used: 63_960, published: '63.96%' },
    { group: 2, used: 60_860, published: '60.86%' },
    { group: 8, used: 52_820, published: '52.82%' },
    { group: 1, used: 38_500, published: '38.50%' },
    { group: 5, used: 14_000, published: '14.00%' },
  ])('$group: $published', ({ group, used, published }) => {
    // Two authorizations whose own ratios are others: the bar is the ratio of their totals.
    const figures = dollarFigures([anAmount(group, 60_000, used - 10_000), anAmount(group, 40_000, 10_000)]);
    expect(percentText(figures.utilization)).toBe(published);
  });

  test('are no means of ratios: those are another figure', () => {
    const figures = dollarFigures([anAmount(0, 100_000, 90_000), anAmount(0, 10_000, 1_000)]);
    expect(percentText(figures.utilization)).toBe('82.73%');
    expect(percentText(figures.averageUtilization)).toBe('50.00%');
  });
});

test('the published notes: 9,388 = 537 late + 43 unbillable + 8.81 K on time, 0.88 days on average', () => {
  const onTime = 9388 - 537 - 43;
  // 20 of the unbillable ones are unsigned, and have no days to count.
  const signed = 9388 - 20;
  const notes: NotesTuple = [0, 1, 0, 9388, onTime, 537, 43, 20, Math.round(signed * 0.88), signed, 0];
  const figures = noteFigures([notes]);
  expect(figures.onTime + figures.late + figures.unbillable).toBe(figures.rows);
  expect(countText(figures.rows)).toBe('9,388');
  expect(compactCount(figures.onTime)).toBe('8.81K');
  expect(daysText(figures.averageDays)).toBe('0.88');
  expect(percentText(figures.onTimeShare)).toBe('93.82%');
});

test('under- and over-utilization are sums of rows, and make up for nothing', () => {
  const figures = dollarFigures([
    anAmount(0, 100_000_000, 7_590_000),
    anAmount(0, 10_000, 140_000),
    anAmount(0, 5_000, 5_000),
  ]);
  expect(compactDollars(figures.underCents)).toBe('-$924,100');
  expect(compactDollars(figures.overCents)).toBe('$1,300');
  expect([figures.underRows, figures.overRows]).toEqual([1, 1]);
  expect(figures.underCents + figures.overCents).toBe(-figures.notUtilizedCents);
});
