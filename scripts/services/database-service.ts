import type { DatabasePart, Running } from './parts.ts';

export interface DatabaseService extends Running {
  /** mysql://user:password@127.0.0.1:port/ehr */
  readonly url: string;
}

export interface DatabaseOptions {
  readonly part: Exclude<DatabasePart, { kind: 'url' }>;
  /** Data, log and password lie here and survive a restart. */
  readonly directory: string;
  /** `ehr` is what the pipeline needs; tests make a database each, so they need the right to `all-databases`. */
  readonly rights: 'ehr' | 'all-databases';
  /** Default: DATABASE_PORT, else a free one. */
  readonly port?: number;
  /** Where the server listens, beside its socket. Default: the loopback. */
  readonly host?: string;
}
