import { databaseIsSet, databaseSettings, loginKey, nameKey, type Environment } from '../config.ts';
import type { GuardedLogin } from '../wiring/heldLogin.ts';
import { openWarehouse, type Warehouse } from '../warehouse/connect.ts';
import { withPlace } from '../warehouse/failure.ts';

/** Opens the database for one command: that of this process, or of an agency whose environment is given. */
export async function withWarehouse<Result>(
  work: (warehouse: Warehouse) => Promise<Result>,
  env?: Environment,
  { ofAnyone = false }: { ofAnyone?: boolean } = {},
): Promise<Result> {
  const warehouse = await openWarehouse({ ...databaseSettings(env), poolSize: 2, ofAnyone });
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
