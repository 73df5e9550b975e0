import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ExportMade } from '../../src/activities/contracts.ts';
import { createActivities } from '../../src/activities/interceptors/createActivities.ts';
import { createFolderStore } from '../../src/artifacts/folderStore.ts';
import type { ArtifactStore, InboxFile } from '../../src/domain/artifacts.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import type { Ports } from '../../src/ports.ts';
import { readFileInBlocks } from '../../src/activities/parts/storeFile.ts';
import { goldenRules } from '../golden/golden.ts';

const run = {
  runId: '6f4c1c1e-0000-4000-8000-000000000001',
  workflowId: 'notes:2026-10-16..2026-10-31',
  report: 'notes',
  period: { from: '2026-10-16', to: '2026-10-31' },
  source: 'file',
  startedAt: '2026-11-01T08:30:00.000Z',
} as RunIdentity;

const header = 'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days to Sign';
const rowOf = (day: string) => `"ABERNATHY, JO","DOE, ANA",,CN,${day},${day},0`;

/** Longer than two beats, as an upload over a slow line may take. */
const slowSeconds = 12;
let root: string;
/** Whether two beats were sent during each call that was slow, by what it was. */
let beats: Record<string, boolean[]>;
let environment: MockActivityEnvironment;
let sent: number;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'ehr-slow-'));
  beats = {};
  sent = 0;
  environment = new MockActivityEnvironment();
  environment.on('heartbeat', () => (sent += 1));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

async function slow<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const before = sent;
  await vi.advanceTimersByTimeAsync(slowSeconds * 1000);
  (beats[what] ??= []).push(sent - before >= 2);
  return work();
}

function slowStore(): ArtifactStore {
  const store = createFolderStore(path.join(root, 'artifacts'));
  return {
    ...store,
    open: (ref) => slow('open', () => store.open(ref)),
    create: async (place) => {
      const sink = await store.create(place);
      return { ...sink, commit: (rows) => slow('commit', () => sink.commit(rows)) };
    },
  };
}

const slowInbox = (file: string): Promise<InboxFile> =>
  slow('inbox', () =>
    Promise.resolve({ read: () => readFileInBlocks(file), release: () => Promise.resolve() }),
  );

test('a store or an inbox that takes long loses no step: heartbeats go on', async () => {
  const file = path.join(root, 'export.csv');
  writeFileSync(file, [header, rowOf('10/16/2026'), rowOf('10/31/2026'), ''].join('\r\n'));
  const steps = createActivities('pipeline', {
    settings: { rules: goldenRules({ excludedServices: [] }), rulesSha256: '0'.repeat(64) },
    alerts: {},
    artifacts: slowStore(),
    inbox: slowInbox,
    warehouse: { clock: () => Promise.resolve('2026-11-02T08:30:00.000Z') },
  } as unknown as Ports);
  const taken = await environment.run<
    [Parameters<typeof steps.takeFile>[0]],
    ExportMade,
    typeof steps.takeFile
  >(steps.takeFile, { run, file });
  expect(beats).toEqual({ inbox: [true], commit: [true] });
  await environment.run(steps.clean, { run, export: taken.file });
  expect(beats).toEqual({ inbox: [true], commit: [true, true, true, true], open: [true] });
});
