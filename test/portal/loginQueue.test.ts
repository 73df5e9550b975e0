import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PipelineError } from '../../src/domain/failures.ts';
import type { Period } from '../../src/domain/periods.ts';
import { BrowserPlaces } from '../../src/portal/browserPlaces.ts';
import {
  LoginBusy,
  PortalLoginQueue,
  type LoginQueueOptions,
  type QueuedExport,
  type Turn,
} from '../../src/portal/loginQueue.ts';
import type { PortalExportRequest } from '../../src/ports.ts';

const period = { from: '2026-10-01', to: '2026-10-15' } as Period;

let downloadsFolder: string;
/** What queue, session and turn did, in order. */
let events: string[];
let someoneWaits: boolean;
let exporting: () => Promise<void>;
let lost: AbortController;
let loginQueue: PortalLoginQueue;

beforeEach(async () => {
  downloadsFolder = await mkdtemp(path.join(tmpdir(), 'login-queue-test-'));
  events = [];
  someoneWaits = false;
  exporting = () => Promise.resolve();
  loginQueue = openQueue();
});
afterEach(async () => {
  await loginQueue.close();
  await rm(downloadsFolder, { recursive: true, force: true });
});

/** The login queue with sessions and turns that only say what happens to them. */
function openQueue(changes: Partial<LoginQueueOptions> = {}): PortalLoginQueue {
  return new PortalLoginQueue({
    openSession: () => ({
      exportReport: async ({ signal }) => {
        events.push('export');
        await exporting();
        signal.throwIfAborted();
        return { path: 'export.csv', suggestedName: 'export.csv' };
      },
      rehearse: async () => void events.push('rehearse'),
      close: async () => void events.push('close'),
    }),
    takeTurn: giveTurn,
    someoneWaits: async () => someoneWaits,
    clock: async () => '2026-11-16T08:30:00.000Z',
    refuseBlocked: async () => {},
    beforePasswordSubmit: async () => {},
    afterLogin: async () => {},
    idleSeconds: 60,
    // Against hangs only.
    patienceSeconds: 600,
    places: new BrowserPlaces(1),
    downloadsFolder,
    ...changes,
  });
}

async function giveTurn(): Promise<Turn> {
  events.push('turn');
  lost = new AbortController();
  return { lost: lost.signal, release: async () => void events.push('release') };
}

function requestWith(changes: Partial<PortalExportRequest> = {}): PortalExportRequest {
  const { signal } = new AbortController();
  return { report: 'notes', period, onProgress: () => {}, signal, ...changes };
}

async function exportOne(signal?: AbortSignal, queue = loginQueue): Promise<void> {
  await (await exported(requestWith(signal === undefined ? {} : { signal }), queue)).dispose();
}

async function exported(request: PortalExportRequest, queue = loginQueue): Promise<QueuedExport> {
  const made = await queue.exportReport(request);
  if ('loginInUse' in made) throw new Error(`the login is in use ${made.loginInUse}`);
  return made;
}

function rehearse(): Promise<void> {
  const signal = new AbortController().signal;
  return loginQueue.rehearse({ report: 'notes', period, onProgress: () => {}, signal }, { busySeconds: 2 });
}

async function exportSome(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await exportOne();
}

/** How many exports each session served. */
function sessions(): number[] {
  return events
    .join(' ')
    .split('turn')
    .slice(1)
    .map((served) => served.split('export').length - 1);
}

const databaseAway = new PipelineError('WarehouseUnavailable', 'no connection', { hint: 'wait' });
const unavailable = new PipelineError('PortalUnavailable', 'out of order', { hint: 'wait' });

describe('a session is', () => {
  test('kept for one export after another while nobody else waits', async () => {
    await exportSome(12);
    expect(sessions()).toEqual([12]);
  });

  test('handed over after five exports to a waiting run, though there is more to do', async () => {
    someoneWaits = true;
    await exportSome(12);
    expect(sessions()).toEqual([5, 5, 2]);
    expect(events.slice(5, 9)).toEqual(['export', 'close', 'release', 'turn']);
  });

  test('handed over within two seconds of idleness to a waiting run', async () => {
    await exportOne();
    someoneWaits = true;
    await vi.waitFor(() => expect(events.slice(-2)).toEqual(['close', 'release']), { timeout: 60_000 });
  });

  test('closed when it has been idle for long enough', async () => {
    loginQueue = openQueue({ idleSeconds: 0 });
    await exportOne();
    await vi.waitFor(() => expect(events.slice(-2)).toEqual(['close', 'release']), { timeout: 60_000 });
  });

  test('closed with its turn given back after a failure, and the next export begins again', async () => {
    exporting = () => Promise.reject(unavailable);
    await expect(exportOne()).rejects.toBe(unavailable);
    expect(events).toEqual(['turn', 'export', 'close', 'release']);
    expect(await readdir(downloadsFolder)).toEqual([]);
    exporting = () => Promise.resolve();
    await exportOne();
    expect(sessions()).toEqual([1, 1]);
  });

  test('given up in mid-export when the database loses its lock', async () => {
    exporting = async () => lost.abort(unavailable);
    await expect(exportOne()).rejects.toBe(unavailable);
    expect(events.slice(-2)).toEqual(['close', 'release']);
  });

  test('not used again once its lock was lost in the meantime', async () => {
    await exportOne();
    lost.abort(unavailable);
    await exportOne();
    expect(sessions()).toEqual([1, 1]);
  });

  test('closed by the queue only after the export under way', async () => {
    exporting = () => sleep(50);
    await Promise.all([exportOne(), loginQueue.close()]);
    expect(events).toEqual(['turn', 'export', 'close', 'release']);
  });
});

test('an export that is refused leaves the idle session its time, and no longer', async () => {
  const refuseBlocked = vi.fn<() => Promise<void>>(async () => {});
  loginQueue = openQueue({ refuseBlocked });
  await exportOne();
  refuseBlocked.mockRejectedValue(unavailable);
  await expect(exportOne()).rejects.toBe(unavailable);
  expect(events).toEqual(['turn', 'export']);
  someoneWaits = true;
  await vi.waitFor(() => expect(events.slice(-2)).toEqual(['close', 'release']), { timeout: 60_000 });
});

test('a turn that nobody got opens no session', async () => {
  loginQueue = openQueue({ takeTurn: () => Promise.reject(unavailable) });
  await expect(exportOne()).rejects.toBe(unavailable);
  expect(events).toEqual([]);
});

test('a blocked login takes no turn', async () => {
  loginQueue = openQueue({ refuseBlocked: () => Promise.reject(unavailable) });
  await expect(exportOne()).rejects.toBe(unavailable);
  expect(events).toEqual([]);
});

describe('an answer that blocks the login and could not be noted', () => {
  const rejection = new PipelineError('PortalLoginRejected', 'rejected', { hint: 'the new password' });
  const blocked = new PipelineError('PortalLoginRejected', 'blocked here', { hint: 'unblock' });
  const afterLogin = vi.fn<LoginQueueOptions['afterLogin']>();
  const isNoted = () => afterLogin.mock.results.some(({ type }) => type === 'return');

  beforeEach(() => {
    afterLogin.mockReset();
    loginQueue = openQueue({
      openSession: () => ({
        exportReport: async (request) => {
          events.push('submit');
          // As a session does: the portal's answer counts, whether or not it was noted.
          await request.afterLogin({ rejected: 'PortalLoginRejected' }).catch(() => undefined);
          throw rejection;
        },
        rehearse: async () => void events.push('rehearse'),
        close: async () => {},
      }),
      takeTurn: async () => ({ lost: new AbortController().signal, release: async () => {} }),
      afterLogin,
      refuseBlocked: async () => {
        if (isNoted()) throw blocked;
      },
    });
  });

  test('is noted before anything else, and the password is not submitted again', async () => {
    afterLogin.mockImplementationOnce(() => {
      throw databaseAway;
    });
    afterLogin.mockResolvedValue(undefined);
    await expect(exportOne()).rejects.toBe(rejection);
    await expect(exportOne()).rejects.toBe(blocked);
    await expect(exportOne()).rejects.toBe(blocked);
    expect(events).toEqual(['submit']);
    const noting = [{ rejected: 'PortalLoginRejected' }];
    expect(afterLogin.mock.calls).toEqual([noting, noting]);
  });

  test('keeps a rehearsal from submitting too, for as long as it cannot be noted', async () => {
    afterLogin.mockImplementation(() => {
      throw databaseAway;
    });
    await expect(exportOne()).rejects.toBe(rejection);
    await expect(rehearse()).rejects.toBe(databaseAway);
    await expect(rehearse()).rejects.toBe(databaseAway);
    expect(events).toEqual(['submit']);
  });
});

test('a cancelled export takes no turn', async () => {
  await expect(exportOne(AbortSignal.abort(unavailable))).rejects.toBe(unavailable);
  expect(events).toEqual([]);
});

describe('while the database is away, an export', () => {
  test('waits for it, says so, and uses up no attempt', async () => {
    const refuseBlocked = vi.fn<() => Promise<void>>(async () => {}).mockRejectedValueOnce(databaseAway);
    const takeTurn = vi.fn<LoginQueueOptions['takeTurn']>(giveTurn).mockRejectedValueOnce(databaseAway);
    const said: string[] = [];
    loginQueue = openQueue({ refuseBlocked, takeTurn });
    await (await exported(requestWith({ onProgress: (what) => void said.push(what) }))).dispose();
    expect(said).toEqual(Array(2).fill('the database, which hands out the portal login (0 s)'));
    expect(events).toEqual(['turn', 'export']);
  });

  test('ends when it is cancelled', async () => {
    loginQueue = openQueue({ takeTurn: () => Promise.reject(databaseAway) });
    const cancelled = new Error('cancelled');
    await expect(exportOne(abortedAfter(50, cancelled))).rejects.toBe(cancelled);
  });

  test('gives up where trying again cannot help', async () => {
    const refused = new PipelineError('WarehouseUnavailable', 'no right', { hint: 'grant it', retry: false });
    loginQueue = openQueue({ takeTurn: () => Promise.reject(refused) });
    await expect(exportOne()).rejects.toBe(refused);
  });
});

test('an export reports when it was begun, by the clock that all workers share', async () => {
  const made = await exported(requestWith());
  expect(made.exportedAt).toBe('2026-11-16T08:30:00.000Z');
  await made.dispose();
});

function untilExporting(count = 1): Promise<void> {
  return vi.waitFor(() => expect(events.filter((event) => event === 'export')).toHaveLength(count), {
    timeout: 60_000,
  });
}

describe('a login in use', () => {
  /** Ends the export under way. */
  let endExport: (() => void) | undefined;
  const untilEnded = () => new Promise<void>((resolve) => (endExport = resolve));
  test('elsewhere is waited for as long as is set, and no longer', async () => {
    loginQueue = openQueue({
      patienceSeconds: 0,
      takeTurn: async ({ signal, onWait }) => {
        for (let seconds = 0; ; seconds += 1) {
          signal.throwIfAborted();
          onWait(seconds);
        }
      },
    });
    expect(await loginQueue.exportReport(requestWith())).toEqual({
      loginInUse: 'on another worker, or by a person',
    });
    expect(events).toEqual([]);
  });

  test('in the same process says for what, and the one who has left exports nothing later', async () => {
    loginQueue = openQueue({ patienceSeconds: 0.05 });
    exporting = untilEnded;
    const first = exportOne();
    await untilExporting();
    const said: string[] = [];
    const second = loginQueue.exportReport(requestWith({ onProgress: (what) => void said.push(what) }));
    expect(await second).toEqual({ loginInUse: 'on the same worker, for notes 2026-10-01..2026-10-15' });
    expect(said).toEqual(['the portal login, in use for notes 2026-10-01..2026-10-15']);
    endExport?.();
    await first;
    await loginQueue.close();
    expect(events).toEqual(['turn', 'export', 'close', 'release']);
  });

  test('in the same process goes to who came first', async () => {
    const order: number[] = [];
    exporting = untilEnded;
    const waiting = [1, 2, 3].map(async (each) => {
      await exportOne();
      order.push(each);
    });
    for (const each of [1, 2, 3]) {
      await untilExporting(each);
      endExport?.();
    }
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(sessions()).toEqual([3]);
  });

  test('does not keep a cancelled export waiting', async () => {
    exporting = untilEnded;
    const first = exportOne();
    await untilExporting();
    await expect(exportOne(abortedAfter(10, unavailable))).rejects.toBe(unavailable);
    endExport?.();
    await first;
    expect(sessions()).toEqual([1]);
  });
});

describe('browsers side by side', () => {
  let others: PortalLoginQueue[];

  /** Logins that share as many places. */
  function openQueues(places: number, count: number): void {
    const shared = new BrowserPlaces(places);
    others = Array.from({ length: count }, (_, each) => {
      const note = (what: string) => void events.push(`${what} ${String(each + 1)}`);
      return openQueue({
        places: shared,
        openSession: () => ({
          exportReport: async () => {
            note('export');
            await exporting();
            return { path: 'export.csv', suggestedName: 'export.csv' };
          },
          rehearse: async () => {},
          close: async () => note('close'),
        }),
        takeTurn: async () => ({ lost: new AbortController().signal, release: async () => {} }),
      });
    });
  }

  afterEach(async () => {
    exporting = () => Promise.resolve();
    await Promise.all(others.map((queue) => queue.close()));
  });

  test('are as many as there are places; one that is idle makes room', async () => {
    openQueues(2, 3);
    for (const each of [1, 2, 1, 3]) await exportOne(undefined, others[each - 1]);
    expect(events).toEqual(['export 1', 'export 2', 'export 1', 'close 2', 'export 3']);
  });

  test('one at work is waited for, and a cancelled export leaves neither place nor turn', async () => {
    openQueues(1, 2);
    let resolve: (() => void) | undefined;
    exporting = () => new Promise((done) => (resolve = done));
    const first = exportOne(undefined, others[0]);
    await vi.waitFor(() => expect(events).toEqual(['export 1']), { timeout: 60_000 });
    const said: string[] = [];
    const signal = abortedAfter(50, unavailable);
    const second = others[1]!.exportReport(
      requestWith({ signal, onProgress: (what) => void said.push(what) }),
    );
    await expect(second).rejects.toBe(unavailable);
    expect(said).toEqual(['a browser: as many as EHR_BROWSERS allows are at work']);
    const third = exportOne(undefined, others[1]);
    exporting = () => Promise.resolve();
    resolve?.();
    await Promise.all([first, third]);
    expect(events).toEqual(['export 1', 'close 1', 'export 2']);
  });
});

function abortedAfter(milliseconds: number, reason: Error): AbortSignal {
  const abort = new AbortController();
  setTimeout(() => abort.abort(reason), milliseconds);
  return abort.signal;
}

describe('a rehearsal', () => {
  test('takes the turn of the login, exports nothing, and gives it back', async () => {
    await rehearse();
    await rehearse();
    await loginQueue.close();
    expect(events).toEqual(['turn', 'rehearse', 'rehearse', 'close', 'release']);
  });

  test('waits for a login in use for as long as is set', async () => {
    const waited: number[] = [];
    loginQueue = openQueue({
      takeTurn: async ({ signal, onWait }) => {
        // As the lock in the database does: it asks each second, until the signal says that it is enough.
        for (let seconds = 0; ; seconds += 1) {
          signal.throwIfAborted();
          waited.push(seconds);
          onWait(seconds);
        }
      },
    });
    await expect(rehearse()).rejects.toBeInstanceOf(LoginBusy);
    expect(waited).toEqual([0, 1, 2]);
    expect(events).toEqual([]);
  });

  test('of a refused login opens nothing', async () => {
    loginQueue = openQueue({ refuseBlocked: () => Promise.reject(unavailable) });
    await expect(rehearse()).rejects.toBe(unavailable);
    expect(events).toEqual([]);
  });

  test('does not wait for a database that is away', async () => {
    loginQueue = openQueue({ takeTurn: () => Promise.reject(databaseAway) });
    await expect(rehearse()).rejects.toBe(databaseAway);
  });
});
