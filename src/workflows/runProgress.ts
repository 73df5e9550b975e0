import type { Made } from '../activities/steps.ts';
import type { KnownFailure } from './failures.ts';

/** What the steps have made so far. */
export type MadeSoFar = { -readonly [Step in keyof Made]?: Made[Step] };

/** Where a run is; what the `progress` query answers. */
export interface RunProgress {
  step: string;
  readonly made: MadeSoFar;
}

/** The run's current details in the Web UI, as Markdown. */
export function describeRun({ step, made }: RunProgress, failure?: KnownFailure): string {
  const lines = [failure === undefined ? `**Step:** ${step}` : `**Failed in ${step}: ${failure.type}**`];
  if (failure !== undefined) lines.push('', failure.message);
  if (made.export !== undefined) lines.push('', `- exported: ${String(made.export.rows)} records`);
  if (made.clean !== undefined) {
    const { read, loaded, excluded, rejected } = made.clean.accounting;
    lines.push(
      `- read ${String(read)} = kept ${String(loaded)} + left out ${String(excluded)} + rejected ${String(rejected)}`,
      `- moved to the LINCS QP: ${String(made.clean.movedToLincs)}`,
    );
  }
  for (const [warning, count] of Object.entries(made.categorize?.warnings ?? {})) {
    lines.push(`- ${warning}: ${String(count)}`);
  }
  if (made.aggregate !== undefined)
    lines.push(`- rows of unknown services: ${String(made.aggregate.unknownRows)}`);
  return lines.join('\n');
}
