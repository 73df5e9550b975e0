import type { AuditActor } from '../domain/auditEvents.ts';
import { recordAuditEvent } from './recordAuditEvent.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { agencyOf, agencyWords, storedAgency } from './owner.ts';
import { databaseOwner } from './schema.ts';
import { inTransaction } from './transaction.ts';

/**
 * Gives claimed tables to the agency that opened them, even if another one owns them. Returns the former owner;
 * undefined if the agency owns them already.
 */
export async function takeOver(warehouse: Warehouse, actor: AuditActor): Promise<string | undefined> {
  try {
    return await inTransaction(warehouse, undefined, async ({ db }) => {
      const [owner] = await db.select().from(databaseOwner).for('update');
      const agency = storedAgency(warehouse.agency);
      if (owner === undefined || owner.agency === agency) return undefined;
      await db.update(databaseOwner).set({ agency });
      const from = agencyWords(agencyOf(owner.agency));
      const details = { from, to: agencyWords(warehouse.agency) };
      await recordAuditEvent(db, { action: 'take-over', actor, details });
      return from;
    });
  } catch (error) {
    throw asWarehouseFailure(error, 'Taking the tables over');
  }
}
