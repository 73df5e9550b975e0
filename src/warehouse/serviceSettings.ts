import { sql } from 'drizzle-orm';
import type { ServiceSetting } from '../domain/respite.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { acquireNamedLock, lockNameIn } from './namedLock.ts';
import { serviceSetting } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** Writing takes milliseconds; several workers may start at once. */
const lockSeconds = 60;

/** Replaces the recorded services: from now on the views use these for rows of any age. */
export async function recordServices(
  warehouse: Warehouse,
  services: readonly ServiceSetting[],
): Promise<void> {
  const lock = await acquireNamedLock(warehouse, lockNameIn(warehouse, 'services'), {
    timeoutSeconds: lockSeconds,
  });
  try {
    await inTransaction(warehouse, undefined, async ({ db }) => {
      await db.delete(serviceSetting);
      if (services.length === 0) return;
      await db.insert(serviceSetting).values(
        services.map(({ code, respite }) => ({
          // The server's own upper case, as in the views.
          serviceCode: sql`UPPER(${code} COLLATE utf8mb4_bin)`,
          respite: respite ? 1 : 0,
        })),
      );
    });
  } catch (error) {
    throw asWarehouseFailure(error, 'Noting which services are respite');
  } finally {
    await lock.release();
  }
}

/** The services that the views count as respite, in upper case; undefined if none are recorded. */
export async function respiteServices({ db }: Pick<Warehouse, 'db'>): Promise<string[] | undefined> {
  try {
    const known = await db.select().from(serviceSetting).orderBy(serviceSetting.serviceCode);
    if (known.length === 0) return undefined;
    return known.filter(({ respite }) => respite === 1).map(({ serviceCode }) => serviceCode);
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading which services are respite');
  }
}
