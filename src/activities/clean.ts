import { Tally } from '../rows/tally.ts';
import type { RejectCounts } from '../domain/rejects.ts';
import type { ArtifactRef, ArtifactSink } from '../domain/artifacts.ts';
import {
  createClassifier,
  type CleaningTerms,
  type Classification,
  type RecordVerdict,
} from '../rows/classifyRecord.ts';
import { readHeader } from '../rows/exportHeader.ts';
import { decimalText, scales } from '../domain/decimals.ts';
import { PipelineError } from '../domain/failures.ts';
import { ExactSum } from '../rows/exactSum.ts';
import type { ExportRecord } from '../rows/exportRecord.ts';
import { LineWriter } from '../rows/lineWriter.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { RejectTally } from '../rows/rejectCounts.ts';
import { encodeReject } from '../rows/rejectFiles.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { Readings } from '../reports/report.ts';
import { cleanRowWriter } from '../rows/rowFiles.ts';
import { encodeTsv } from '../rows/tsv.ts';
import { fileFormOf } from '../domain/rules.ts';
import { countWarnings } from '../domain/warnings.ts';
import { FileSample } from '../rows/fileSample.ts';
import { seenFormText } from '../rows/formProposal.ts';
import { formedRecords, noSkippedLines, skippedLineWarnings } from '../rows/formedRecords.ts';
import { openExport } from '../rows/csv.ts';
import { ExportBytes } from '../rows/exportBytes.ts';
import { beatPerRecords } from './parts/heartbeats.ts';
import type { Ports } from '../ports.ts';
import type { CleanMade, StepInput } from './contracts.ts';
import { writeArtifact } from './parts/storeFile.ts';

/** Reads every record of the export exactly, or rejects it with its line, column and reason. */
export function createClean({ settings, artifacts }: Pick<Ports, 'settings' | 'artifacts'>) {
  return async function clean(input: StepInput & { export: ArtifactRef }): Promise<CleanMade> {
    const { run } = input;
    // The previous step has checked that the last line is whole.
    const form = fileFormOf(run.report, settings.rules);
    const bytes = new ExportBytes(form);
    const sample = new FileSample();
    const csv = await openExport(await artifacts.open(input.export), bytes, form, sample);
    const { header, seen } = csv;
    // The previous step has checked that there is a header; for a kept export read again under other settings that may
    // not hold.
    if (header === undefined) {
      throw new PipelineError('ExportWrongReport', 'the file has no header where the settings say', {
        hint: `Look at reports.${run.report}.file.linesBeforeHeader in pipeline.yaml: it applies to every export, also to those kept from before.`,
      });
    }
    const terms = {
      layout: readHeader(run.report, header.cells, settings.rules),
      period: run.period,
      rules: settings.rules,
    };
    const skipped = noSkippedLines();
    const reading = settings.rules.reading[run.report];
    const blocks = formedRecords(csv, reports[run.report], { ...terms, form, reading }, skipped);
    const sinks = await createSinks(artifacts, run);
    return writeArtifact(Object.values(sinks), async () => {
      const router = new RecordRouter(run.report, terms, sinks);
      const beat = beatPerRecords('cleaning');
      for await (const records of blocks) {
        for (const record of records) router.add(record);
        await router.flush();
        await beat(records.length);
      }
      const made = await router.finish();
      const warnings = { ...made.warnings, ...skippedLineWarnings(seen.blank, skipped) };
      const seenForm =
        made.accounting.rejected === 0 ? undefined : await seenFormText(sample, run.report, settings.rules);
      const rejects = seenForm === undefined ? made.rejects : { ...made.rejects, form: seenForm };
      return { ...made, warnings, rejects, rulesSha256: settings.rulesSha256 };
    });
  };
}

type Sinks = Readonly<Record<'rows' | 'rejected' | 'excluded', ArtifactSink>>;

async function createSinks(artifacts: Ports['artifacts'], run: RunIdentity): Promise<Sinks> {
  const place = (file: string) => artifacts.create({ run, step: 'clean', file });
  return {
    rows: await place('rows.tsv'),
    rejected: await place('rejected.tsv'),
    excluded: await place('excluded.tsv'),
  };
}

/** Writes each record to the file of its verdict and counts it. */
class RecordRouter {
  readonly #terms: CleaningTerms;
  readonly #classify: (record: ExportRecord) => Classification;
  readonly #sinks: Sinks;
  readonly #tally: Tally;
  readonly #rejects: RejectTally;
  readonly #writeRow: (out: LineWriter, line: number, values: Readings) => void;
  readonly #rows = new LineWriter();
  readonly #warnings: Record<string, number> = {};
  readonly #movedColumn: string | undefined;
  #moved = 0;
  readonly #movedCents = new ExactSum();
  #rejected = '';
  #excluded = '';

  constructor(name: ReportName, terms: CleaningTerms, sinks: Sinks) {
    const report = reports[name];
    this.#terms = terms;
    this.#classify = createClassifier(name, terms);
    this.#movedColumn = report.reassigned?.dollars;
    this.#sinks = sinks;
    this.#tally = new Tally(report);
    this.#rejects = new RejectTally(report);
    this.#writeRow = cleanRowWriter(report);
  }

  add(record: ExportRecord): void {
    const classification = this.#classify(record);
    this.#tally.add(classification);
    this.#rejects.add(classification);
    this.#write(record.line, classification.verdict);
  }

  /** Writes out the records added since the last flush. */
  async flush(): Promise<void> {
    await this.#sinks.rows.add(this.#rows.take());
    await this.#sinks.rejected.add(this.#rejected);
    await this.#sinks.excluded.add(this.#excluded);
    this.#rejected = '';
    this.#excluded = '';
  }

  async finish(): Promise<Omit<CleanMade, 'rulesSha256' | 'rejects'> & { rejects: RejectCounts }> {
    const accounting = this.#tally.accounting();
    return {
      rows: await this.#sinks.rows.commit(accounting.loaded),
      rejected: await this.#sinks.rejected.commit(accounting.rejected),
      excluded: await this.#sinks.excluded.commit(accounting.excluded),
      accounting,
      movedToLincs: this.#moved,
      ...(this.#moved === 0 ? {} : { movedDollars: decimalText(this.#movedCents.total, scales.dollars) }),
      warnings: this.#warnings,
      extraColumns: this.#terms.layout.extraColumns,
      rejects: this.#rejects.counts(),
    };
  }

  #countMoved(values: Readings): void {
    this.#moved += 1;
    if (this.#movedColumn !== undefined) this.#movedCents.add((values[this.#movedColumn] ?? 0) as number);
  }

  #write(line: number, verdict: RecordVerdict): void {
    switch (verdict.kind) {
      case 'kept':
        if (verdict.moved) this.#countMoved(verdict.values);
        countWarnings(this.#warnings, verdict.warnings);
        this.#writeRow(this.#rows, line, verdict.values);
        break;
      case 'excluded':
        this.#excluded += encodeTsv([String(line)]);
        break;
      case 'rejected':
        this.#rejected += encodeReject({ sourceLine: line, ...verdict });
    }
  }
}
