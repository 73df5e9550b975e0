import { section, wholeNumber, percent } from './kinds.ts';

export const gates = section({
  rejectedPercent: percent(100).describe(
    'A run is held if more than this share of its rows, those left out not counted, was put aside.',
  ),
  smallestRows: wholeNumber(0, 100_000, 'rows').describe(
    'Where both sides of a comparison have fewer rows than this, percentages of rows and dollars are not judged.',
  ),
  sameRejects: section({
    rows: wholeNumber(1, 100_000, 'rows'),
    percent: percent(100),
  })
    .default({ rows: 3, percent: 2 })
    .describe(
      'A run is held if all rows put aside have the same fault in the same column, from so many rows and such a share on.',
    ),
  statusSharePoints: wholeNumber(0, 100, 'percentage points')
    .default(8)
    .describe(
      'A run is held if the rows put aside could change the share of a status, such as Late, by more percentage points.',
    ),
  lastLoad: section({
    fewerPercent: percent(100),
    morePercent: percent(10_000),
  }).describe(
    'A run is held if its rows or dollars are so much fewer or more than the last load of the period.',
  ),
  median: section({
    periods: wholeNumber(1, 24, 'periods').describe(
      'How many earlier periods the median is of; with fewer in the tables it is not judged.',
    ),
    fewerPercent: percent(100),
    morePercent: percent(10_000),
  }).describe(
    'A run of an ended period is held if its rows or dollars are so far from the median of earlier periods.',
  ),
}).describe('When a run is held instead of loaded, until a person approves or rejects it.');
