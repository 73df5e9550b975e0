import type { ArtifactRef } from '../domain/artifacts.ts';
import { configPath, readPipelineConfig } from '../config.ts';
import { movedLines } from '../domain/movedRows.ts';
import { previewId } from '../domain/temporalNames.ts';
import { periodText } from '../domain/periods.ts';
import type { RejectedRow } from '../domain/publication.ts';
import { decodeReject } from '../rows/rejectFiles.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { unmatchedRules } from '../domain/unmatchedRules.ts';
import type { PreviewResult } from '../workflows/preview.ts';
import { changeLines, readChanges, truncation, type ChangeOptions } from './changes.ts';
import { changeWords, dollarWords } from './changeWords.ts';
import { exitCodeOfResult } from './exitCodes.ts';
import { keptLines } from './keptLines.ts';
import { rejectTable } from './runsInLedger.ts';
import { recordNamesShown } from './namesShown.ts';
import { print, type OutputOptions } from './output.ts';
import { onePeriod, startOnce, type PeriodOptions } from './startRuns.ts';
import { seenInExport } from './seenInExport.ts';
import { withWarehouse } from './connections.ts';
import { withTemporal } from './temporalClient.ts';
import { warningLine } from './warningWords.ts';
import { resultOf } from './watch.ts';

/** Does everything that a run does except the load, and prints the result. */
export async function showPreview(
  report: string,
  options: OutputOptions & ChangeOptions & PeriodOptions,
): Promise<void> {
  const { name, preview } = await previewOf(report, options);
  const { rules } = readPipelineConfig(configPath());
  const unmatched = unmatchedRules(rules, [await seenInExport(name, preview, rules)]);
  const rejects = await readRejects(preview.made.clean.rejected);
  const changes = await readChanges(name, preview.assessment.changes.details, options);
  print(
    options,
    {
      ...facts(preview),
      unmatchedRules: unmatched,
      rejects,
      rows: changes.rows,
      rowDollars: changes.dollars,
      ...truncation(changes, preview.assessment.changes),
    },
    () =>
      [
        ...contractLines(name, preview),
        ...countLines(name, preview),
        ...(unmatched.length === 0
          ? []
          : [`rules whose name, code or heading is not in this export: ${unmatched.join(', ')}`]),
        ...rejectLines(rejects, options.limit),
        '',
        ...gateLines(preview),
        '',
        `difference to what is published: ${changeWords(preview.assessment.changes)}`,
        ...dollarWords(preview.assessment.changes),
        ...changeLines(changes, preview.assessment.changes),
      ].join('\n'),
  );
  // The run's own exit code, so that a script can ask before it loads.
  process.exitCode = exitCodeOfResult({ outcome: preview.assessment.wouldBe });
}

function rejectLines(rejects: readonly RejectedRow[], limit: number): string[] {
  if (rejects.length === 0) return [];
  const beyond = rejects.length - limit;
  return [
    '',
    rejectTable(rejects.slice(0, limit)),
    ...(beyond > 0 ? [`and ${String(beyond)} more rejected rows; --limit shows them`] : []),
  ];
}

async function previewOf(
  report: string,
  options: PeriodOptions & Pick<ChangeOptions, 'names'>,
): Promise<{ name: ReportName; preview: PreviewResult }> {
  const { name, period, input, tidy } = await onePeriod(report, options);
  try {
    if (options.names === true) {
      const shown = { command: 'preview', report: name, period };
      await withWarehouse((warehouse) => recordNamesShown(warehouse, options, shown));
    }
    const preview = await withTemporal(async (client) => {
      const handle = await startOnce(client, {
        workflowType: 'preview',
        workflowId: previewId(name, period),
        input,
        summary: `preview ${name} ${periodText(period)}`,
      });
      return (await resultOf(handle)) as PreviewResult;
    });
    return { name, preview };
  } finally {
    await tidy();
  }
}

function facts({ assessment, made }: PreviewResult) {
  const { accounting, extraColumns, movedToLincs, movedDollars } = made.clean;
  const moved = { rows: movedToLincs, dollars: movedDollars ?? null };
  return { ...assessment, accounting, extraColumns, moved };
}

function contractLines(report: ReportName, { made }: PreviewResult): string[] {
  const { extraColumns } = made.clean;
  const left = extraColumns.length === 0 ? 'no other' : `left out: ${extraColumns.join(', ')}`;
  return [
    `contract: all ${String(reports[report].exportColumns.length)} columns of ${report} are there, ${left}`,
  ];
}

function countLines(report: ReportName, { made, assessment }: PreviewResult): string[] {
  const { read, loaded, excluded, rejected } = made.clean.accounting;
  const rows = `rows: read ${String(read)} = kept ${String(loaded)} + excluded ${String(excluded)} + rejected ${String(rejected)}`;
  const warnings = Object.entries(assessment.warnings).map(([name, count]) => warningLine(name, count));
  const form = made.clean.rejects?.form;
  return [rows, ...movedLines(report, made.clean), ...warnings, ...(form === undefined ? [] : [form])];
}

function gateLines({ assessment }: PreviewResult): string[] {
  const state = assessment.preliminary ? 'preliminary' : 'settled';
  return [
    `a run would be ${assessment.wouldBe} (${state})`,
    ...assessment.reasons.map(({ gate, message }) => `gate ${gate}: ${message}`),
  ];
}

async function readRejects(file: ArtifactRef): Promise<RejectedRow[]> {
  const rejects: RejectedRow[] = [];
  for await (const line of keptLines(file)) rejects.push(decodeReject(line));
  return rejects;
}
