import type { ArtifactStore, StoredFile } from '../domain/artifacts.ts';
import {
  daysOfLoose,
  daysOfStray,
  type LooseFiles,
  type Removal,
  type Retention,
  type Tidied,
} from '../domain/fileRetention.ts';
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
 * anywhere leaves files that are noted and still there; the next call removes those first.
 */
export async function removeFiles(warehouse: Warehouse, request: RemovalRequest): Promise<RemovalResult> {
  const { most = Infinity, beat } = request;
  const tidied: Tidied = {};
  let files = 0;
  try {
    const clock = await readClock(warehouse);
    if (!request.dryRun) await finishPending(warehouse, request);
    for await (const batch of removals(warehouse, request, clock)) {
      beat?.();
      count(tidied, batch);
      files += batch.length;
      if (files >= most) return { tidied, more: true };
    }
    return { tidied, more: false };
  } catch (error) {
    throw asWarehouseFailure(error, 'Removing files by retention');
  }
}

type Removed = { readonly class: keyof Tidied; readonly bytes: number };

/** Batch after batch of what has gone, or would; some are empty. */
async function* removals(
  warehouse: Warehouse,
  request: RemovalRequest,
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
  { retention, dryRun }: RemovalRequest,
  now: Date,
): AsyncGenerator<readonly Removed[]> {
  const days = daysOfLoose(place.class, retention);
  if (days === undefined) return;
  for await (const page of place.old({ days, now })) {
    if (!dryRun) for (const file of page) await file.remove();
    yield page.map(({ bytes }) => ({ class: place.class, bytes }));
  }
}

async function finishPending(warehouse: Warehouse, { files, beat }: RemovalRequest): Promise<void> {
  for (;;) {
    beat?.();
    const uris = await pendingRemovals(warehouse);
    if (uris.length === 0) return;
    await removeNoted(warehouse, files, uris);
  }
}

async function* batchesOf(
  warehouse: Warehouse,
  { files, dryRun }: RemovalRequest,
  { place, terms }: { place: PeriodPlace; terms: RetentionTerms },
): AsyncGenerator<readonly Removal[]> {
  if (dryRun) {
    yield await plannedRemovals(warehouse.db, place, terms);
    return;
  }
  for (;;) {
    const noted = await noteRemovals(warehouse, place, terms);
    if (noted.length === 0) return;
    await removeNoted(
      warehouse,
      files,
      noted.map(({ uri }) => uri),
    );
    yield noted;
  }
}

async function removeNoted(
  warehouse: Warehouse,
  files: RemovalRequest['files'],
  uris: readonly string[],
): Promise<void> {
  for (const uri of uris) await files.remove(uri);
  await markRemoved(warehouse, uris);
}

/** Files of the page that no ledger entry names and that are old enough; no run under way is as old. */
async function* straysOf(
  warehouse: Warehouse,
  { files, retention, dryRun }: RemovalRequest,
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
    if (!dryRun) {
      await noteStrays(warehouse, batch);
      await removeNoted(
        warehouse,
        files,
        batch.map(({ uri }) => uri),
      );
    }
    yield batch;
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
