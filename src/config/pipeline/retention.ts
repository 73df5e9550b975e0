import { section, wholeNumber } from './kinds.ts';

/** Longer than any run may take, so that no file of one under way is old enough. */
const leastKeptDays = 7;

function keptDays() {
  return wholeNumber(leastKeptDays, 3650, 'days').describe('Days from the end of the run.');
}

function kept(what: string) {
  return section({
    days: keptDays(),
    versions: wholeNumber(1, 1000, 'versions').describe(
      'The newest published versions of each period keep theirs, however old.',
    ),
  }).describe(what);
}

export const retention = section({
  exports: kept('Exports: `rerun` and `reload` read them again.'),
  intermediates: kept('Row files: `rollback` needs them. Those of runs without changes go at once.'),
  rejects: kept('Rejected rows, in the files and in the table: `rejects` shows them.'),
  ledgerDetail: kept('The rows that a load changed: `diff` shows them.'),
  refused: section({ days: keptDays() }).describe('Downloads that were refused.'),
  evidence: section({
    days: wholeNumber(leastKeptDays, 3650, 'days').describe('Days from the failure.'),
  })
    .optional()
    .describe('What the portal showed when a step failed. Without this they stay.'),
  dashboards: section({
    days: wholeNumber(leastKeptDays, 3650, 'days').describe('Days for which newer ones lie beside them.'),
  })
    .optional()
    .describe(
      'Files in dashboards.folder that the daily run no longer writes, such as the page of a QP who left. Without this they stay.',
    ),
}).describe(
  'How long files are kept; the last step of the daily run removes the others. Without this section nothing is removed. Figures, their history and the ledger stay for good.',
);
