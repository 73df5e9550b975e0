/** Where a fault can strike. The names are what the runner's table counts by. */

const steps = [
  'planBackfill',
  'planRun',
  'loginAndDownload',
  'takeFile',
  'clean',
  'categorize',
  'aggregate',
  'load',
  'recordOutcome',
] as const;

/** Before a step has done anything, and after it has done all but has not said so. */
export const stepPlaces = steps.flatMap((step) => [`before ${step}`, `after ${step}`]);

/** A statement that a worker sends to the database, by how it begins. */
export interface StatementPlace {
  readonly place: string;
  readonly begins: RegExp;
  /** `rows`: in the middle of the data that follows. `answer`: done by the server, not yet heard by the worker. */
  readonly at: 'statement' | 'rows' | 'answer';
}

/** The load's one transaction, from its first change to its commit. */
export const statementPlaces: readonly StatementPlace[] = [
  {
    place: 'load: clearing the period',
    begins: /^delete from `(utilization|notes)(_summary)?`/i,
    at: 'statement',
  },
  { place: 'load: before the rows', begins: /^load data local/i, at: 'statement' },
  { place: 'load: amid the rows', begins: /^load data local/i, at: 'rows' },
  {
    place: 'load: before the roll-ups',
    begins: /^insert into `(utilization|notes)_summary`/i,
    at: 'statement',
  },
  { place: 'load: before the rejects', begins: /^insert into `rejected_row`/i, at: 'statement' },
  { place: 'load: before the ledger', begins: /^insert into `pipeline_run`/i, at: 'statement' },
  { place: 'load: before the commit', begins: /^commit/i, at: 'statement' },
  { place: 'load: commit not answered', begins: /^commit/i, at: 'answer' },
];

export const loadPlaces = statementPlaces.map(({ place }) => place);

/** What the stand-in portal notes while a browser is at it. */
export const portalPlaces = [
  'portal: login-submitted',
  'portal: report-run',
  'portal: export-started',
  'portal: export-delivered',
] as const;
