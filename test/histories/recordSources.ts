/**
 * Records the histories of rounds of the sources that the replay test runs against `collectFiles` as it is now. To be
 * run again when that workflow is changed on purpose, as record.ts says for the others.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reportBytes } from '../../demo/portal/data.ts';
import type { Period } from '../../src/domain/periods.ts';
import { sourcesRoundId } from '../../src/domain/temporalNames.ts';
import { System } from '../e2e/system.ts';
import { bundleForRecording, Recorder } from './recorder.ts';

const workflowBundle = await bundleForRecording();
const folder = await mkdtemp(path.join(tmpdir(), 'ehr-record-sources-'));
const left = path.join(folder, 'left');
await mkdir(left);
const files = [{ pattern: 'notes {YYYY-MM-DD}*.csv', report: 'notes' }];
const system = await System.start({
  workflowBundle,
  config: [[['sources'], { everyMinutes: 60, quietSeconds: 1, places: [{ name: 'staff', folder: left, files }] }]],
  environment: { EHR_INBOX: path.join(folder, 'inbox') },
});

const leave = (name: string, text: string | Buffer) => writeFile(path.join(left, name), text);
const halves = [
  { from: '2025-09-01', to: '2025-09-15' },
  { from: '2025-09-16', to: '2025-09-30' },
] as Period[];

try {
  await system.startWorker();
  const recorder = new Recorder(system);
  for (const period of halves) await leave(`notes ${period.from}.csv`, reportBytes('demo', 'notes', period));
  await leave('notes 2025-09-02.csv', reportBytes('demo', 'notes', halves[0]!));
  await recorder.record('collectFiles-taken', 'collectFiles', sourcesRoundId, {});
  await leave('notes 2025-10-01.csv', 'no export\r\n');
  await recorder.record('collectFiles-refused', 'collectFiles', sourcesRoundId, {});
  // As the schedule starts it.
  await recorder.record('collectFiles-scheduled', 'collectFiles', `${sourcesRoundId}-2026-11-16T08:30:00Z`, {});
} finally {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(workflowBundle, { force: true });
}
