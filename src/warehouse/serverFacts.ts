import type { RowDataPacket } from 'mysql2/promise';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** The settings that decide whether confirmed writes survive a failure of the server's machine. */
const durabilityVariables = [
  'innodb_flush_log_at_trx_commit',
  'innodb_doublewrite',
  'log_bin',
  'sync_binlog',
] as const;

export interface ServerFacts {
  readonly version: string;
  readonly isMariaDb: boolean;
  /** `read_only`, or MySQL's `super_read_only`: the server accepts no writes. */
  readonly readOnly: boolean;
  /** The server's name for this connection's cipher; undefined if there is none. */
  readonly tlsCipher: string | undefined;
  /** As the server writes them, in upper case; settings that it does not have are left out. */
  readonly durability: Readonly<Partial<Record<(typeof durabilityVariables)[number], string>>>;
}

/** The server's kind and settings; every account may read them. */
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
      // MariaDB 12 has more words for it than ON.
      readOnly: (values.get('read_only') ?? 'OFF') !== 'OFF',
      tlsCipher: String(cipher[0]?.['Value'] ?? '') || undefined,
      durability: Object.fromEntries(durability),
    };
  } catch (error) {
    throw asWarehouseFailure(error, 'Asking the database for its settings');
  }
}
