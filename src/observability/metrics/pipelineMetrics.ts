import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { failureTypes, type FailureType } from '../../domain/failures.ts';
import { outcomes, type Outcome } from '../../domain/publication.ts';
import type { Accounting } from '../../domain/accounting.ts';
import type { Agency } from '../../domain/agencyId.ts';
import { periodStates, type PeriodState } from '../../domain/periodState.ts';
import { reportNames, reports as definitions, type ReportName } from '../../reports/index.ts';

/** The ledger's view of a report, over all its periods. Times are ISO 8601 in UTC. */
interface ReportHealth {
  readonly report: ReportName;
  /** The last publication, null before the first. */
  readonly lastPublish: {
    readonly at: string;
    readonly periodStart: string;
    readonly rows: number;
    /** Totals by column as decimal strings. */
    readonly sums: Readonly<Record<string, string>>;
  } | null;
  /** When a run last ended as published or unchanged, null before the first. */
  readonly lastConfirmedAt: string | null;
  /** Runs that wait for a person. */
  readonly held: number;
  /** The number of periods in each state; states without periods may be left out. */
  readonly states: Readonly<Partial<Record<PeriodState, number>>>;
}

/** The ledger of one agency; undefined reports could not be read. */
export interface HealthOfAgency {
  readonly agency: Agency;
  readonly reports: readonly ReportHealth[] | undefined;
}

/**
 * A report of an agency. The agency without an id has no label, so that its series are those of a worker without
 * others.
 */
export interface ReportOf {
  readonly agency?: Agency;
  readonly report: ReportName;
}

function ofAgency(agency: Agency): { agency?: string } {
  return agency === undefined ? {} : { agency };
}

function labelsOf({ agency, report }: ReportOf): { agency?: string; report: ReportName } {
  return { ...ofAgency(agency), report };
}

/** How a step or an export ended: the values of the label `end`. */
export type End = 'done' | 'failed' | 'cancelled';

// From a plan's milliseconds to the half hour after which a step that streams a file counts as hung.
const stepBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 1800];
// A login and an export take about ten seconds; the longest patience of a recipe's step is under an hour.
const portalBuckets = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

/**
 * All our metrics, by agency, report, step, failure type and column: no label grows with people, payers or
 * periods. Events are counted by this process since its start. States are read from the ledger, so that a restart
 * loses nothing and all workers report the same.
 */
export class PipelineMetrics {
  readonly registry = new Registry();
  readonly #reports: ReportGauges;
  readonly #rowsRead = this.#counter('ehr_rows_read_total', 'Records of exports that were read', [
    'agency',
    'report',
  ]);
  readonly #rowsExcluded = this.#counter(
    'ehr_rows_excluded_total',
    'Records that the exclusion list left out',
    ['agency', 'report'],
  );
  readonly #rowsRejected = this.#counter(
    'ehr_rows_rejected_total',
    'Records that could not be read exactly and were put aside',
    ['agency', 'report'],
  );
  readonly #rowsLoaded = this.#counter('ehr_rows_loaded_total', 'Rows that were published', [
    'agency',
    'report',
  ]);
  readonly #runs = this.#counter('ehr_runs_total', 'Runs that ended, by their outcome', [
    'agency',
    'report',
    'outcome',
  ]);
  readonly #runFailures = this.#counter(
    'ehr_run_failures_total',
    'Runs that failed, by the type of failure',
    ['agency', 'report', 'type'],
  );
  readonly #stepFailures = this.#counter(
    'ehr_step_failures_total',
    'Attempts at steps that failed, retried ones included, by the type of failure',
    ['step', 'type'],
  );
  readonly #stepSeconds = new Histogram({
    name: 'ehr_step_duration_seconds',
    help: 'Attempts at steps, by how they ended; at the portal with the wait for the login',
    labelNames: ['step', 'end'],
    buckets: stepBuckets,
    registers: [this.registry],
  });
  readonly #portalSeconds = new Histogram({
    name: 'ehr_portal_duration_seconds',
    help: 'Exports at the portal, login included and the wait for the login not, by how they ended',
    labelNames: ['report', 'end'],
    buckets: portalBuckets,
    registers: [this.registry],
  });
  readonly #sources = new Gauge({
    name: 'ehr_metrics_source_up',
    help: 'Whether this scrape got the figures that are not counted by the worker itself (1) or not (0)',
    labelNames: ['agency', 'source'],
    registers: [this.registry],
  });

  constructor({ codeVersion }: { readonly codeVersion: string }) {
    new Gauge({
      name: 'ehr_build_info',
      help: 'The version of the code, always 1',
      labelNames: ['code_version'],
      registers: [this.registry],
    }).set({ code_version: codeVersion }, 1);
    this.#reports = new ReportGauges(this.registry);
    this.startAtZero(undefined);
    for (const [step, types] of Object.entries(watchedFailures)) {
      for (const type of types) this.#stepFailures.inc({ step, type }, 0);
    }
    collectDefaultMetrics({ register: this.registry });
  }

  /** Call when an export has been cleaned. */
  countRead(of: ReportOf, { read, excluded, rejected }: Accounting): void {
    const labels = labelsOf(of);
    this.#rowsRead.inc(labels, read);
    this.#rowsExcluded.inc(labels, excluded);
    this.#rowsRejected.inc(labels, rejected);
  }

  countLoaded(of: ReportOf, rows: number): void {
    this.#rowsLoaded.inc(labelsOf(of), rows);
  }

  countRun(of: ReportOf, outcome: Outcome): void {
    this.#runs.inc({ ...labelsOf(of), outcome });
  }

  countRunFailure(of: ReportOf, type: FailureType): void {
    this.#runFailures.inc({ ...labelsOf(of), type });
  }

  countStepFailure(step: string, type: FailureType): void {
    this.#stepFailures.inc({ step, type });
  }

  timeStep(step: string, end: End, seconds: number): void {
    this.#stepSeconds.observe({ step, end }, seconds);
  }

  timeExport(report: ReportName, end: End, seconds: number): void {
    this.#portalSeconds.observe({ report, end }, seconds);
  }

  /** Call before each scrape; without reports the gauges are left out, since old values would be believed. */
  showLedgers(ledgers: readonly HealthOfAgency[]): void {
    this.#reports.show(
      ledgers.flatMap(({ agency, reports = [] }) => reports.map((health) => ({ agency, health }))),
    );
    this.#sources.reset();
    for (const { agency, reports } of ledgers) {
      this.#sources.set({ ...ofAgency(agency), source: 'ledger' }, reports === undefined ? 0 : 1);
    }
  }

  /** Call after `showLedgers`. */
  showSdk(isUp: boolean): void {
    this.#sources.set({ source: 'sdk' }, isUp ? 1 : 0);
  }

  /** Call with an agency's first step. A counter that first appears with its first failure shows no increase. */
  startAtZero(agency: Agency): void {
    for (const report of reportNames) {
      const labels = labelsOf({ agency, report });
      for (const counter of [this.#rowsRead, this.#rowsExcluded, this.#rowsRejected, this.#rowsLoaded]) {
        counter.inc(labels, 0);
      }
      for (const outcome of countedOutcomes) this.#runs.inc({ ...labels, outcome }, 0);
      for (const type of Object.keys(failureTypes)) this.#runFailures.inc({ ...labels, type }, 0);
    }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}

/** Steps whose first failure a rule of ops/alerts.yml counts, with its types. */
const watchedFailures: Readonly<Record<string, readonly FailureType[]>> = {
  writeDashboards: ['DashboardsNotWritten'],
  tidy: Object.keys(failureTypes) as FailureType[],
  claimFiles: ['SourceUnavailable'],
  settleFile: ['SourceUnavailable'],
  tellAlert: ['AlertNotSent'],
  tellDatabase: ['AlertNotSent'],
};

/** The client rejects a held run, so no worker sees it. */
const countedOutcomes = outcomes.filter((outcome) => outcome !== 'rejected');

/** Values from the ledger. */
class ReportGauges {
  readonly #published: Gauge<'agency' | 'report'>;
  readonly #period: Gauge<'agency' | 'report'>;
  readonly #rows: Gauge<'agency' | 'report'>;
  readonly #dollars: Gauge<'agency' | 'report' | 'column'>;
  readonly #confirmed: Gauge<'agency' | 'report'>;
  readonly #held: Gauge<'agency' | 'report'>;
  readonly #periods: Gauge<'agency' | 'report' | 'state'>;

  constructor(registry: Registry) {
    const byReport = (name: string, help: string) =>
      new Gauge({ name, help, labelNames: ['agency', 'report'], registers: [registry] });
    this.#published = byReport(
      'ehr_last_publish_timestamp_seconds',
      'When figures of the report last changed in the tables, whichever period',
    );
    this.#period = byReport(
      'ehr_last_publish_period_start_timestamp_seconds',
      'First day, at midnight UTC, of the period that was published last',
    );
    this.#rows = byReport('ehr_last_publish_rows', 'Rows of the period that was published last');
    this.#dollars = new Gauge({
      name: 'ehr_last_publish_dollars',
      help: 'Total of a money column in the period that was published last',
      labelNames: ['agency', 'report', 'column'],
      registers: [registry],
    });
    this.#confirmed = byReport(
      'ehr_last_confirmed_timestamp_seconds',
      'When a run of the report last ended as published or unchanged',
    );
    this.#held = byReport('ehr_held_runs', 'Runs that wait for a person to approve or reject them');
    this.#periods = new Gauge({
      name: 'ehr_periods',
      help: 'Periods that a run has ended for, by their state',
      labelNames: ['agency', 'report', 'state'],
      registers: [registry],
    });
  }

  show(ledgers: readonly { agency: Agency; health: ReportHealth }[]): void {
    for (const gauge of [this.#published, this.#period, this.#rows, this.#confirmed, this.#held]) {
      gauge.reset();
    }
    this.#dollars.reset();
    this.#periods.reset();
    for (const { agency, health } of ledgers) {
      const { report, lastPublish, lastConfirmedAt, held, states } = health;
      const labels = labelsOf({ agency, report });
      this.#held.set(labels, held);
      for (const state of periodStates) this.#periods.set({ ...labels, state }, states[state] ?? 0);
      if (lastConfirmedAt !== null) this.#confirmed.set(labels, epochSeconds(lastConfirmedAt));
      if (lastPublish === null) continue;
      this.#published.set(labels, epochSeconds(lastPublish.at));
      this.#period.set(labels, epochSeconds(lastPublish.periodStart));
      this.#rows.set(labels, lastPublish.rows);
      for (const column of definitions[report].moneyColumns) {
        const total = lastPublish.sums[column];
        // The tables hold the exact figure; Prometheus has only binary floats.
        if (total !== undefined) this.#dollars.set({ ...labels, column }, Number(total));
      }
    }
  }
}

function epochSeconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
