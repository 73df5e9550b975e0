import { drizzle } from 'drizzle-orm/mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Agency } from '../domain/agencyId.ts';
import { hintFor, PipelineError } from '../domain/failures.ts';
import { isDenied, isTableMissing } from './failure.ts';
import { databaseOwner } from './schema.ts';

/**
 * The tables themselves remember whose they are. Addresses cannot tell: a server has many names, and a copy of a
 * database another one.
 */

/** Who opens the tables, and where they are. */
export interface TableUser {
  readonly agency: Agency;
  readonly place: string;
}

/**
 * Tables of nobody pass, and an account that may not ask whose they are: that of a reader, whom its rights hold.
 * @throws PipelineError InvalidInput if the tables are those of another agency
 */
export async function assertNotOfAnother(
  connection: Pick<Connection, 'query'>,
  { agency, place }: TableUser,
): Promise<void> {
  const owner = await ownerOf(connection).catch(unlessDenied);
  if (owner === undefined || owner.agency === agency) return;
  const theirs = agencyWords(owner.agency);
  const ours = agencyWords(agency);
  const hint = `Give ${ours} a database of its own in DATABASE_URL. If it is ${theirs} under another name, or keeps a copy of those tables: npm run client -- migrate --take-over`;
  throw new PipelineError('InvalidInput', `${place} belongs to ${theirs}, and ${ours} must not use it`, {
    hint: hintFor(agency, hint),
    details: { agency: agency ?? null, owner: owner.agency ?? null },
  });
}

/** @throws PipelineError WarehouseUnavailable if nobody has claimed the tables */
export async function assertClaimed(connection: Pick<Connection, 'query'>): Promise<void> {
  if ((await ownerOf(connection)) !== undefined) return;
  throw new PipelineError(
    'WarehouseUnavailable',
    'No agency has claimed the tables: their migration was cut off.',
    { hint: 'End it: npm run client -- migrate', retry: false },
  );
}

/** Makes the tables the agency's if they are nobody's. */
export async function claim(connection: Connection, agency: Agency): Promise<void> {
  await drizzle(connection)
    .insert(databaseOwner)
    .ignore()
    .values({ id: 1, agency: storedAgency(agency) });
}

/** Undefined if nobody has claimed the tables yet, or they are of an earlier version. */
async function ownerOf(connection: Pick<Connection, 'query'>): Promise<{ agency: Agency } | undefined> {
  try {
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT agency FROM database_owner');
    return row === undefined ? undefined : { agency: agencyOf(String(row['agency'])) };
  } catch (error) {
    if (isTableMissing(error)) return undefined;
    throw error;
  }
}

function unlessDenied(error: unknown): undefined {
  if (!isDenied(error)) throw error;
}

export function agencyWords(agency: Agency): string {
  return agency === undefined ? 'the agency without an id' : `the agency ${agency}`;
}

/** As `database_owner` has it. */
export function storedAgency(agency: Agency): string {
  return agency ?? '';
}

/** The inverse of `storedAgency`. */
export function agencyOf(stored: string): Agency {
  return stored === '' ? undefined : stored;
}
