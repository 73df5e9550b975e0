import { hostname, userInfo } from 'node:os';
import type { AuditActor } from '../domain/auditEvents.ts';

/** The user of this process, as claimed: nothing here proves it. Commands give Temporal the same identity. */
export function thisUser(): AuditActor {
  return { name: `${userName()}@${hostname()}`, proof: 'claimed' };
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user id need not have a name.
    return `uid-${String(process.getuid?.())}`;
  }
}
