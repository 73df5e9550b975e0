import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { reportBytes } from '../../demo/portal/data.ts';
import type { Period } from '../../src/domain/periods.ts';
import { sourcesRoundId, sourcesScheduleId } from '../../src/domain/temporalNames.ts';
import type { Arrival } from '../faults/arrivals.ts';
import { SftpServer } from '../real/sources/sftpServer.ts';
import { textsWithin } from './leaks.ts';
import { System, WorkerProcess } from './system.ts';

/** Files that others leave, in a folder and on an SFTP server: each is loaded once, whatever happens to the workers. */
const sshd = process.env['TEST_SSHD'];
const kinds = sshd === undefined ? ['staff'] : ['staff', 'vendor'];
const preload = new URL('../faults/preload.mjs', import.meta.url).href;

let folder: string;
let server: SftpServer | undefined;
let system: System;
const left: Record<string, string> = {};

/** For each place its own: the same object twice would become an alias in the YAML. */
function rules(): object[] {
  return [
    { pattern: 'notes {YYYY-MM-DD}*.csv', report: 'notes' },
    { pattern: 'undated*.csv', report: 'notes' },
    { pattern: 'util*{YYYYMM}.csv', report: 'utilization' },
  ];
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-e2e-sources-'));
  left['staff'] = path.join(folder, 'staff');
  await mkdir(left['staff']);
  const places: object[] = [{ name: 'staff', folder: left['staff'], files: rules() }];
  const environment: NodeJS.ProcessEnv = { EHR_INBOX: path.join(folder, 'inbox') };
  if (sshd !== undefined) {
    server = await SftpServer.start(sshd);
    left['vendor'] = server.folder;
    const { port, user, hostKey } = server;
    places.push({
      name: 'vendor',
      sftp: { host: '127.0.0.1', port, user, folder: server.folder, hostKey },
      files: rules(),
    });
    const keyFile = path.join(folder, 'key');
    await writeFile(keyFile, server.privateKey, { mode: 0o600 });
    environment['EHR_SOURCE_VENDOR_KEY_FILE'] = keyFile;
  }
  system = await System.start({
    sharedClient: true,
    config: [[['sources'], { everyMinutes: 60, quietSeconds: 1, places }]],
    environment,
  });
});
afterAll(async () => {
  await system.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const leave = (source: string, name: string, text: string | Buffer) =>
  writeFile(path.join(left[source]!, name), text);

async function filesIn(source: string, of: string): Promise<string[]> {
  const names = await readdir(path.join(left[source]!, of)).catch((): string[] => []);
  return names.sort();
}

/** Names as they were before the files were taken. */
async function namesIn(source: string, of: string): Promise<string[]> {
  return (await filesIn(source, of)).map((name) => name.slice(17)).sort();
}

const september = [
  { from: '2025-09-01', to: '2025-09-15' },
  { from: '2025-09-16', to: '2025-09-30' },
] as Period[];
const october = { from: '2025-10-01', to: '2025-10-31' } as Period;

/** Where the worker is killed, in order: the step is over, and Temporal does not know it. */
const kills = ['after claimFiles', 'after takeFile', 'after load', 'after settleFile'];

test('a worker killed after each step loads each file once, and puts it away', async () => {
  const strikes = [...kills];
  let worker: WorkerProcess | undefined;
  let started = 0;
  let crew = Promise.resolve();
  const endedAlone: string[] = [];
  const startNext = async () => {
    started += 1;
    const log = path.join(folder, `worker-${String(started)}.log`);
    const mine = await WorkerProcess.startWith(preload, {
      environment: system.environment,
      log,
      built: inject('built'),
    });
    worker = mine;
    // As a supervisor does: the round goes on, and the test says in the end why a worker ended that nobody killed.
    mine.process.once('exit', () => {
      if (worker !== mine) return;
      worker = undefined;
      crew = mine.log().then((text) => {
        endedAlone.push(text.slice(-4000));
        return startNext();
      });
    });
    mine.onMessage((message) => {
      const { kind, id, place } = message as Arrival;
      if (kind !== 'arrival' || worker !== mine) return;
      if (place !== strikes[0]) {
        mine.process.send({ id });
        return;
      }
      strikes.shift();
      worker = undefined;
      crew = mine.kill().then(startNext);
    });
  };
  await startNext();
  try {
    for (const source of kinds) {
      const period = september[kinds.indexOf(source)]!;
      await leave(source, `notes ${period.from} ABERNATHY.csv`, reportBytes('demo', 'notes', period));
    }
    await leave('staff', 'util JOANNA 202510.csv', reportBytes('demo', 'utilization', october));
    const round = JSON.parse(await system.run('sources', '--now', '--json')) as { result: object };
    expect(round.result).toMatchObject({
      taken: kinds.length + 1,
      done: { published: kinds.length + 1 },
      failed: 0,
      again: 0,
    });
    expect(strikes).toEqual([]);
  } finally {
    await crew;
    const last: WorkerProcess | undefined = worker;
    worker = undefined;
    await last?.stop();
  }
  expect(endedAlone).toEqual([]);
  const runs = await system.query('SELECT period_start, outcome FROM pipeline_run');
  expect(runs.map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: kinds.length + 1 }, () => 'published'),
  );
  expect(new Set(runs.map(({ period_start: start }) => start)).size).toBe(kinds.length + 1);
  const done = await Promise.all(kinds.map((source) => namesIn(source, 'done')));
  expect(done).toEqual(
    [
      [`notes ${september[0]!.from} ABERNATHY.csv`, 'util JOANNA 202510.csv'],
      [`notes ${september[1]!.from} ABERNATHY.csv`],
    ].slice(0, kinds.length),
  );
  for (const source of kinds) expect(await filesIn(source, 'taking')).toEqual([]);
  for (const source of kinds) expect(await readdir(path.join(folder, 'inbox/sources', source))).toEqual([]);
});

test('what is wrong is refused with the reason, what nobody knows stays, and no name leaves the source', async () => {
  const worker = await system.startWorker();
  const source = kinds.at(-1)!;
  await leave(source, 'notes 2025-11-01 ABERNATHY.csv', 'no export\r\n');
  await leave(source, 'undated ABERNATHY.csv', reportBytes('demo', 'notes', september[0]!));
  await leave(source, 'letter to ABERNATHY.pdf', 'x');
  const { sources } = JSON.parse(await system.run('sources', '--json')) as {
    sources: { name: string; files: object }[];
  };
  expect(sources.find(({ name }) => name === source)).toMatchObject({
    files: { waiting: 2, unmatched: 1, taking: 0, refused: 0 },
    error: null,
  });
  const { code, stderr } = await system.tryRun('sources', '--now');
  expect(code).toBe(1);
  expect(stderr).toMatch(/of 2 files taken 1 were refused/);
  expect(await readdir(left[source]!)).toContain('letter to ABERNATHY.pdf');
  const [refused, reason] = await filesIn(source, 'refused');
  expect(refused).toMatch(/^[0-9a-f]{16}-notes 2025-11-01 ABERNATHY\.csv$/);
  expect(await readFile(path.join(left[source]!, 'refused', reason!), 'utf8')).toMatch(
    /^Export\w+\n.*\n?What to do: .*\n/,
  );
  expect(await namesIn(source, 'done')).toContain('undated ABERNATHY.csv');
  for await (const { workflowId, runId } of system.client.workflow.list()) {
    const history = await system.client.workflow.getHandle(workflowId, runId).fetchHistory();
    expect(textsWithin(history).filter((text) => /ABERNATHY|JOANNA/i.test(text))).toEqual([]);
  }
  expect((await system.workerLogs()).join('')).not.toMatch(/ABERNATHY|JOANNA/i);
  await worker.stop();
});

test('schedule apply makes a schedule for the rounds, and takes it away with the sources', async () => {
  expect(JSON.parse(await system.run('schedule', 'apply', '--json'))).toMatchObject({ sources: 'created' });
  const { spec, action, policies } = await system.client.schedule.getHandle(sourcesScheduleId).describe();
  expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
  expect(action).toMatchObject({ workflowType: 'collectFiles', workflowId: sourcesRoundId });
  expect(policies.overlap).toBe('SKIP');
  const EHR_CONFIG = await system.configFile('without', []);
  const { stdout } = await system.tryRunWith({ EHR_CONFIG }, 'schedule', 'apply', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ sources: 'off' });
  const { code, stderr } = await system.tryRunWith({ EHR_CONFIG }, 'sources');
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no source is configured/) as string,
  });
});

test('doctor tries each source', async () => {
  const { stdout } = await system.tryRun('doctor', '--skip-portal', '--json');
  const { findings } = JSON.parse(stdout) as { findings: { part: string; state: string; what: string }[] };
  const ofSources = findings.filter(({ part }) => part === 'sources');
  for (const source of kinds)
    expect(ofSources).toContainEqual({
      part: 'sources',
      state: 'ok',
      what: `files of ${source} can be listed, moved and removed: 0 wait, 0 are being taken`,
    });
  expect(ofSources.at(-1)).toMatchObject({
    state: 'problem',
    what: expect.stringMatching(/no files are taken/),
  });
  expect(ofSources.map(({ what }) => what)).toContain(
    `1 files of ${kinds.at(-1)!} have a name that no pattern fits: nobody takes them`,
  );
});
