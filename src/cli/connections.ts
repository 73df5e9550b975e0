import { databaseIsSet, databaseSettings, loginKey, nameKey, type Environment } from '../config.ts';
import type { GuardedLogin } from '../wiring/heldLogin.ts';
import { PipelineError } from '../domain/failures.ts';
import { openWarehouse, type Warehouse } from '../warehouse/connect.ts';

/** Opens the database for one command: that of this process, or of an agency whose environment is given. */
export async function withWarehouse<Result>(
  work: (warehouse: Warehouse) => Promise<Result>,
  env?: Environment,
): Promise<Result> {
  const warehouse = await openWarehouse({ ...databaseSettings(env), poolSize: 2 });
  try {
    return await work(warehouse);
  } catch (error) {
    throw withPlace(error, warehouse.place);
  } finally {
    await warehouse.close();
  }
}

/** The portal login as the database knows it; undefined if DATABASE_URL is not set. */
export async function withGuardedLogin<Result>(
  work: (login: GuardedLogin | undefined) => Promise<Result>,
): Promise<Result> {
  if (!databaseIsSet()) return work(undefined);
  const secrets = { nameKey: nameKey(), loginKey: loginKey() };
  return withWarehouse((warehouse) => work({ warehouse, secrets }));
}

/** Says which database it was that failed: a command may have been given another one than its user believes. */
function withPlace(error: unknown, place: string): unknown {
  if (!(error instanceof PipelineError) || error.type !== 'WarehouseUnavailable') return error;
  if (error.message.includes(place)) return error;
  const { type, hint, retry, details } = error;
  return new PipelineError(type, `${place}: ${error.message}`, { hint, retry, details, cause: error });
}
