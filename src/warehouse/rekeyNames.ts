import { isNotNull } from 'drizzle-orm';
import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import { periodText, type Period } from '../domain/periods.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { PersonColumn } from '../reports/report.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import {
  lockPeriod,
  markRekeyed,
  publishedSums,
  rulesOf,
  type CurrentPeriod,
  type PeriodPlace,
} from './periodRow.ts';
import {
  measureDifferences,
  measureRows,
  refuseDifferences,
  rollupDifferences,
  storedChecksum,
  type Mismatch,
  type MeasuredTotals,
} from './reconcile.ts';
import { publishedPeriod } from './schema.ts';
import { inTransaction, type Transaction, type TransactionDb } from './transaction.ts';

/** Rows of one UPDATE: it compares each with the names of all. */
const rowsPerPage = 1000;
/** Roll-ups of one UPDATE. */
const membersPerUpdate = 500;

export interface NamesRekey {
  /** Under the new key. */
  readonly keyOf: (name: string) => string;
  /** The digests of the rules of today with the former key, if it is known, and with the new one. */
  readonly rules: { readonly former: string | undefined; readonly now: string };
  /** Ends the transaction of the period at hand, which then stays as it was. */
  readonly signal?: AbortSignal;
}

export interface RekeyedPeriod extends PeriodPlace {
  /**
   * `altered`: the period does not show what was published, so nobody could tell that only keys have changed; it stays
   * as it is.
   */
  readonly outcome: 'rekeyed' | 'already' | 'altered';
}

/**
 * Gives the people in the tables the keys of another name key, one transaction a period, from the names there. A period
 * has the keys of one key throughout, in its rows and roll-ups. A stop anywhere loses nothing, and the next call goes
 * on. A period that was made under the rules of today counts as made under them with the new key.
 */
export async function* rekeyNames(warehouse: Warehouse, request: NamesRekey): AsyncGenerator<RekeyedPeriod> {
  for (const place of await periodsShown(warehouse)) {
    try {
      const outcome = await inTransaction(warehouse, request.signal, (transaction) =>
        rekeyPeriod(transaction, place, request),
      );
      yield { ...place, outcome };
    } catch (error) {
      throw asWarehouseFailure(
        error,
        `Changing the name keys of ${place.report} ${periodText(place.period)}`,
      );
    }
  }
}

async function periodsShown({ db }: Warehouse): Promise<PeriodPlace[]> {
  const rows = await db
    .select({
      report: publishedPeriod.report,
      from: publishedPeriod.periodStart,
      to: publishedPeriod.periodEnd,
    })
    .from(publishedPeriod)
    .where(isNotNull(publishedPeriod.runId))
    .orderBy(publishedPeriod.report, publishedPeriod.periodStart);
  return rows.map(({ report, from, to }) => ({
    report: report as ReportName,
    period: { from, to } as Period,
  }));
}

async function rekeyPeriod(
  { db, connection }: Transaction,
  place: PeriodPlace,
  { keyOf, rules }: NamesRekey,
): Promise<RekeyedPeriod['outcome']> {
  const current = await lockPeriod(db, place);
  const rulesNow = rulesOf(current) === rules.former ? rules.now : rulesOf(current);
  const tables = new PeriodKeys(connection, place, keyOf);
  if (rulesNow === rulesOf(current) && (await tables.haveKeys())) return 'already';

  const before = await measureRows(db, place);
  if ((await differencesFromPublished(db, place, current, before)).length > 0) return 'altered';
  await tables.rekeyRows();
  await tables.rekeyRollups();

  const rows = await measureRows(db, place);
  const rollups = await storedChecksum(db, place);
  refuseDifferences(place, 'Other cells than keys have changed', [
    ...measureDifferences({ ...before, checksum: rows.checksum }, rows, place.report),
    ...(await rollupDifferences(db, place, { total: before.total, checksum: rollups })),
    ...((await tables.haveKeys()) ? [] : [{ figure: 'keys of all names', expected: 'new', found: 'old' }]),
  ]);
  await markRekeyed(db, place, { checksums: { rows: rows.checksum, rollups: rollups! }, current, rulesNow });
  return 'rekeyed';
}

async function differencesFromPublished(
  db: TransactionDb,
  place: PeriodPlace,
  current: CurrentPeriod,
  found: MeasuredTotals,
): Promise<Mismatch[]> {
  const { rowCount, rowsChecksum, rollupsChecksum } = current;
  const published = { rows: rowCount ?? -1, sums: publishedSums(current), checksum: rowsChecksum };
  return [
    ...measureDifferences(published, found, place.report),
    ...(await rollupDifferences(db, place, { total: found.total, checksum: rollupsChecksum })),
  ];
}

type NameKeys = Map<string, string>;

/** The names of a period's rows and roll-ups, and their keys. */
class PeriodKeys {
  readonly #connection: PoolConnection;
  readonly #report: ReportName;
  readonly #from: string;
  readonly #keyOf: (name: string) => string;
  readonly #people: readonly PersonColumn[];

  constructor(connection: PoolConnection, { report, period }: PeriodPlace, keyOf: (name: string) => string) {
    this.#connection = connection;
    this.#report = report;
    this.#from = period.from;
    this.#keyOf = keyOf;
    this.#people = reports[report].people;
  }

  /** Whether every name has the key that it should have. */
  async haveKeys(): Promise<boolean> {
    for (const { column, key } of this.#people) {
      const pairs = await this.#read(
        `SELECT DISTINCT \`${column}\` AS name, \`${key}\` AS name_key FROM \`${this.#report}\`
         WHERE period_start = ? AND \`${column}\` IS NOT NULL`,
        [this.#from],
      );
      if (!pairs.every((pair) => this.#isRight(pair))) return false;
    }
    return (await this.#members()).every((pair) => this.#isRight(pair));
  }

  async rekeyRows(): Promise<void> {
    const columns = this.#people.flatMap(({ column, key }) => [`\`${column}\``, `\`${key}\``]).join(', ');
    if (columns === '') return;
    for (let after = 0; ;) {
      const page = await this.#read(
        `SELECT source_line, ${columns} FROM \`${this.#report}\` WHERE period_start = ? AND source_line > ?
         ORDER BY source_line LIMIT ${String(rowsPerPage)}`,
        [this.#from, after],
      );
      if (page.length === 0) return;
      const last = Number(page.at(-1)!['source_line']);
      await this.#rekeyPage(page, { after, last });
      after = last;
    }
  }

  async #rekeyPage(
    page: readonly RowDataPacket[],
    { after, last }: { readonly after: number; readonly last: number },
  ): Promise<void> {
    const changes = this.#people.flatMap(({ column, key }) => {
      const names = this.#keysOf(page.map((row) => row[column] as string | null));
      return names.size === 0 ? [] : [{ sql: `\`${key}\` = ${caseSql(column, key, names)}`, names }];
    });
    if (changes.length === 0) return;
    await this.#connection.query(
      `UPDATE \`${this.#report}\` SET ${changes.map(({ sql }) => sql).join(', ')}
       WHERE period_start = ? AND source_line > ? AND source_line <= ?`,
      [...changes.flatMap(({ names }) => [...names].flat()), this.#from, after, last],
    );
  }

  async rekeyRollups(): Promise<void> {
    const all = await this.#members();
    for (const dimension of new Set(all.map((row) => String(row['dimension'])))) {
      const members = all.filter((row) => row['dimension'] === dimension);
      for (let from = 0; from < members.length; from += membersPerUpdate) {
        const names = this.#keysOf(
          members.slice(from, from + membersPerUpdate).map((row) => String(row['name'])),
        );
        await this.#connection.query(
          `UPDATE \`${this.#report}_summary\` SET member_key = ${caseSql('member', 'member_key', names)}
           WHERE period_start = ? AND dimension = ? AND member IN (?)`,
          [...[...names].flat(), this.#from, dimension, [...names.keys()]],
        );
      }
    }
  }

  /** Roll-ups of people. */
  #members(): Promise<RowDataPacket[]> {
    return this.#read(
      `SELECT dimension, member AS name, member_key AS name_key FROM \`${this.#report}_summary\`
       WHERE period_start = ? AND member_key IS NOT NULL AND member_key <> ''`,
      [this.#from],
    );
  }

  #isRight({ name, name_key: key }: RowDataPacket): boolean {
    return this.#keyOf(String(name)) === String(key);
  }

  #keysOf(names: readonly (string | null)[]): NameKeys {
    const keys: NameKeys = new Map();
    for (const name of names) if (name !== null) keys.set(name, this.#keyOf(name));
    return keys;
  }

  async #read(sql: string, values: readonly unknown[]): Promise<RowDataPacket[]> {
    const [rows] = await this.#connection.query<RowDataPacket[]>(sql, [...values]);
    return rows;
  }
}

/** The key of the name in a column; each name and its key are parameters. */
function caseSql(column: string, key: string, names: NameKeys): string {
  return `CASE \`${column}\` ${'WHEN ? THEN ? '.repeat(names.size)}ELSE \`${key}\` END`;
}
