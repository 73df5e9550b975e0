import type { Made } from '../activities/steps.ts';
import type { Outcome } from '../domain/publication.ts';
import { details, messageInDetails } from './details.ts';
import type { KnownFailure } from './failures.ts';

/** What the steps have made so far. */
export type MadeSoFar = { -readonly [Step in keyof Made]?: Made[Step] };

/** Where a run is; what the `progress` query answers. */
export interface RunProgress {
  step: string;
  readonly made: MadeSoFar;
}

/** How a run stands, for the head of its details. */
export type RunStanding =
  | { readonly kind: 'under way' }
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly failure: KnownFailure };

/** The run's current details in the Web UI, as Markdown. */
export function describeRun({ step, made }: RunProgress, standing: RunStanding): string {
  return details([heading(step, standing), ...counts(made)]);
}

function heading(step: string, standing: RunStanding): string {
  switch (standing.kind) {
    case 'under way':
      return `**Step:** ${step}\n`;
    case 'ended':
      return `**${standing.outcome}**${step === 'done' ? '' : ` in ${step}`}\n`;
    case 'failed':
      return `**Failed in ${step}: ${standing.failure.type}**\n\n${messageInDetails(standing.failure.message)}\n`;
  }
}

function counts(made: MadeSoFar): string[] {
  const lines: string[] = [];
  if (made.export !== undefined) lines.push(`- exported: ${String(made.export.rows)} records`);
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
  return lines;
}
