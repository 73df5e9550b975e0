import {
  databaseSettings,
  databaseUrl,
  figuresAreOf,
  type Environment,
  type PipelineConfig,
} from '../config.ts';
import type { Agency } from '../domain/agencyId.ts';
import { respiteUnsaid } from '../domain/respite.ts';
import { log } from '../observability/log.ts';
import { openWarehouse, type Warehouse } from '../warehouse/connect.ts';
import { recordFiguresAre } from '../warehouse/figuresSetting.ts';
import { checkVersion } from '../warehouse/migrate.ts';
import { recordServices } from '../warehouse/serviceSettings.ts';

/**
 * The database, after a check that its tables are the agency's and fit this version; its views follow this
 * configuration.
 */
export async function openTables(
  config: Pick<PipelineConfig, 'services' | 'reports'>,
  { agency, env, poolSize }: { agency: Agency; env: Environment; poolSize: number | undefined },
): Promise<Warehouse> {
  const warehouse = await openWarehouse({
    ...databaseSettings(env),
    agency,
    currentUrl: () => databaseUrl(env),
    ...(poolSize === undefined ? {} : { poolSize }),
  });
  try {
    await checkVersion(warehouse);
    await recordServices(warehouse, config.services);
    await recordFiguresAre(warehouse, figuresAreOf(config));
  } catch (error) {
    // Its connections would stay, one pool for each try.
    await warehouse.close();
    throw error;
  }
  if (config.services.length === 0) log.warn(respiteUnsaid);
  return warehouse;
}
