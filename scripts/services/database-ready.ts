import { createConnection } from 'mysql2/promise';

/** The server is on this machine, so an answer that takes longer is none. */
const connectSeconds = 2;

/** Whether the user of `url` can log in and be answered. */
export async function answersQueries(url: string): Promise<boolean> {
  const connection = await createConnection({ uri: url, connectTimeout: connectSeconds * 1000 }).catch(
    () => undefined,
  );
  if (connection === undefined) return false;
  try {
    await connection.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
