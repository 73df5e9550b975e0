import { agencyOfId } from '../domain/agencyId.ts';
import { hintFor } from '../domain/failures.ts';
import { wouldEmpty } from '../domain/gateReasons.ts';
import type { BackfillProgress } from '../domain/inputs.ts';
import { details, messageInDetails } from './webUiDetails.ts';
import type { PeriodResult } from './runPeriods.ts';

// Failures and held periods kept as text; the rest is counted. Each is a few hundred bytes, all travel in one payload.
const mostKept = 50;

/** What a parent knows of its periods so far; what its `progress` query answers. */
export interface PeriodsProgress {
  readonly total: number;
  /** Periods ended, by outcome, e.g. `published`. */
  readonly done: Record<string, number>;
  failed: number;
  notAttempted: number;
  readonly failures: BackfillProgress['failures'];
  /** Periods that wait for a person's decision; their earlier figures stay. */
  readonly held: BackfillProgress['held'];
}

export function newProgress(total: number): PeriodsProgress {
  return { total, done: {}, failed: 0, notAttempted: 0, failures: [], held: [] };
}

export function addResult(progress: PeriodsProgress, result: PeriodResult): void {
  switch (result.kind) {
    case 'done': {
      const { outcome, run, heldBecause } = result.result;
      progress.done[outcome] = (progress.done[outcome] ?? 0) + 1;
      if (heldBecause === undefined || progress.held.length === mostKept) return;
      progress.held.push({ id: result.id, run, gates: heldBecause.map(({ gate }) => gate) });
      return;
    }
    case 'not attempted':
      progress.notAttempted += 1;
      return;
    case 'failed': {
      progress.failed += 1;
      const { id, type, message } = result;
      if (progress.failures.length < mostKept) progress.failures.push({ id, type, message });
    }
  }
}

/** The parent's current details in the Web UI, as Markdown; the lines of `more` follow the counts. */
export function describePeriods(progress: PeriodsProgress, more: readonly string[] = []): string {
  const done = Object.entries(progress.done);
  const ended = done.reduce((sum, [, count]) => sum + count, 0) + progress.failed;
  const lines = [`**${String(ended)} of ${String(progress.total)} periods ended**`, ''];
  for (const [outcome, count] of done) lines.push(`- ${outcome}: ${String(count)}`);
  if (progress.failed > 0) lines.push(`- failed: ${String(progress.failed)}`);
  if (progress.notAttempted > 0) lines.push(`- not attempted: ${String(progress.notAttempted)}`);
  lines.push(...more);
  for (const { id, run, gates } of progress.held) {
    const command = `npm run client -- ${wouldEmpty(gates) ? 'reject' : 'approve'} ${run} --reason "…"`;
    lines.push('', `**${id}** held (${gates.join(', ')}): \`${hintFor(agencyOfId(id), command)}\``);
  }
  for (const { id, type, message } of progress.failures) {
    lines.push('', `**${id}** ${type}: ${messageInDetails(message)}`);
  }
  return details(lines);
}
