import { Client, Connection } from '@temporalio/client';
import { databaseSettings, temporalConnection } from '../config.ts';
import { openWarehouse, type Warehouse } from '../warehouse/connect.ts';

/** Opens Temporal for the time of one command. */
export async function withTemporal<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const { connectionOptions, namespace } = temporalConnection();
  const connection = await Connection.connect(connectionOptions);
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

/** Opens the database for the time of one command. */
export async function withWarehouse<Result>(
  work: (warehouse: Warehouse) => Promise<Result>,
): Promise<Result> {
  const warehouse = await openWarehouse({ ...databaseSettings(), poolSize: 2 });
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}
