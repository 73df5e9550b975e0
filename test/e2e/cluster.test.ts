import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { objectStoreProgram } from '../artifacts/objectStoreServer.ts';
import { inOwnNetwork, missingForCluster } from '../cluster/ownNetwork.ts';
import { programsOfTests } from '../faults/site.ts';
import type { ScenarioReport } from '../faults/stage.ts';

/** The short version of `npm run cluster`, on servers of its own, since the ways to them are cut. */
const missing =
  process.env['TEST_DATABASE_SERVER'] === undefined
    ? 'the database is a running one, which is in another network'
    : missingForCluster();
// What CI lacks would be overlooked there.
const skipped = missing !== undefined && (process.env['CI'] !== 'true' || /running one/.test(missing));
if (skipped) console.log(`SKIPPED: machines of their own, since ${missing}`);

test.skipIf(skipped || objectStoreProgram === undefined)(
  'two machines without a shared folder lose their ways to bucket, database and Temporal, one after the other',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ehr-cluster-'));
    const out = path.join(folder, 'report.json');
    try {
      const code = await inOwnNetwork({
        programs: programsOfTests(),
        objectStore: objectStoreProgram!,
        folder,
        options: {
          machines: 2,
          reports: ['utilization'],
          rounds: [['store:one', 'database:one', 'temporal:one']],
          awaySeconds: 5,
          portalPeriods: 2,
          retrySeconds: 1,
        },
        out,
      });
      expect(code).toBe(0);
      const report = JSON.parse(await readFile(out, 'utf8')) as ScenarioReport;
      expect(report.differences).toEqual([]);
      expect(report.reader.violations).toEqual([]);
      expect(report.figures).toMatchObject({ 'versions brought in': 4 });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
