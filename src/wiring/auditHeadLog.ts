import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '../observability/log.ts';
import type { Agency } from '../domain/agencyId.ts';
import { readAuditHead } from '../warehouse/auditTrail.ts';
import type { Warehouse } from '../warehouse/connect.ts';

const roundSeconds = 60;

/**
 * Logs the head of the audit events at once and whenever it has moved, until the signal: a log that is kept elsewhere
 * then shows whether the chain was cut off. Never rejects.
 */
export async function logAuditHeads(
  warehouse: Warehouse,
  { agency, signal }: { readonly agency: Agency; readonly signal: AbortSignal },
): Promise<void> {
  let logged = '';
  while (!signal.aborted) {
    try {
      const head = await readAuditHead(warehouse);
      if (head?.hash !== logged) log.info({ auditHead: head ?? null, agency }, 'the last audit event');
      logged = head?.hash ?? '';
    } catch (error) {
      log.warn(
        { class: error instanceof Error ? error.name : typeof error },
        'the head of the audit events could not be read; the next round tries again',
      );
    }
    await sleep(roundSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}
