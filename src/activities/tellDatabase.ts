import { databaseMessage } from '../alerts/messages.ts';
import type { ChannelName } from '../domain/alerts.ts';
import type { Ports } from '../ports.ts';
import { sendMessage } from './sendMessage.ts';

export interface DatabaseNotification {
  readonly channel: ChannelName;
  readonly event: 'began' | 'over';
}

/** Says that the database is away, or is back; nothing of it can be noted there. */
export function createTellDatabase({ alerts }: Pick<Ports, 'alerts'>) {
  return function tellDatabase({ channel, event }: DatabaseNotification): Promise<void> {
    return sendMessage(alerts, channel, databaseMessage(event));
  };
}
