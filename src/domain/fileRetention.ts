import type { ArtifactRef } from './artifacts.ts';
import type { Outcome } from './publication.ts';

/**
 * How long the files of runs are kept. The figures, their history and the ledger stay for good; what goes is what a
 * person could look at or load again.
 */

/** Files that the ledger knows, by what they are for. */
const runClasses = ['exports', 'intermediates', 'rejects', 'ledgerDetail'] as const;
type RunClass = (typeof runClasses)[number];
/** `refused`: downloads that no check let pass. */
export type RetentionClass = RunClass | 'refused';
/** Files that no load takes: their age alone decides. `leftovers`: of writes that broke off. */
type LooseClass = 'evidence' | 'dashboards' | 'leftovers';

interface RetentionRule {
  /** Days from the end of the run. */
  readonly days: number;
  /** The newest published versions of each period keep theirs, however old. */
  readonly versions: number;
}

/** The section `retention` of pipeline.yaml. */
export type Retention = Readonly<Record<RunClass, RetentionRule>> & {
  readonly refused: Pick<RetentionRule, 'days'>;
  /** Absent: they stay. */
  readonly evidence?: Pick<RetentionRule, 'days'> | undefined;
  readonly dashboards?: Pick<RetentionRule, 'days'> | undefined;
};

interface LooseFile {
  readonly bytes: number;
  remove(): Promise<void>;
}

/** A place with files of one class. */
export interface LooseFiles {
  readonly class: LooseClass;
  /** Those that are more than so many days old, in pages. */
  old(age: { readonly days: number; readonly now: Date }): AsyncIterable<readonly LooseFile[]>;
}

/** What was removed, or would be, by class. */
export type Tidied = Partial<Record<RetentionClass | LooseClass, { files: number; bytes: number }>>;

/** A run of one period, as the ledger knows it. */
export interface RunWithFiles {
  readonly runId: string;
  readonly outcome: Outcome;
  /** UTC, in a form that sorts by time. */
  readonly finishedAt: string;
  readonly publishedAt: string | null;
  /** Its figures are not in the history yet, and only its files have them. */
  readonly historyDue: boolean;
  readonly files: RunFiles;
}

type RunFiles = Readonly<Record<RunClass, readonly ArtifactRef[]>>;

/** A file to remove, and the run that kept it. */
export interface Removal {
  readonly uri: string;
  readonly runId: string;
  readonly class: RetentionClass;
  readonly bytes: number;
}

/** What the ledger's JSON may hold; parts are missing where a run did not get so far. */
interface LedgerFiles {
  readonly export?: { readonly file: ArtifactRef };
  readonly clean?: Partial<Record<'rows' | 'rejected' | 'excluded', ArtifactRef>>;
  readonly categorize?: { readonly rows: ArtifactRef };
  readonly aggregate?: Partial<Record<'rollups' | 'unknownServices' | 'namedWarnings', ArtifactRef>>;
}

/** The files of a run by class. @param files see `PublishRequest.files` @param details see `Changes.details` */
export function filesOfRun(files: object | null, details?: ArtifactRef): RunFiles {
  const { export: exported, clean = {}, categorize, aggregate = {} } = (files ?? {}) as LedgerFiles;
  return {
    exports: present([exported?.file]),
    intermediates: present([
      clean.rows,
      clean.excluded,
      categorize?.rows,
      aggregate.rollups,
      aggregate.unknownServices,
      aggregate.namedWarnings,
    ]),
    rejects: present([clean.rejected]),
    ledgerDetail: present([details]),
  };
}

/** The rows that a run loaded, or would have. @param files see `PublishRequest.files` */
export function rowsOfRun(files: object | null): ArtifactRef | undefined {
  return ((files ?? {}) as LedgerFiles).categorize?.rows;
}

function present(files: readonly (ArtifactRef | undefined)[]): ArtifactRef[] {
  return files.filter((file) => file !== undefined);
}

/** What decides about the files of a period's runs. */
interface Terms {
  readonly retention: Retention;
  /** The run that the period shows, pinned or not; null before the first publication. */
  readonly shown: string | null;
  /** The instant so many days ago, in the form of `finishedAt`. */
  readonly daysAgo: (days: number) => string;
}

/**
 * The files of a period's runs that may go. Runs share files: a rollback those of the version that it put back, a
 * reload the export. One that any run still keeps stays, whatever it is for.
 */
export function removableFiles(runs: readonly RunWithFiles[], terms: Terms): Removal[] {
  const newest = runs
    .flatMap(({ runId, publishedAt }) => (publishedAt === null ? [] : [{ runId, publishedAt }]))
    .sort((one, other) => (one.publishedAt < other.publishedAt ? 1 : -1))
    .map(({ runId }) => runId);
  const parts = runs.flatMap((run) =>
    runClasses.map((name) => ({ run, name, goes: mayGo(run, name, { ...terms, newest }) })),
  );
  const kept = new Set(
    parts.flatMap(({ run, name, goes }) => (goes ? [] : run.files[name].map(({ uri }) => uri))),
  );
  const going = new Map<string, Removal>();
  for (const { run, name, goes } of parts) {
    if (!goes) continue;
    for (const { uri, bytes } of run.files[name]) {
      if (!kept.has(uri) && !going.has(uri)) going.set(uri, { uri, bytes, runId: run.runId, class: name });
    }
  }
  return [...going.values()];
}

function mayGo(
  { runId, outcome, finishedAt, historyDue }: RunWithFiles,
  name: RunClass,
  { retention, shown, daysAgo, newest }: Terms & { readonly newest: readonly string[] },
): boolean {
  if (runId === shown || outcome === 'held') return false;
  if (name === 'intermediates' && historyDue) return false;
  const { days, versions } = retention[name];
  // The shown run has the same rows.
  if (name === 'intermediates' && outcome === 'unchanged') return true;
  return !newest.slice(0, versions).includes(runId) && finishedAt < daysAgo(days);
}

/** Days after which a file goes that no ledger entry names: an attempt that failed, or a run that somebody ended. */
export function daysOfStray(uri: string, retention: Retention): { class: RetentionClass; days: number } {
  const name = strayClass(uri);
  return { class: name, days: retention[name].days };
}

function strayClass(uri: string): RetentionClass {
  if (uri.endsWith('-refused.csv')) return 'refused';
  return uri.endsWith('-export.csv') ? 'exports' : 'intermediates';
}

/** Longer than any step may take: what is older belongs to no live worker on any machine. */
const leftoverDays = 1;

/** Days after which files of that class go; undefined if they stay. */
export function daysOfLoose(name: LooseClass, retention: Retention): number | undefined {
  return name === 'leftovers' ? leftoverDays : retention[name]?.days;
}
