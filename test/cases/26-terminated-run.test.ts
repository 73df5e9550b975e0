import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { goldenMonths } from '../golden/golden.ts';
import { System, type CommandResult } from '../e2e/system.ts';

/** A run that is ended from outside cannot say what became of the figures; the client does. */
const golden = goldenMonths.find(({ name }) => name === 'notes-2026-10-16')!;
const range = ['notes', '--from', golden.period.from, '--to', golden.period.to];
const id = `notes:${golden.period.from}..${golden.period.to}`;

let system: System;

beforeAll(async () => {
  system = await System.start({
    browser: false,
    sharedClient: true,
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 600_000 } },
  });
});
afterAll(() => system.stop());

/** A command of the client that goes on until the run ends, and the newest run of the id once it is there. */
async function following(
  workflowId: string,
  ...call: string[]
): Promise<{ handle: WorkflowHandle; runId: string; ended: Promise<CommandResult> }> {
  const before = await runIdOf(workflowId);
  const ended = system.tryRun(...call);
  const handle = system.client.workflow.getHandle(workflowId);
  let runId = before;
  await vi.waitFor(
    async () => {
      runId = await runIdOf(workflowId);
      expect(runId).not.toBe(before);
    },
    { timeout: 600_000, interval: 200 },
  );
  return { handle, runId, ended };
}

async function runIdOf(workflowId: string): Promise<string> {
  return system.client.workflow
    .getHandle(workflowId)
    .describe()
    .then(
      ({ runId }) => runId,
      () => '',
    );
}

async function untilExporting(handle: WorkflowHandle): Promise<void> {
  await vi.waitFor(
    async () => {
      const { raw } = await handle.describe();
      expect(JSON.stringify(raw.pendingActivities)).toContain('loginAndDownload');
    },
    { timeout: 600_000, interval: 200 },
  );
}

test('a terminated run says by whose words, and that nothing was loaded', async () => {
  const { handle, ended } = await following(id, 'run', ...range);
  await handle.terminate('operator\u{1b}[2J');
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  // After the lines of its progress.
  expect(stderr.split('\n').slice(-3)).toEqual([
    `${id} was terminated in Temporal: operator [2J; nothing was loaded, and the period shows no figures yet`,
    'If it is still wanted, start it again.',
    '',
  ]);
});

test('the same for programs, without a reason, and where earlier figures stay', async () => {
  const worker = await system.startWorker();
  await system.run('run', ...range, '--file', golden.exportPath);
  await worker.stop();
  const { handle, ended } = await following(id, 'run', ...range, '--json');
  await handle.terminate();
  const { code, stdout } = await ended;
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      type: 'TerminatedFailure',
      message: `${id} was terminated in Temporal: terminated by user via frontend; nothing was loaded, the earlier figures stay`,
      hint: 'If it is still wanted, start it again.',
    },
    exitCode: 1,
  });
  // Whoever looks later hears the same.
  expect((await system.tryRun('watch', id)).stderr).toContain('nothing was loaded, the earlier figures stay');
});

test('a run that had published before it was terminated says so', async () => {
  const { handle, runId, ended } = await following(id, 'run', ...range);
  // As the load notes it, in its own transaction.
  await system.query(`UPDATE pipeline_run SET run_id = ? WHERE outcome = 'published'`, [runId]);
  await handle.terminate('too late');
  expect((await ended).stderr).toContain(
    `${id} was terminated in Temporal: too late; it had published before that: the period shows its figures`,
  );
});

test('a run that is cancelled, and one whose time is over', async () => {
  const timed = await system.client.workflow.start('runReport', {
    workflowId: id,
    taskQueue: 'ehr-pipeline',
    args: [{ report: 'notes', from: golden.period.from, to: golden.period.to }],
    workflowExecutionTimeout: '1 s',
  });
  await expect(timed.result()).rejects.toThrow('Workflow execution timed out');
  const late = await system.tryRun('watch', id);
  expect(late.code).toBe(1);
  expect(late.stderr).toContain(`${id} ran out of the time that it had as a whole; nothing was loaded`);

  await system.startWorker();
  const { handle, ended } = await following(id, 'run', ...range);
  await untilExporting(handle);
  await handle.cancel();
  const { code, stderr } = await ended;
  expect(code).toBe(4);
  expect(stderr).toContain(`${id} was cancelled; nothing was loaded, the earlier figures stay`);
});

test('a run that is reset is followed to the end of the one that goes on', async () => {
  const { handle, runId, ended } = await following(id, 'run', ...range);
  await untilExporting(handle);
  system.portal.settings.delays.exportMs = 0;
  const reset = await system.temporal(
    'workflow',
    'reset',
    '--workflow-id',
    id,
    '--run-id',
    runId,
    '--type',
    'FirstWorkflowTask',
    '--reason',
    'again',
  );
  expect(reset.code).toBe(0);
  const { code, stdout, stderr } = await ended;
  expect(stderr.split('\n')).toContain(
    `${id} was reset in Temporal and continues as run ${await runIdOf(id)}; following that one`,
  );
  expect(stdout).toMatch(/: (published|unchanged): \d+ read, /);
  expect(code).toBe(0);
});

test('a period that is terminated fails its backfill, which is neither a defect nor a wrong call', async () => {
  system.portal.settings.delays.exportMs = 600_000;
  const parent = 'backfill:notes:2024-01-01..2024-01-31';
  const child = system.client.workflow.getHandle('notes:2024-01-16..2024-01-31');
  const { ended } = await following(
    parent,
    'backfill',
    'notes',
    '--from',
    '2024-01-01',
    '--to',
    '2024-01-31',
  );
  await vi.waitFor(async () => expect((await child.describe()).status.name).toBe('RUNNING'), {
    timeout: 600_000,
    interval: 200,
  });
  await untilExporting(child);
  await child.terminate('DOE, JANE asked for it');
  system.portal.settings.delays.exportMs = 0;
  const { code, stderr } = await ended;
  expect(stderr).toContain('1 of 2 periods failed');
  expect(stderr).toContain(
    'the run was terminated in Temporal; unless it had published before, nothing was loaded',
  );
  expect(stderr).not.toMatch(/InternalError|DOE/);
  expect(code).toBe(1);
});

test('a backfill that is terminated says what becomes of its periods', async () => {
  system.portal.settings.delays.exportMs = 600_000;
  const parent = 'backfill:notes:2024-02-01..2024-02-29';
  const { handle, ended } = await following(
    parent,
    'backfill',
    'notes',
    '--from',
    '2024-02-01',
    '--to',
    '2024-02-29',
  );
  await handle.terminate('operator');
  const { code, stderr } = await ended;
  expect(stderr).toContain(
    `${parent} was terminated in Temporal: operator; periods that it had published stay published`,
  );
  expect(code).toBe(1);
});

test('a follower without a reader ends without a word when its run ends', async () => {
  const { handle, ended } = await following(id, 'run', ...range, '--no-wait');
  await ended;
  const call = spawn(
    'bash',
    [
      '-c',
      `"$0" "$@" watch ${id} 2>&1 | true; echo "\${PIPESTATUS[0]}"`,
      process.execPath,
      ...system.clientProgram,
    ],
    {
      env: system.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [call.stdout, call.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const closed = once(call, 'close');
  await handle.terminate('operator');
  await closed;
  expect(said).toBe('141\n');
});
