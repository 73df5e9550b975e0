import { periodText } from '../domain/periods.ts';
import type { PublishForecast, PublishRequest } from '../domain/publication.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import type { LoadDecision } from './ledgerWrites.ts';
import { decideLoad, dueState, type DueState } from './decideLoad.ts';
import { readPeriod } from './periodRow.ts';
import { reportProgress, type Progress } from './progress.ts';
import { checkAccounting } from './reconcile.ts';
import { rereadAhead } from './findRulesChange.ts';
import { inTransaction, type Transaction } from './transaction.ts';

/**
 * What a load of this request would do now. Reads one snapshot of the tables, takes no lock and writes nothing; a load
 * in between may change the answer. Throws as `publishPeriod` does.
 */
export async function forecastLoad(warehouse: Warehouse, request: PublishRequest): Promise<PublishForecast> {
  const progress = reportProgress(request.onProgress);
  try {
    checkAccounting(request);
    await rereadAhead(warehouse, request);
    return await inTransaction(
      warehouse,
      request.signal,
      (transaction) => forecast(transaction, request, progress),
      'snapshot',
    );
  } catch (error) {
    const { report, period } = request.run;
    throw asWarehouseFailure(error, `Previewing ${report} ${periodText(period)}, ${progress.step}`);
  } finally {
    progress.stop();
  }
}

async function forecast(
  transaction: Transaction,
  request: PublishRequest,
  progress: Progress,
): Promise<PublishForecast> {
  progress.at('comparing with what is published');
  const current = await readPeriod(transaction.db, request.run);
  const due = await dueState(transaction.db, request, current);
  const { reasons, comparing } = await decideLoad(transaction, request, current, progress);
  const loadDecision = { reasons, comparison: await comparing };
  return { wouldBe: wouldBe(due, loadDecision), ...loadDecision };
}

function wouldBe({ kind }: DueState, { reasons }: LoadDecision): PublishForecast['wouldBe'] {
  if (kind !== 'due') return kind;
  return reasons.length > 0 ? 'held' : 'published';
}
