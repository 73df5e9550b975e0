import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { LoginInUse, PortalExportRequest } from '../ports.ts';
import type { DownloadedExport, ExportRequest, WalkRequest } from './session.ts';
import { isBlockingAnswer, type LoginAnswer } from './login.ts';
import type { BrowserPlace, BrowserPlaces } from './browserPlaces.ts';
import { pause, settledWithin, unlessAborted } from './waiting.ts';

/** A login's turn: exclusive use of the login until it is released, or lost with the database connection. */
export interface Turn {
  release(): Promise<void>;
  readonly lost: AbortSignal;
}

export interface QueuedSession {
  exportReport(request: ExportRequest): Promise<DownloadedExport>;
  rehearse(request: WalkRequest): Promise<void>;
  close(): Promise<unknown>;
}

export interface LoginQueueOptions {
  /** Cheap: the browser starts with the first export. */
  readonly openSession: () => QueuedSession;
  /** Waits for the login across all workers. */
  readonly takeTurn: (wait: { signal: AbortSignal; onWait: (seconds: number) => void }) => Promise<Turn>;
  readonly someoneWaits: () => Promise<boolean>;
  /** Throws the reason while the login is blocked, before any browser starts. */
  readonly refuseBlocked: () => Promise<void>;
  /** The current time by the clock that all workers share; ISO 8601 in UTC. */
  readonly clock: () => Promise<string>;
  readonly beforePasswordSubmit: ExportRequest['beforePasswordSubmit'];
  readonly afterLogin: ExportRequest['afterLogin'];
  /** How long an idle session is kept for the next period. */
  readonly idleSeconds: number;
  /** How long an export waits for a login in use before it gives up. */
  readonly patienceSeconds: number;
  /** Where the session's browser runs. */
  readonly places: BrowserPlaces;
  /** Where each attempt gets a private folder for its file. */
  readonly downloadsFolder: string;
}

export interface QueuedExport extends DownloadedExport {
  /** When the export began, while holding the login: of two exports, the later one shows the later state. */
  readonly exportedAt: string;
  dispose(): Promise<void>;
}

interface Open {
  readonly session: QueuedSession;
  readonly turn: Turn;
  readonly place: BrowserPlace;
  /** Exports begun in this session. */
  exports: number;
}

// How often an idle session checks whether another worker waits for the login.
const handOverPollMilliseconds = 1_000;

/**
 * With exports always queued a session would never be idle, and another worker would wait for hours. A new login costs
 * about as much as one or two exports, so it is worth doing after a few of them.
 */
const exportsPerTurn = 5;

/**
 * The database grants the login, so an export waits for the database as it waits for the login: as long as a load does,
 * without using up the attempts meant for the portal.
 */
const unreachableMinutes = 15;
/** A refused connection fails at once; an address that does not answer takes its own ten seconds. */
const unreachablePauseMilliseconds = 2_000;

async function whileUnreachable<Result>(
  { signal, onProgress }: PortalExportRequest,
  ask: () => Promise<Result>,
): Promise<Result> {
  const began = Date.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const away = error instanceof PipelineError && error.type === 'WarehouseUnavailable' && error.retry;
      const waited = Date.now() - began;
      if (!away || waited > unreachableMinutes * 60_000) throw error;
      onProgress(`the database, which hands out the portal login (${String(Math.round(waited / 1000))} s)`);
    }
    await pause(unreachablePauseMilliseconds, signal);
  }
}

/** Another user holds the login for longer than the caller wants to wait. */
export class LoginBusy extends Error {
  override readonly name = 'LoginBusy';
}

/**
 * Serves exports one after another through one logged-in session. It holds the login's turn as long as the session
 * lives. An idle session is kept for a while, unless another worker waits for the login.
 */
export class PortalLoginQueue {
  readonly #options: LoginQueueOptions;
  #open: Open | undefined;
  /** What is exported at the moment, as text. */
  #exporting: string | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** An answer that blocks the login and that could not be recorded yet. */
  #unnoted: LoginAnswer | undefined;
  /** Settles when the previous export is over, so that a late attempt never shares the session with its successor. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: LoginQueueOptions) {
    this.#options = options;
  }

  /** Exports wait in the order in which they came; one that waited long enough for the login leaves its place. */
  async exportReport(request: PortalExportRequest): Promise<QueuedExport | LoginInUse> {
    const until = Date.now() + this.#options.patienceSeconds * 1000;
    try {
      return await this.#aloneWithin(() => this.#export(request, until), { request, until });
    } catch (error) {
      if (error instanceof LoginBusy) return { loginInUse: error.message };
      throw error;
    }
  }

  /** As `#alone`, unless others are still at work then. @throws LoginBusy; the signal's reason */
  async #aloneWithin<Result>(
    work: () => Promise<Result>,
    { request: { signal, onProgress }, until }: { request: PortalExportRequest; until: number },
  ): Promise<Result> {
    let begin: (() => void) | undefined;
    let hasBegun = false;
    let hasLeft = false;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const result = this.#alone(async () => {
      if (hasLeft) throw new LoginBusy('by others before');
      hasBegun = true;
      begin?.();
      return work();
    });
    if (this.#exporting !== undefined) onProgress(`the portal login, in use for ${this.#exporting}`);
    await settledWithin(unlessAborted(begun, signal), Math.max(1, until - Date.now()));
    if (hasBegun) return result;
    hasLeft = true;
    result.catch(() => undefined);
    signal.throwIfAborted();
    throw new LoginBusy(`on the same worker, for ${this.#exporting ?? 'another export'}`);
  }

  /**
   * Does everything up to the export, without exporting: it takes the login's turn, applies the password guard and runs
   * the recipe's steps as an export does. It waits only for the login, for at most `busySeconds`.
   * @throws LoginBusy; PipelineError as an export does.
   */
  rehearse(request: PortalExportRequest, { busySeconds }: { readonly busySeconds: number }): Promise<void> {
    return this.#alone(async () => {
      request.signal.throwIfAborted();
      await this.#refuseBlocked();
      this.#stopIdling();
      try {
        const open = await this.#opened(request, () => this.#turnWithin(busySeconds, request));
        await open.session.rehearse(this.#walkRequest(open, request));
        this.#startIdling();
      } catch (error) {
        await this.#end();
        throw error;
      }
    });
  }

  #turnWithin(busySeconds: number, { signal, onProgress }: PortalExportRequest): Promise<Turn> {
    const busy = new AbortController();
    return this.#options.takeTurn({
      signal: AbortSignal.any([signal, busy.signal]),
      onWait: (seconds) => {
        onProgress(`the portal login, in use elsewhere (${String(seconds)} s)`);
        if (seconds >= busySeconds) busy.abort(new LoginBusy('on another worker, or by a person'));
      },
    });
  }

  /** Logs out, closes the browser and releases the login. Called on every way out. */
  close(): Promise<void> {
    return this.#alone(() => this.#end());
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #export(request: PortalExportRequest, until: number): Promise<QueuedExport> {
    // An export that is refused here leaves an idle session open, with its idle time running.
    request.signal.throwIfAborted();
    await whileUnreachable(request, () => this.#refuseBlocked());
    this.#stopIdling();
    try {
      const open = await this.#opened(request, () => this.#turnUntil(until, request));
      const exported = await this.#exportThrough(open, request);
      this.#startIdling();
      return exported;
    } catch (error) {
      // Whatever failed, the next attempt begins with a fresh browser and its own turn.
      await this.#end();
      throw error;
    }
  }

  async #exportThrough(open: Open, request: PortalExportRequest): Promise<QueuedExport> {
    const exportedAt = await this.#options.clock();
    open.exports += 1;
    this.#exporting = `${request.report} ${periodText(request.period)}`;
    const attemptDirectory = await this.#attemptDirectory();
    const dispose = () => rm(attemptDirectory, { recursive: true, force: true });
    try {
      const downloaded = await open.session.exportReport({
        ...this.#walkRequest(open, request),
        attemptDirectory,
      });
      return { ...downloaded, exportedAt, dispose };
    } catch (error) {
      await dispose();
      throw error;
    } finally {
      this.#exporting = undefined;
    }
  }

  #walkRequest(open: Open, request: PortalExportRequest): WalkRequest {
    return {
      report: request.report,
      period: request.period,
      onProgress: ({ step, percent }) => {
        request.onProgress(percent === undefined ? step : `${step}: ${String(percent)} %`);
      },
      signal: AbortSignal.any([request.signal, open.turn.lost]),
      beforePasswordSubmit: this.#options.beforePasswordSubmit,
      afterLogin: (answer) => this.#noteAnswer(answer),
    };
  }

  async #noteAnswer(answer: LoginAnswer): Promise<void> {
    // Only answers that block are kept. An acceptance recorded late could clear a block that another worker has found.
    if (isBlockingAnswer(answer)) this.#unnoted = answer;
    await this.#options.afterLogin(answer);
    this.#unnoted = undefined;
  }

  async #refuseBlocked(): Promise<void> {
    if (this.#unnoted !== undefined) await this.#noteAnswer(this.#unnoted);
    await this.#options.refuseBlocked();
  }

  async #attemptDirectory(): Promise<string> {
    const { downloadsFolder } = this.#options;
    try {
      // The artifacts may have been deleted since the worker started.
      await mkdir(downloadsFolder, { recursive: true, mode: 0o700 });
      return await mkdtemp(path.join(downloadsFolder, 'attempt-'));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new PipelineError(
        'ArtifactStoreUnavailable',
        `no folder could be made for the download (${code})`,
        {
          hint:
            code === 'ENOSPC'
              ? 'The disk is full: make room; the step continues by itself.'
              : 'Check that the folder named by EHR_ARTIFACTS is there and that the worker may write to it.',
          details: { code },
          cause: error,
        },
      );
    }
  }

  #turnUntil(until: number, request: PortalExportRequest): Promise<Turn> {
    return whileUnreachable(request, () =>
      this.#turnWithin(Math.max(0, (until - Date.now()) / 1000), request),
    );
  }

  async #opened(request: PortalExportRequest, takeTurn: () => Promise<Turn>): Promise<Open> {
    if (this.#open !== undefined && (await this.#isOver(this.#open))) await this.#end();
    if (this.#open !== undefined) return this.#open;
    const turn = await takeTurn();
    const { signal, onProgress } = request;
    try {
      const onWait = () => onProgress('a browser: as many as EHR_BROWSERS allows are at work');
      const place = await this.#options.places.take({ signal, onWait });
      this.#open = { session: this.#options.openSession(), turn, place, exports: 0 };
      return this.#open;
    } catch (error) {
      await turn.release();
      throw error;
    }
  }

  async #isOver({ turn, exports }: Open): Promise<boolean> {
    return turn.lost.aborted || (exports >= exportsPerTurn && (await this.#options.someoneWaits()));
  }

  async #end(): Promise<void> {
    this.#stopIdling();
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    try {
      await open.session.close();
    } finally {
      open.place.free();
      await open.turn.release();
    }
  }

  #startIdling(): void {
    const until = Date.now() + this.#options.idleSeconds * 1000;
    const idle = setInterval(() => {
      // If the database does not say who waits, the session stays until its idle time ends.
      void this.#alone(() => this.#endIfUnwanted(idle, until)).catch(() => undefined);
    }, handOverPollMilliseconds);
    this.#idle = idle.unref();
    this.#open?.place.idle(() => {
      void this.#alone(() => (this.#idle === idle ? this.#end() : Promise.resolve())).catch(() => undefined);
    });
  }

  async #endIfUnwanted(idle: NodeJS.Timeout, until: number): Promise<void> {
    // An export may have begun and ended while this check waited for its turn.
    if (this.#idle !== idle || this.#open === undefined) return;
    // Another worker may already hold a lost turn, and the turn exists to prevent two sessions of one login.
    const due = Date.now() >= until || this.#open.turn.lost.aborted;
    if (due || (await this.#options.someoneWaits())) await this.#end();
  }

  #stopIdling(): void {
    clearInterval(this.#idle);
    this.#idle = undefined;
    this.#open?.place.busy();
  }
}
