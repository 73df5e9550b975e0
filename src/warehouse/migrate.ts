import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/mysql2';
import { migrate as applyMigrations } from 'drizzle-orm/mysql2/migrator';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { PipelineError } from '../domain/failures.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { acquireNamedLock, lockNameIn } from './namedLock.ts';
import { assertClaimed, assertNotOfAnother, claim } from './owner.ts';

const migrationsFolder = fileURLToPath(new URL('migrations', import.meta.url));
/** Drizzle's own table of applied migrations. */
const migrationsTable = '__drizzle_migrations';

/** Creating the tables takes a second; altering a large one may take minutes, and a second caller waits. */
const lockSeconds = 300;

export interface MigrationResult {
  readonly applied: number;
  readonly total: number;
}

/**
 * Brings the tables up to date, one caller at a time: MySQL commits every DDL statement by itself, so a
 * transaction cannot separate two callers. Then the tables are the agency's, if they were nobody's; those of
 * another are refused but for `ofAnyone`. Creates no database and no user.
 */
export async function migrate(
  warehouse: Warehouse,
  { ofAnyone = false }: { readonly ofAnyone?: boolean } = {},
): Promise<MigrationResult> {
  const lock = await acquireNamedLock(warehouse, lockNameIn(warehouse, 'migrate'), {
    timeoutSeconds: lockSeconds,
  });
  try {
    const connection = await warehouse.connectApart();
    try {
      const result = await applyOn(connection);
      await claim(connection, warehouse.agency);
      if (!ofAnyone) await assertNotOfAnother(connection, warehouse);
      return result;
    } finally {
      await connection.end();
    }
  } catch (error) {
    throw asWarehouseFailure(error, 'Migrating the tables');
  } finally {
    await lock.release();
  }
}

async function applyOn(connection: Connection): Promise<MigrationResult> {
  const total = readMigrationFiles({ migrationsFolder }).length;
  const before = await missingMigrations(connection);
  await applyMigrations(drizzle(connection), { migrationsFolder, migrationsTable });
  return { applied: before, total };
}

/** Throws `WarehouseUnavailable`, without retry, if migrations or their end are missing. Newer tables pass. */
export async function checkVersion(warehouse: Warehouse): Promise<void> {
  try {
    await assertMigrated(warehouse.pool);
    await assertClaimed(warehouse.pool);
  } catch (error) {
    throw asWarehouseFailure(error, 'Checking the version of the tables');
  }
}

/** @throws PipelineError WarehouseUnavailable if tables are missing or of an earlier version */
export async function assertMigrated(connection: Pick<Connection, 'query'>): Promise<void> {
  const missing = await missingMigrations(connection);
  if (missing === 0) return;
  throw new PipelineError('WarehouseUnavailable', `The tables are ${String(missing)} migrations behind.`, {
    hint: 'Bring them up to date: npm run client -- migrate',
    retry: false,
    details: { missingMigrations: missing },
  });
}

export interface MigrationState {
  /** Migrations of this program that the tables lack. */
  readonly missing: number;
  /** Migrations that a newer program has applied and this one does not know. */
  readonly unknown: number;
}

/** Compares this program's migrations with those applied to the tables; changes nothing. */
export async function migrationState({ pool }: Warehouse): Promise<MigrationState> {
  try {
    const known = new Set(readMigrationFiles({ migrationsFolder }).map(({ folderMillis }) => folderMillis));
    const applied = await appliedMigrations(pool);
    return {
      missing: await missingMigrations(pool),
      unknown: applied.filter((at) => !known.has(at)).length,
    };
  } catch (error) {
    throw asWarehouseFailure(error, 'Checking the version of the tables');
  }
}

/** When each applied migration was made, which is its name in Drizzle; empty without Drizzle's table. */
async function appliedMigrations(connection: Pick<Connection, 'query'>): Promise<number[]> {
  const [tables] = await connection.query<RowDataPacket[]>(
    'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?',
    [migrationsTable],
  );
  if (tables.length === 0) return [];
  const [rows] = await connection.query<RowDataPacket[]>(`SELECT created_at FROM ${migrationsTable}`);
  return rows.map((row) => Number(row['created_at']));
}

/** Counted as the migrator does: those newer than the newest applied one. */
async function missingMigrations(connection: Pick<Connection, 'query'>): Promise<number> {
  const known = readMigrationFiles({ migrationsFolder });
  const newest = Math.max(0, ...(await appliedMigrations(connection)));
  return known.filter((migration) => migration.folderMillis > newest).length;
}
