import type { Readable } from 'node:stream';
import { readHeader, type ExportLayout } from '../../rows/exportHeader.ts';
import type { ExportRecord } from '../../rows/exportRecord.ts';
import { PipelineError } from '../../domain/failures.ts';
import { formedRecords, noSkippedLines } from '../../rows/formedRecords.ts';
import { FileSample } from '../../rows/fileSample.ts';
import { withSeenForm } from '../../rows/formProposal.ts';
import {
  assertNoQuoteLost,
  assertNoRowInHeader,
  MaskedCells,
  otherHeaderCheck,
  PeriodCheck,
} from '../../rows/exportChecks.ts';
import { assertLastLineWhole, stopsShort, type Origin } from '../../rows/lastLine.ts';
import { EncodingCheck } from '../../rows/mojibake.ts';
import type { Period } from '../../domain/periods.ts';
import type { RunIdentity } from '../../domain/runIdentity.ts';
import { PeriodInFile } from '../../rows/periodInFile.ts';
import { fileFormOf, type Rules } from '../../domain/rules.ts';
import { reports, type ReportName } from '../../reports/index.ts';
import { openExport, type OpenedExport } from '../../rows/csv.ts';
import { askForAnother, ExportBytes } from '../../rows/exportBytes.ts';
import { beatPerRecords } from './heartbeats.ts';

type InspectedRun = Pick<RunIdentity, 'report' | 'period'>;
type Beat = (records: number) => Promise<void> | undefined;

/**
 * Reads an export through once before anything is made from it: it is whole, it is CSV, nothing in it is masked, it is
 * the right report and the right period. Returns the number of records, without the header. `beat` is called
 * with the number of records of each block.
 */
export async function inspectExport(
  source: Readable,
  run: InspectedRun,
  rules: Rules,
  origin: Origin = { kind: 'file' },
  beat: Beat = beatPerRecords('checking the export'),
): Promise<number> {
  const sample = new FileSample();
  try {
    return await inspectWhole(source, sample, run, { rules, origin, beat });
  } catch (error) {
    throw await withSeenForm(error, sample, run, rules);
  }
}

async function inspectWhole(
  source: Readable,
  sample: FileSample,
  run: InspectedRun,
  { rules, origin, beat }: { rules: Rules; origin: Origin; beat: Beat },
): Promise<number> {
  const form = fileFormOf(run.report, rules);
  const bytes = new ExportBytes(form);
  const { csv, layout } = await headerOf(source, { bytes, sample }, run, rules);
  const check = await checkRecords(csv, layout, run, { rules, beat });
  // A workbook is whole if its archive is.
  if (form.format === 'csv' && !bytes.isEnded) {
    const { size, endsWithQuote } = bytes;
    const line = { bytes: size, endsWithQuote, width: csv.seen.lastWidth, records: check.records };
    assertLastLineWhole(line, layout, { report: run.report, form, origin });
  }
  return check.records;
}

/**
 * The one period that the dates of an export's rows are in.
 * @throws PipelineError ExportWrongPeriod if there is none
 */
export async function findPeriod(source: Readable, report: ReportName, rules: Rules): Promise<Period> {
  const sample = new FileSample();
  try {
    return await periodInRows(source, sample, report, rules);
  } catch (error) {
    throw await withSeenForm(error, sample, { report }, rules);
  }
}

async function periodInRows(
  source: Readable,
  sample: FileSample,
  report: ReportName,
  rules: Rules,
): Promise<Period> {
  const form = fileFormOf(report, rules);
  const reading = rules.reading[report];
  const { csv, layout } = await headerOf(source, { bytes: new ExportBytes(form), sample }, { report }, rules);
  const found = new PeriodInFile(report, layout, { form, reading });
  const beat = beatPerRecords('looking for the period');
  for await (const records of formedRecords(
    csv,
    reports[report],
    { layout, form, reading },
    noSkippedLines(),
  )) {
    for (const record of records) found.add(record);
    await beat(records.length);
  }
  return found.period();
}

async function headerOf(
  source: Readable,
  { bytes, sample }: { bytes: ExportBytes; sample: FileSample },
  { report }: Pick<RunIdentity, 'report'>,
  rules: Rules,
): Promise<{ csv: OpenedExport; layout: ExportLayout }> {
  try {
    const csv = await openExport(source, bytes, fileFormOf(report, rules), sample);
    return { csv, layout: layoutOf(csv.header, report, rules) };
  } catch (error) {
    source.destroy();
    // A truncated header looks like another report's.
    if (error instanceof PipelineError && bytes.size > 0 && !bytes.hasLine && error.type !== 'ExportNotCsv') {
      throw stopsShort(bytes.size, askForAnother);
    }
    throw error;
  }
}

function layoutOf(
  header: ExportRecord | undefined,
  report: RunIdentity['report'],
  rules: Rules,
): ExportLayout {
  if (header === undefined) {
    throw new PipelineError('ExportTruncated', 'the export has no header', {
      hint: 'Download the export again. If it stays so, save it by hand and run the period with `file`.',
    });
  }
  const { format, separator } = fileFormOf(report, rules);
  if (format === 'csv') assertNoRowInHeader(header, separator);
  return readHeader(report, header.cells, rules);
}

async function checkRecords(
  csv: OpenedExport,
  layout: ExportLayout,
  { report, period }: InspectedRun,
  { rules, beat }: { rules: Rules; beat: Beat },
): Promise<PeriodCheck> {
  const form = fileFormOf(report, rules);
  const reading = rules.reading[report];
  const skipped = noSkippedLines();
  const blocks = formedRecords(csv, reports[report], { layout, form, reading }, skipped);
  const check = new PeriodCheck(report, period, layout, { form, reading });
  const masked = new MaskedCells(report, layout);
  const assertNoOtherHeader = otherHeaderCheck(report, layout, rules);
  const encoding = new EncodingCheck({ isDeclared: form.encoding === 'windows-1252' });
  for await (const records of blocks) {
    for (const record of records) {
      if (form.format === 'csv') assertNoQuoteLost(record, layout, form.separator);
      assertNoOtherHeader(record);
      check.add(record);
      masked.add(record);
      encoding.add(record);
    }
    await beat(records.length);
  }
  // Before the period check: masked dates are in no period.
  masked.assertNone();
  encoding.assertSound();
  check.assertRightPeriod();
  return check;
}
