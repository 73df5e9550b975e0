import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { runReportId } from '../../src/domain/temporalNames.ts';
import type { Period } from '../../src/domain/periods.ts';
import { byReport, reportNames, reports, type ReportName } from '../../src/reports/index.ts';
import { sameDecimal } from '../../src/warehouse/exactDecimal.ts';
import { tables } from './contents.ts';
import { databases, isAway, type DatabaseName, type Site } from './site.ts';

/** Between two looks: often enough to see every load many times, seldom enough to leave the servers a core. */
const pauseMilliseconds = 100;
/** Violations kept in words; more of them say no more. */
const keptViolations = 50;

/** What the tables show of one period, in one consistent snapshot. */
interface Shown {
  /** `notes:2024-01-01..2024-01-15`. */
  readonly name: string;
  readonly runId: string | null;
  readonly rowCount: string | null;
  readonly sums: Readonly<Record<string, string>>;
  readonly rows: Counted;
  readonly rollups: Counted;
  /** The roll-up's own total. */
  readonly total: Readonly<Record<string, string | null>>;
}

interface Counted {
  readonly rows: string;
  readonly runs: string;
  readonly run: string | null;
  /** Equal rows give an equal digest, whichever run brought them. */
  readonly digest: string;
  readonly sums: Readonly<Record<string, string | null>>;
}

type Row = Record<string, string | null>;

/** The digest of all that a period shows: rows and roll-ups. */
export type Digests = ReadonlyMap<string, string>;

/**
 * Reads the tables all the time, as a dashboard may, and holds every snapshot against the versions that a period
 * can have: it never sees a mixed, an empty or half a period, nor one that goes back to what it was before.
 */
export class Reader {
  polls = 0;
  /** Times that the database did not answer. */
  away = 0;
  readonly violations: string[] = [];
  readonly #url: string;
  readonly #known: readonly Digests[];
  readonly #seen = new Map<string, string[]>();
  #stopped = false;
  #done: Promise<void> = Promise.resolve();
  #digestSql: Record<ReportName, { rows: string; rollups: string }> | undefined;

  /** @param known the digests of each version, by period */
  constructor(site: Site, known: readonly Digests[]) {
    this.#url = site.databaseUrl(databases.disturbed);
    this.#known = known;
  }

  start(): void {
    this.#done = this.#read();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #read(): Promise<void> {
    let connection: Connection | undefined;
    while (!this.#stopped) {
      try {
        connection ??= await openReader(this.#url);
        this.#digestSql ??= await digestStatements(connection);
        const shown = await readSnapshot(connection, this.#digestSql);
        this.polls += 1;
        for (const period of shown) this.#judge(period);
        for (const name of this.#gone(shown)) this.#note(`${name}: was published and is gone`);
      } catch (error) {
        connection?.destroy();
        connection = undefined;
        if (!isAway(error)) this.#note(`the reader failed: ${String(error)}`);
        this.away += 1;
      }
      await sleep(pauseMilliseconds);
    }
    connection?.destroy();
  }

  #judge(shown: Shown): void {
    for (const fault of faultsOf(shown)) this.#note(`${shown.name}: ${fault}`);
    if (shown.runId === null) return;
    const digest = digestOf(shown);
    if (!this.#known.some((version) => version.get(shown.name) === digest)) {
      this.#note(`${shown.name}: shows neither version of its export`);
    }
    const seen = this.#seen.get(shown.name) ?? [];
    if (seen.at(-1) === shown.runId) return;
    if (seen.includes(shown.runId)) this.#note(`${shown.name}: went back to an earlier run`);
    this.#seen.set(shown.name, [...seen, shown.runId]);
  }

  #gone(shown: readonly Shown[]): string[] {
    const published = new Set(shown.filter(({ runId }) => runId !== null).map(({ name }) => name));
    return Array.from(this.#seen.keys()).filter((name) => !published.has(name));
  }

  #note(violation: string): void {
    if (this.violations.length < keptViolations) this.violations.push(violation);
  }
}

/** What is wrong with a period by itself, whatever it should show. */
function faultsOf({ runId, rowCount, sums, rows, rollups, total }: Shown): string[] {
  if (runId === null) {
    return rows.rows === '0' && rollups.rows === '0' ? [] : ['shows rows, but nothing is published'];
  }
  const published = Object.entries(sums).filter(([column, sum]) => !sameDecimal(sum, rows.sums[column]!));
  const summed = Object.entries(total).filter(([column, sum]) => !sameDecimal(sum, rows.sums[column]!));
  return [
    ...(rows.rows === rowCount ? [] : [`shows ${rows.rows} rows where ${rowCount ?? 'none'} are published`]),
    ...(rows.runs === '1' && rows.run === runId ? [] : ['shows rows of another run than the published one']),
    ...published.map(([column]) => `the sum of ${column} is not the published one`),
    ...summed.map(([column]) => `the roll-up's ${column} is not that of the rows`),
  ];
}

function digestOf({ rowCount, rows, rollups }: Shown): string {
  return [rowCount, rows.digest, rollups.rows, rollups.digest].join(' ');
}

/** The digests of what a database shows now. */
export async function readDigests(site: Site, database: DatabaseName): Promise<Digests> {
  const connection = await openReader(site.databaseUrl(database));
  try {
    const shown = await readSnapshot(connection, await digestStatements(connection));
    return new Map(shown.map((period) => [period.name, digestOf(period)]));
  } finally {
    connection.destroy();
  }
}

async function openReader(url: string): Promise<Connection> {
  const connection = await createConnection({ uri: url, dateStrings: true, connectTimeout: 5_000 });
  connection.on('error', () => undefined);
  try {
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function readSnapshot(
  connection: Connection,
  statements: Record<ReportName, { rows: string; rollups: string }>,
): Promise<Shown[]> {
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  const published = await ask(connection, 'SELECT * FROM published_period');
  const perReport = new Map<ReportName, { rows: Row[]; rollups: Row[]; totals: Row[] }>();
  for (const report of reportNames) {
    perReport.set(report, {
      rows: await ask(connection, statements[report].rows),
      rollups: await ask(connection, statements[report].rollups),
      totals: await ask(connection, `SELECT * FROM ${tables[report].rollups} WHERE dimension = 'total'`),
    });
  }
  await connection.query('COMMIT');
  return reportNames.flatMap((report) => {
    const found = perReport.get(report)!;
    const starts = [...published.filter((row) => row['report'] === report), ...found.rows, ...found.rollups];
    return [...new Set(starts.map((row) => row['period_start']!))].map((start): Shown => {
      const period = published.find((row) => row['report'] === report && row['period_start'] === start);
      const to = (period?.['period_end'] ?? start) as Period['to'];
      return {
        name: runReportId(report, { from: start as Period['from'], to }),
        runId: period?.['run_id'] ?? null,
        rowCount: period?.['row_count'] ?? null,
        sums: JSON.parse(period?.['sums'] ?? '{}') as Record<string, string>,
        rows: counted(report, ofPeriod(found.rows, start)),
        rollups: counted(report, ofPeriod(found.rollups, start)),
        total: totalOf(report, ofPeriod(found.totals, start)),
      };
    });
  });
}

function ofPeriod(rows: readonly Row[], start: string): Row | undefined {
  return rows.find((row) => row['period_start'] === start);
}

function counted(report: ReportName, row: Row | undefined): Counted {
  const sums = reports[report].summedColumns.map(
    (column) => [column, row?.[`sum_${column}`] ?? '0'] as const,
  );
  return {
    rows: row?.['row_count'] ?? '0',
    runs: row?.['runs'] ?? '0',
    run: row?.['run'] ?? null,
    digest: row?.['digest'] ?? '',
    sums: { ...Object.fromEntries(sums), row_count: row?.['row_count'] ?? '0' },
  };
}

/** Figures of the roll-up's total that the rows have too. */
const totalColumns = byReport((name) => [
  'row_count',
  ...reports[name].summedColumns.filter((column) => Object.hasOwn(reports[name].measures, column)),
]);

function totalOf(report: ReportName, row: Row | undefined): Record<string, string | null> {
  return Object.fromEntries(totalColumns[report].map((column) => [column, row?.[column] ?? null]));
}

/** Per period: rows, runs, sums, and one digest over every column that does not name the run. */
async function digestStatements(connection: Connection) {
  const columns = await ask(
    connection,
    "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name <> 'run_id' ORDER BY table_name, column_name",
  );
  const digest = (table: string) => {
    const cells = columns.filter(({ t }) => t === table).map(({ c }) => `COALESCE(\`${c!}\`, '\\0')`);
    return `BIT_XOR(CRC32(CONCAT_WS('\\t', ${cells.join(', ')})))`;
  };
  const statements = reportNames.map((report) => {
    const { rows, rollups } = tables[report];
    const sums = reports[report].summedColumns.map(
      (column) => `COALESCE(SUM(${column}), 0) AS sum_${column}`,
    );
    return [
      report,
      {
        rows: `SELECT period_start, COUNT(*) AS row_count, COUNT(DISTINCT run_id) AS runs, MIN(run_id) AS run, ${digest(rows)} AS digest, ${sums.join(', ')} FROM ${rows} GROUP BY period_start`,
        rollups: `SELECT period_start, COUNT(*) AS row_count, ${digest(rollups)} AS digest FROM ${rollups} GROUP BY period_start`,
      },
    ] as const;
  });
  return Object.fromEntries(statements) as Record<ReportName, { rows: string; rollups: string }>;
}

async function ask(connection: Connection, sql: string): Promise<Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]),
    ),
  );
}
