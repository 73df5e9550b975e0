import type { PlannedPeriod } from '../../src/activities/contracts.ts';
import { runReportId } from '../../src/domain/temporalNames.ts';
import { byReport } from '../../src/reports/index.ts';
import { databases, type DatabaseName, type Site } from './site.ts';

export const tables = byReport((name) => ({ rows: name, rollups: `${name}_summary` }));

/** What a period shows, but for which run brought it and when: two loads of one export have equal contents. */
export interface Contents {
  readonly rows: readonly string[];
  readonly rollups: readonly string[];
  readonly rejects: readonly string[];
  readonly published: readonly string[];
  readonly counts: readonly string[];
}

type Row = Record<string, string | null>;

/** Of the ledger, what follows from the export alone. */
const countColumns = [
  'outcome',
  'export_sha256',
  'rules_sha256',
  'code_version',
  'rows_read',
  'rows_loaded',
  'rows_excluded',
  'rows_rejected',
  'moved_to_lincs',
  'dollars',
  'warnings',
  'unknown_services',
];

/** Differ from run to run, and say so in their names. */
// The checksum goes over the run's id too, and figures are stale so long after the export.
const ofTheRun = new Set(['run_id', 'published_at', 'exported_at', 'stale_at', 'rows_checksum', 'pinned_at']);

export async function readContents(
  site: Site,
  database: DatabaseName,
  { report, period }: PlannedPeriod,
): Promise<Contents> {
  const inPeriod = [report, period.from];
  const ask = async (sql: string, values: unknown[]) =>
    (await site.query(database, sql, values)).map(comparable).sort();
  const shown = 'SELECT run_id FROM published_period WHERE report = ? AND period_start = ?';
  const { rows, rollups } = tables[report];
  return {
    rows: await ask(`SELECT * FROM ${rows} WHERE period_start = ?`, [period.from]),
    rollups: await ask(`SELECT * FROM ${rollups} WHERE period_start = ?`, [period.from]),
    rejects: await ask(`SELECT * FROM rejected_row WHERE run_id = (${shown})`, inPeriod),
    published: await ask('SELECT * FROM published_period WHERE report = ? AND period_start = ?', inPeriod),
    counts: await ask(
      `SELECT ${countColumns.join(', ')} FROM pipeline_run WHERE run_id = (${shown})`,
      inPeriod,
    ),
  };
}

function comparable(row: Row): string {
  return JSON.stringify(Object.entries(row).filter(([column]) => !ofTheRun.has(column)));
}

/** Where two contents are not the same, in numbers: rows are patients'. */
function differences(planned: PlannedPeriod, expected: Contents, found: Contents): string[] {
  const parts = Object.keys(expected) as (keyof Contents)[];
  return parts.flatMap((part) => {
    if (expected[part].join('\n') === found[part].join('\n')) return [];
    const known = new Set(expected[part]);
    const strange = found[part].filter((row) => !known.has(row)).length;
    const name = runReportId(planned.report, planned.period);
    return [
      `${name}: ${part}: ${String(found[part].length)} where ${String(expected[part].length)} are expected, ${String(strange)} of them other ones`,
    ];
  });
}

/** Where the period does not show these contents. */
export async function contentsDiffer(
  site: Site,
  planned: PlannedPeriod,
  expected: ReadonlyMap<string, Contents>,
): Promise<string[]> {
  const found = await readContents(site, databases.disturbed, planned);
  return differences(planned, expected.get(runReportId(planned.report, planned.period))!, found);
}
