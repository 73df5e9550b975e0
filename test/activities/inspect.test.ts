import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { inspectExport } from '../../src/activities/inspect.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import type { RunIdentity } from '../../src/domain/publication.ts';
import { goldenRules } from '../golden/golden.ts';

const run: RunIdentity = {
  runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
  workflowId: 'notes:2026-10-01..2026-10-15',
  report: 'notes',
  period: { from: '2026-10-01' as IsoDate, to: '2026-10-15' as IsoDate },
  source: 'file',
  startedAt: '2026-10-16T08:00:00.000Z',
};

const rules = {
  ...goldenRules({ excludedServices: [] }),
  columnAliases: { utilization: new Map(), notes: new Map([['staff_name', 'caregiver']]) },
};

const header = 'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days to Sign';

function inspect(lines: readonly string[], head = header): Promise<number> {
  const csv = [head, ...lines, ''].join('\r\n');
  return inspectExport(Readable.from([Buffer.from(csv)]), run, rules);
}

const row = '"SMITH, JOHN","DOE, ANA",,CN,10/02/2026,10/02/2026,0';

describe('an export passes', () => {
  test('with as many records as are told', async () => {
    await expect(inspect([row, row])).resolves.toBe(2);
  });

  test('without records', async () => {
    await expect(inspect([])).resolves.toBe(0);
  });

  test('with a column under its alias', async () => {
    await expect(inspect([row], header.replace('Caregiver', 'Staff Name'))).resolves.toBe(1);
  });

  test('with a line break in a heading', async () => {
    await expect(inspect([row], header.replace('Days to Sign', '"Days\nto Sign"'))).resolves.toBe(1);
  });

  test('with a line break in a quoted name', async () => {
    await expect(inspect([row.replace('SMITH, ', 'SMITH,\n'), row])).resolves.toBe(2);
  });

  test('with a record of too few cells, which is put aside later', async () => {
    await expect(inspect(['"SMITH, JOHN",CN', row])).resolves.toBe(2);
  });
});

describe('an export is refused', () => {
  test('where a stray quote swallows a row into a heading', async () => {
    const lines = ['SMITH JOHN,DOE ANA,,CN,10/02/2026,10/02/2026,0,"', `${row},`];
    await expect(inspect(lines, `${header},"Comment`)).rejects.toMatchObject({
      type: 'ExportNotCsv',
      details: { line: 1 },
    });
  });

  const plain = 'SMITH JOHN,DOE ANA,,CN,10/02/2026,10/02/2026,0';

  test.each([
    {
      title: 'where a stray quote swallows the beginning of the next row',
      lines: [row, plain.replace('DOE', '"DOE'), plain.replace('JOHN,', 'JOHN",')],
      type: 'ExportNotCsv',
      says: 'near line 3:',
    },
    {
      title: 'where two stray quotes swallow whole rows and leave the cells of one',
      lines: [row, plain.replace(',0', ',"0'), plain, plain.replace(',0', ',"')],
      type: 'ExportNotCsv',
      says: 'near line 3:',
    },
    {
      title: 'where a single cell of the contract is masked',
      lines: [row, row, row.replace('"DOE, ANA"', '***')],
      type: 'PortalPermissionMissing',
      says: '"caregiver" in 1 record',
    },
    {
      title: 'as masked, not as of another period, where every date is',
      lines: Array.from({ length: 3 }, () => row.replaceAll('10/02/2026', '*****')),
      type: 'PortalPermissionMissing',
      says: '"date_of_service" in 3 records, "staff_sign_date" in 3 records',
    },
    {
      title: 'where most records are of another period',
      lines: [row, ...Array.from({ length: 2 }, () => row.replaceAll('10/02', '10/16'))],
      type: 'ExportWrongPeriod',
      says: '2 of 3 records',
    },
  ])('$title', async ({ lines, type, says }) => {
    const refused = inspect(lines);
    await expect(refused).rejects.toMatchObject({ type, message: expect.stringContaining(says) as string });
    await expect(refused).rejects.not.toThrow(/SMITH|DOE/);
  });
});
