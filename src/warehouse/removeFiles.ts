import type { ArtifactStore, StoredFile } from '../domain/artifacts.ts';
import {
  daysOfLoose,
  daysOfStray,
  type LooseFiles,
  type Removal,
  type Retention,
  type Tidied,
} from '../domain/fileRetention.ts';
import { PipelineError } from '../domain/failures.ts';
import { isReportName } from '../reports/index.ts';
import type { IsoDate } from '../domain/dates.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { readClock, instantText } from './instants.ts';
import type { PeriodPlace } from './periodRow.ts';
import {
  filesPerBatch,
  markRemoved,
  noteRemovals,
  noteStrays,
  pendingRemovals,
  periodsInLedger,
  plannedRemovals,
  retentionTerms,
  straysAmong,
  type RetentionTerms,
} from './fileRemovals.ts';

export interface RemovalRequest {
  readonly files: Pick<ArtifactStore, 'list' | 'remove'>;
  readonly loose?: readonly LooseFiles[];
  readonly retention: Retention;
  /** Says what would go, and removes nothing. */
  readonly dryRun: boolean;
  /** Ends the work after about so many files. Default: all that go. */
  readonly most?: number;
  /** Called again and again; the work ends if it throws. */
  readonly beat?: () => void;
}

export interface RemovalResult {
  readonly tidied: Tidied;
  /** More may be left for the next call. */
  readonly more: boolean;
}

/**
 * Removes the files that have expired, in batches: each is noted in the ledger, then removed, then marked. A stop
 * anywhere leaves files that are noted and still there; the next call removes those first. So it does with a file that
 * cannot be removed, such as one under legal hold: all others go before the call throws.
 */
export async function removeFiles(warehouse: Warehouse, request: RemovalRequest): Promise<RemovalResult> {
  const { most = Infinity, beat } = request;
  const tidied: Tidied = {};
  const remover = new Remover(warehouse, request);
  let files = 0;
  try {
    const clock = await readClock(warehouse);
    if (!request.dryRun) await finishPending(warehouse, remover);
    for await (const batch of removals(warehouse, { ...request, remover }, clock)) {
      beat?.();
      count(tidied, batch);
      files += batch.length;
      if (files >= most) break;
    }
    remover.throwFailures();
    return { tidied, more: files >= most };
  } catch (error) {
    throw asWarehouseFailure(error, 'Removing files by retention');
  }
}

/** A store that refuses so many is not to be used, and waiting for each of its answers would take too long. */
const mostFailures = 1000;

/** Removes files one by one, and goes on past those that cannot be removed. */
class Remover {
  readonly #warehouse: Warehouse;
  readonly #request: Pick<RemovalRequest, 'files' | 'beat'>;
  readonly #failures: unknown[] = [];

  constructor(warehouse: Warehouse, request: Pick<RemovalRequest, 'files' | 'beat'>) {
    this.#warehouse = warehouse;
    this.#request = request;
  }

  /** Returns those that have gone. */
  async each<File>(files: readonly File[], remove: (file: File) => Promise<void>): Promise<readonly File[]> {
    const gone: File[] = [];
    for (const file of files) {
      this.#request.beat?.();
      try {
        await remove(file);
        gone.push(file);
      } catch (error) {
        this.#failures.push(error);
        if (this.#failures.length >= mostFailures) break;
      }
    }
    return gone;
  }

  /** Removes files that the ledger has noted, and marks and returns those that have gone. */
  async noted<File extends { readonly uri: string }>(files: readonly File[]): Promise<readonly File[]> {
    const gone = await this.each(files, ({ uri }) => this.#request.files.remove(uri));
    await markRemoved(
      this.#warehouse,
      gone.map(({ uri }) => uri),
    );
    if (this.#failures.length >= mostFailures) this.throwFailures();
    return gone;
  }

  /** The first of them, with their number. */
  throwFailures(): void {
    const [first] = this.#failures;
    if (first === undefined) return;
    const { length } = this.#failures;
    const message = `${String(length)} ${length === 1 ? 'file' : 'files'} could not be removed; the first: ${first instanceof Error ? first.message : 'unknown'}`;
    if (!(first instanceof PipelineError)) throw new Error(message, { cause: first });
    const { type, hint, retry, details } = first;
    throw new PipelineError(type, message, { hint, retry, details, cause: first });
  }
}

type Removing = RemovalRequest & { readonly remover: Remover };

type Removed = { readonly class: keyof Tidied; readonly bytes: number };

/** Batch after batch of what has gone, or would; some are empty. */
async function* removals(
  warehouse: Warehouse,
  request: Removing,
  clock: string,
): AsyncGenerator<readonly Removed[]> {
  const terms = retentionTerms(request.retention, clock);
  for (const place of await periodsInLedger(warehouse)) {
    yield* batchesOf(warehouse, request, { place, terms });
    yield [];
  }
  for await (const page of request.files.list()) yield* straysOf(warehouse, request, page, terms);
  for (const place of request.loose ?? []) yield* looseOf(place, request, new Date(clock));
}

async function* looseOf(
  place: LooseFiles,
  { retention, dryRun, remover }: Removing,
  now: Date,
): AsyncGenerator<readonly Removed[]> {
  const days = daysOfLoose(place.class, retention);
  if (days === undefined) return;
  for await (const page of place.old({ days, now })) {
    const gone = dryRun ? page : await remover.each(page, (file) => file.remove());
    yield gone.map(({ bytes }) => ({ class: place.class, bytes }));
  }
}

async function finishPending(warehouse: Warehouse, remover: Remover): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined;) {
    const uris = await pendingRemovals(warehouse, after);
    await remover.noted(uris.map((uri) => ({ uri })));
    after = uris.at(-1);
  }
}

async function* batchesOf(
  warehouse: Warehouse,
  { dryRun, remover }: Removing,
  { place, terms }: { place: PeriodPlace; terms: RetentionTerms },
): AsyncGenerator<readonly Removal[]> {
  if (dryRun) {
    yield await plannedRemovals(warehouse.db, place, terms);
    return;
  }
  for (;;) {
    const noted = await noteRemovals(warehouse, place, terms);
    if (noted.length === 0) return;
    yield await remover.noted(noted);
  }
}

/** Files of the page that no ledger entry names and that are old enough; no run under way is as old. */
async function* straysOf(
  warehouse: Warehouse,
  { retention, dryRun, remover }: Removing,
  page: readonly StoredFile[],
  { daysAgo }: RetentionTerms,
): AsyncGenerator<readonly Removal[]> {
  const old = page.flatMap((file) => {
    const { days, class: name } = daysOfStray(file.uri, retention);
    const place = placeOf(file.uri);
    if (place === undefined || instantText(file.writtenAt.toISOString()) >= daysAgo(days)) return [];
    return [{ uri: file.uri, bytes: file.bytes, class: name, ...place }];
  });
  const strays = await straysAmong(warehouse, old);
  yield [];
  for (let from = 0; from < strays.length; from += filesPerBatch) {
    const batch = strays.slice(from, from + filesPerBatch);
    if (!dryRun) await noteStrays(warehouse, batch);
    yield dryRun ? batch : await remover.noted(batch);
  }
}

const placePattern = /^artifact:([\w-]+)\/(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})\/([\w-]{36})\//;

function placeOf(uri: string): { place: PeriodPlace; runId: string } | undefined {
  const [, report, from, to, runId] = placePattern.exec(uri) ?? [];
  if (!isReportName(report) || runId === undefined) return undefined;
  return { place: { report, period: { from: from as IsoDate, to: to as IsoDate } }, runId };
}

function count(tidied: Tidied, removed: readonly Removed[]): void {
  for (const { class: name, bytes } of removed) {
    const before = tidied[name] ?? { files: 0, bytes: 0 };
    tidied[name] = { files: before.files + 1, bytes: before.bytes + bytes };
  }
}
