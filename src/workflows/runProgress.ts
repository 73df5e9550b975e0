import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Assessment, Made } from '../activities/contracts.ts';
import type { Agency } from '../domain/agencyId.ts';
import { wouldEmpty } from '../domain/gateReasons.ts';
import type { RunReportInput } from '../domain/inputs.ts';
import { movedLines } from '../domain/movedRows.ts';
import type { GateReason, PublishResult } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { warningsOf } from '../domain/warnings.ts';
import { details, messageInDetails } from './webUiDetails.ts';
import type { KnownFailure } from './runFailure.ts';

/** What the steps have made so far. */
export type MadeSoFar = { -readonly [Step in keyof Made]?: Made[Step] };

/** How far a run is; what the `progress` query answers. */
export interface RunProgress {
  step: string;
  /** The run's report; unknown until the input is read, and in queries of earlier versions. */
  report?: RunIdentity['report'];
  /** What the run waits for between two attempts at the step. */
  waitingFor?: string;
  readonly made: MadeSoFar;
}

/** The run that this workflow is. */
export function identify(request: RunReportInput): RunIdentity {
  const { runId, workflowId, startTime } = workflowInfo();
  return {
    runId,
    workflowId,
    report: request.report,
    period: request.period,
    source: request.file === undefined ? 'portal' : 'file',
    startedAt: startTime.toISOString(),
  };
}

export function newRunProgress(step: string): RunProgress {
  return { step, made: {} };
}

/** Calls activities as steps of the run: the Web UI and the query `progress` show the name of the current one. */
export function stepsOf(progress: RunProgress) {
  return <Input, Result>(
    activity: (input: Input) => Promise<Result>,
    input: NoInfer<Input>,
  ): Promise<Result> => {
    progress.step = activity.name;
    delete progress.waitingFor;
    setCurrentDetails(describeRun(progress, { kind: 'under way' }));
    return activity(input);
  };
}

/** The state of a run, for the head of its details. */
export type RunState =
  | { readonly kind: 'under way' }
  | { readonly kind: 'waiting'; readonly words: string }
  | {
      readonly kind: 'loaded';
      readonly run: RunIdentity;
      readonly published: PublishResult;
      readonly agency?: Agency;
    }
  | { readonly kind: 'assessed'; readonly assessment: Assessment }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: KnownFailure };

/** The run's current details in the Web UI, as Markdown. */
export function describeRun(progress: RunProgress, state: RunState): string {
  const counted = counts(progress);
  // Behind a list of what to do the counts would read as more of it.
  const title = isHeld(state) && counted.length > 0 ? ['**Counted:**', ''] : [];
  return details([heading(progress.step, state), ...title, ...counted]);
}

function isHeld(state: RunState): boolean {
  return state.kind === 'loaded' && state.published.kind === 'held';
}

function heading(step: string, state: RunState): string {
  switch (state.kind) {
    case 'under way':
      return `**Step:** ${step}\n`;
    case 'waiting':
      return `**Step:** ${step}\n\n${state.words}\n`;
    case 'loaded':
      return loaded(state.run, state.published, forAgency(state.agency));
    case 'assessed':
      return [`**Would be ${state.assessment.wouldBe}**`, ...reasonLines(state.assessment.reasons), ''].join(
        '\n',
      );
    case 'cancelled':
      return `**cancelled** in ${step}\n`;
    case 'failed':
      return `**Failed in ${step}: ${state.failure.type}**\n\n${messageInDetails(state.failure.message)}\n`;
  }
}

function loaded(run: RunIdentity, published: PublishResult, options: string): string {
  switch (published.kind) {
    case 'published':
    case 'unchanged':
      return `**${published.kind}**\n`;
    case 'superseded':
      return `**superseded**: the period shows a newer export already, that of run ${published.by}\n`;
    case 'held': {
      const gates = published.reasons.map(({ gate }) => gate);
      return [
        '**Held: nothing was loaded, the earlier figures stay**',
        ...reasonLines(published.reasons),
        '',
        wouldEmpty(gates)
          ? '**What to do:** look at the rejected rows, close it, fix the export or the settings, and run the period again:'
          : '**What to do:** look at what would change, then load it or close it:',
        '',
        `- \`npm run client --${options} diff ${run.report} ${run.period.from} --run ${run.runId}\``,
        ...(wouldEmpty(gates) ? ['reject'] : ['approve', 'reject']).map(
          (word) => `- \`npm run client --${options} ${word} ${run.runId} --reason "…"\``,
        ),
        '',
      ].join('\n');
    }
  }
}

/** The option of a client command that makes it act for the agency; empty for the agency without an id. */
function forAgency(agency: Agency): string {
  return agency === undefined ? '' : ` --agency ${agency}`;
}

function reasonLines(reasons: readonly GateReason[]): string[] {
  return reasons.map(({ gate, message }) => `\n- ${gate}: ${message}`);
}

function counts({ report, made }: RunProgress): string[] {
  const lines: string[] = [];
  if (made.export !== undefined) lines.push(`- exported: ${String(made.export.file.rows)} records`);
  if (made.clean !== undefined) {
    const { read, loaded: kept, excluded, rejected } = made.clean.accounting;
    lines.push(
      `- read ${String(read)} = kept ${String(kept)} + left out ${String(excluded)} + rejected ${String(rejected)}`,
    );
    if (report !== undefined) lines.push(...movedLines(report, made.clean).map((line) => `- ${line}`));
  }
  for (const [warning, count] of Object.entries(warningsOf(made))) {
    if (warning !== 'unknown-service') lines.push(`- ${warning}: ${String(count)}`);
  }
  if (made.aggregate !== undefined) {
    lines.push(`- rows of unknown services: ${String(made.aggregate.unknownRows)}`);
  }
  return lines;
}
