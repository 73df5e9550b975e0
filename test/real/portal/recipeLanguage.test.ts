import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvFile } from './fixtures/pagePortal.ts';
import { startWalker, type Walker } from './fixtures/walks.ts';

let walker: Walker;
beforeAll(async () => {
  walker = await startWalker();
});
afterAll(async () => walker[Symbol.asyncDispose]());

const file = { '/file': csvFile('reportExport.csv') };

describe('the number of records', () => {
  // The number is gone once the export is asked for.
  const twoSteps = `<p id="n">420 records found</p><button onclick="n.remove(); d.hidden = false">Export</button>
    <div id="d" hidden><button onclick="location.href='/file'">Save</button></div>`;
  const save = 'name: export\nclick: { button: Save }';
  const ask =
    '- { name: see the result, wait: { appears: { text: records found } }, recordCount: { text: "/([0-9]+) records/" } }\n- { name: ask for it, click: { button: Export } }';

  test('is read at an earlier step', async () => {
    const taken = await walker.take({ pages: { '/': twoSteps, ...file }, report: ask, download: save });
    expect(taken.portalRecords).toBe(420);
  });

  test('must agree where two steps read it', async () => {
    const pages = { '/': `<p>20 rows</p>${twoSteps}`, ...file };
    const recordCount = 'recordCount: { text: "/([0-9]+) rows/" }';
    const { stepName, trouble } = await walker.failure({
      pages,
      report: ask,
      download: `${save}\n${recordCount}`,
    });
    expect(stepName).toBe('export');
    expect(trouble.type).toBe('ExportWrongReport');
    expect(trouble.message).toBe('the portal shows 420 records at "see the result" and 20 at "export"');
  });

  test('is not read by a step for the other report', async () => {
    const other = ask.replace('name: see the result', 'name: see the result, reports: [utilization]');
    const taken = await walker.take({ pages: { '/': twoSteps, ...file }, report: other, download: save });
    expect(taken.portalRecords).toBeUndefined();
  });
});
