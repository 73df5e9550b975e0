import { createReadStream } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openExport } from '../../src/rows/csv.ts';
import { createClassifier } from '../../src/rows/classifyRecord.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { gateReasons } from '../../src/domain/gateReasons.ts';
import { RejectTally } from '../../src/rows/rejectCounts.ts';
import { goldenMonths, goldenRules } from '../golden/golden.ts';
import { reports } from '../../src/reports/index.ts';

const rules = goldenRules({ excludedServices: [] });
const layout = readHeader('notes', reports.notes.exportColumns, rules);
const period = { from: '2026-10-01' as IsoDate, to: '2026-10-15' as IsoDate };

/** Of one note whose cells are so. */
function countsOf(served: string, signed: string, days: string, client = 'SMITH, JO') {
  const tally = new RejectTally(reports.notes);
  const judge = createClassifier('notes', { layout, period, rules });
  tally.add(judge({ line: 2, cells: [client, 'DOE, ANA', '', 'CN', served, signed, days] }));
  return tally.counts();
}

describe('what a rejected note could be', () => {
  const day = '10/02/2026';
  test.each([
    { title: 'all of it is read', cells: [day, day, '0', ''], possible: ['On Time'] },
    { title: 'it is unsigned', cells: [day, '', '0', ''], possible: ['Unbillable'] },
    { title: 'it is unsigned, and days are blank', cells: [day, '', '', ''], possible: ['Unbillable'] },
    { title: 'its days are counted from its dates', cells: [day, '10/06/2026', '', ''], possible: ['Late'] },
    {
      title: 'a sign date that is none, soon',
      cells: [day, 'later', '0'],
      possible: ['On Time', 'Unbillable'],
    },
    { title: 'a sign date that is none, days later', cells: [day, 'later', '5'], possible: ['Late'] },
    {
      title: 'days that are none, signed',
      cells: [day, day, 'few'],
      possible: ['On Time', 'Late', 'Unbillable'],
    },
    { title: 'days that are none, unsigned', cells: [day, '', 'few'], possible: ['Late', 'Unbillable'] },
    { title: 'nothing of it is read', cells: [day, '?', '?'], possible: ['On Time', 'Late', 'Unbillable'] },
    { title: 'it is of another period', cells: ['11/02/2026', day, '0'], possible: [] },
  ])('$title: $possible', ({ cells: [served, signed, days, client], possible }) => {
    const { statuses, kinds } = countsOf(served!, signed!, days!, client);
    expect(kinds).toHaveLength(1);
    expect(statuses.filter((doubt) => doubt.possible === 1).map(({ status }) => status)).toEqual(possible);
    expect(statuses.filter((doubt) => doubt.sure === 1)).toHaveLength(possible.length === 1 ? 1 : 0);
  });
});

// As config/pipeline.yaml has them where it says nothing.
const limits = {
  rejectedPercent: 20,
  smallestRows: 20,
  sameRejects: { rows: 3, percent: 2 },
  statusSharePoints: 8,
  lastLoad: { fewerPercent: 10, morePercent: 50 },
  median: { periods: 6, fewerPercent: 50, morePercent: 100 },
};

test.each(goldenMonths)('the golden month $name is not held', async (month) => {
  const { report } = month;
  const { header, blocks } = await openExport(createReadStream(month.exportPath));
  const ofMonth = goldenRules(month);
  const terms = { layout: readHeader(report, header!.cells, ofMonth), period: month.period, rules: ofMonth };
  const judge = createClassifier(report, terms);
  const tally = new RejectTally(reports[report]);
  const run = { read: 0, excluded: 0, rejected: 0, loaded: 0 };
  for await (const records of blocks) {
    for (const record of records) {
      const classification = judge(record);
      tally.add(classification);
      run.read += 1;
      run[classification.verdict.kind === 'kept' ? 'loaded' : classification.verdict.kind] += 1;
    }
  }
  const context = { previous: null, others: [], pinned: null, rulesChange: null };
  const gated = { ...run, rejects: tally.counts(), dollars: null, open: false };
  expect(gateReasons(limits, gated, context)).toEqual([]);
});
