import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { inspectExport } from '../../src/activities/parts/inspectExport.ts';
import { defaultBlankWords, foldBlankWord } from '../../src/domain/blankWords.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import { plainFile, type FileForm } from '../../src/domain/fileForm.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import { byReport, reports } from '../../src/reports/index.ts';
import { createClassifier } from '../../src/rows/classifyRecord.ts';
import { openExport } from '../../src/rows/csv.ts';
import { ExportBytes } from '../../src/rows/exportBytes.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import { FileSample } from '../../src/rows/fileSample.ts';
import { formedRecords, noSkippedLines, skippedLineWarnings } from '../../src/rows/formedRecords.ts';
import { seenFormText } from '../../src/rows/formProposal.ts';
import { goldenRules } from '../golden/golden.ts';
import type { ShippedReport } from '../shippedReports.ts';

/** What stands in a file and how pipeline.yaml says that it is written. */
export interface Reading {
  /** By line, the cells as read, or the column at fault. */
  readonly rows: Readonly<Record<number, unknown>>;
  readonly warnings: Readonly<Record<string, number>>;
  /** What the file looks like, where rows are rejected. */
  readonly looks: string | undefined;
}

const golden = goldenRules({ excludedServices: [] });

const periods = {
  notes: { from: '2026-11-01' as IsoDate, to: '2026-11-15' as IsoDate },
  utilization: { from: '2026-10-01' as IsoDate, to: '2026-10-31' as IsoDate },
} as const;

function rulesWith(report: ShippedReport, form: Partial<FileForm>) {
  const files = { ...byReport(() => plainFile), [report]: { ...plainFile, ...form } };
  const reading = { blankWords: new Set(defaultBlankWords.map(foldBlankWord)), decodeHtmlEntities: false };
  return { ...golden, files, reading: byReport(() => reading) };
}

export async function read(
  report: ShippedReport,
  csv: string | Buffer,
  form: Partial<FileForm> = {},
): Promise<Reading> {
  const rules = rulesWith(report, form);
  const whole = { ...plainFile, ...form };
  const run: RunIdentity = {
    runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
    workflowId: 'any',
    report,
    period: periods[report],
    source: 'file',
    startedAt: '2026-11-16T08:00:00.000Z',
  };
  await inspectExport(Readable.from([Buffer.from(csv)]), run, rules);
  const sample = new FileSample();
  const opened = await openExport(Readable.from([Buffer.from(csv)]), new ExportBytes(whole), whole, sample);
  const layout = readHeader(report, opened.header!.cells, rules);
  const skipped = noSkippedLines();
  const terms = { layout, form: whole, reading: rules.reading[report] };
  const classify = createClassifier(report, { layout, period: periods[report], rules });
  const rows: Record<number, unknown> = {};
  let rejected = 0;
  for await (const block of formedRecords(opened, reports[report], terms, skipped)) {
    for (const record of block) {
      const { verdict } = classify(record);
      if (verdict.kind === 'rejected') rejected += 1;
      rows[record.line] =
        verdict.kind === 'kept'
          ? verdict.values
          : verdict.kind === 'rejected'
            ? `${verdict.column}: ${verdict.rule}`
            : verdict.kind;
    }
  }
  return {
    rows,
    warnings: skippedLineWarnings(opened.seen.blank, skipped),
    looks: rejected === 0 ? undefined : await seenFormText(sample, report, rules),
  };
}

export async function refusalOf(
  report: ShippedReport,
  csv: string | Buffer,
  form: Partial<FileForm> = {},
): Promise<PipelineError> {
  const failure: unknown = await read(report, csv, form).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PipelineError);
  return failure as PipelineError;
}

export function proposedIn(text: string | undefined): Partial<FileForm> {
  const yaml = /under (?:notes|utilization): (file: .*)$/.exec(text ?? '')?.[1];
  return yaml === undefined ? {} : (parse(yaml) as { file: Partial<FileForm> }).file;
}
