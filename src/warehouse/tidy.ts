import type { ArtifactStore, StoredFile } from '../domain/artifacts.ts';
import { daysOfStray, type Removal, type Retention } from '../domain/retention.ts';
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
} from './retention.ts';

/** What was removed, or would be, by class. */
export type Tidied = Partial<Record<Removal['class'], { files: number; bytes: number }>>;

export interface TidyRequest {
  readonly files: Pick<ArtifactStore, 'list' | 'remove'>;
  readonly retention: Retention;
  /** Says what would go, and removes nothing. */
  readonly dryRun: boolean;
}

/**
 * Removes the files that retention lets go, in batches: each is noted in the ledger, then removed, then marked. A stop
 * anywhere leaves files that are noted and still there; the next call removes those first.
 */
export async function tidy(warehouse: Warehouse, request: TidyRequest): Promise<Tidied> {
  try {
    const terms = retentionTerms(request.retention, await readClock(warehouse));
    const tidied: Tidied = {};
    if (!request.dryRun) await finishPending(warehouse, request);
    for (const place of await periodsInLedger(warehouse)) {
      for await (const batch of batchesOf(warehouse, request, { place, terms })) count(tidied, batch);
    }
    for await (const page of request.files.list())
      count(tidied, await straysOf(warehouse, request, page, terms));
    return tidied;
  } catch (error) {
    throw asWarehouseFailure(error, 'Removing files by retention');
  }
}

async function finishPending(warehouse: Warehouse, { files }: TidyRequest): Promise<void> {
  for (;;) {
    const uris = await pendingRemovals(warehouse);
    if (uris.length === 0) return;
    await removeNoted(warehouse, files, uris);
  }
}

async function* batchesOf(
  warehouse: Warehouse,
  { files, dryRun }: TidyRequest,
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
  files: TidyRequest['files'],
  uris: readonly string[],
): Promise<void> {
  for (const uri of uris) await files.remove(uri);
  await markRemoved(warehouse, uris);
}

/** Files of the page that no ledger entry names and that are old enough; no run under way is as old. */
async function straysOf(
  warehouse: Warehouse,
  { files, retention, dryRun }: TidyRequest,
  page: readonly StoredFile[],
  { daysAgo }: RetentionTerms,
): Promise<Removal[]> {
  const old = page.flatMap((file) => {
    const { days, class: name } = daysOfStray(file.uri, retention);
    const place = placeOf(file.uri);
    if (place === undefined || instantText(file.writtenAt.toISOString()) >= daysAgo(days)) return [];
    return [{ uri: file.uri, bytes: file.bytes, class: name, ...place }];
  });
  const strays = await straysAmong(warehouse, old);
  if (dryRun) return strays;
  for (let from = 0; from < strays.length; from += filesPerBatch) {
    const batch = strays.slice(from, from + filesPerBatch);
    await noteStrays(warehouse, batch);
    await removeNoted(
      warehouse,
      files,
      batch.map(({ uri }) => uri),
    );
  }
  return strays;
}

const placePattern = /^artifact:([\w-]+)\/(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})\/([\w-]{36})\//;

function placeOf(uri: string): { place: PeriodPlace; runId: string } | undefined {
  const [, report, from, to, runId] = placePattern.exec(uri) ?? [];
  if (!isReportName(report) || runId === undefined) return undefined;
  return { place: { report, period: { from: from as IsoDate, to: to as IsoDate } }, runId };
}

function count(tidied: Tidied, removals: readonly Removal[]): void {
  for (const { class: name, bytes } of removals) {
    const before = tidied[name] ?? { files: 0, bytes: 0 };
    tidied[name] = { files: before.files + 1, bytes: before.bytes + bytes };
  }
}
