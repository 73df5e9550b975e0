import type { RowDataPacket } from 'mysql2/promise';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** The server's settings that decide whether what it has confirmed is still there after its machine has failed. */
const durabilityVariables = [
  'innodb_flush_log_at_trx_commit',
  'innodb_doublewrite',
  'log_bin',
  'sync_binlog',
] as const;

export interface ServerFacts {
  readonly version: string;
  readonly isMariaDb: boolean;
  /** `read_only`, or `super_read_only` of MySQL: the server takes no writes. */
  readonly readOnly: boolean;
  /** What the server calls the cipher of this connection; undefined where there is none. */
  readonly tlsCipher: string | undefined;
  /** As the server writes them, upper case; one that the server does not have is left out. */
  readonly durability: Readonly<Partial<Record<(typeof durabilityVariables)[number], string>>>;
}

/** What the server is and how it is set; every account may ask. */
export async function serverFacts({ pool }: Warehouse): Promise<ServerFacts> {
  try {
    const [versions] = await pool.query<RowDataPacket[]>('SELECT VERSION() AS version');
    const version = String(versions[0]?.['version']);
    const [rows] = await pool.query<RowDataPacket[]>('SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)', [
      [...durabilityVariables, 'read_only'],
    ]);
    const values = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
    const [cipher] = await pool.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    const durability = durabilityVariables.flatMap((name) => {
      const value = values.get(name);
      return value === undefined ? [] : [[name, value.toUpperCase()] as const];
    });
    return {
      version,
      isMariaDb: version.includes('MariaDB'),
      // MariaDB 12 has further words for it besides ON.
      readOnly: (values.get('read_only') ?? 'OFF') !== 'OFF',
      tlsCipher: String(cipher[0]?.['Value'] ?? '') || undefined,
      durability: Object.fromEntries(durability),
    };
  } catch (error) {
    throw asWarehouseFailure(error, 'Asking the database for its settings');
  }
}
