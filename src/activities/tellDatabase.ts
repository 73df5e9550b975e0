import { databaseMessage } from '../alerts/messages.ts';
import type { ChannelName } from '../domain/alertConditions.ts';
import type { AlertChannelPorts } from '../ports.ts';
import { sendMessage } from './parts/sendMessage.ts';

export interface DatabaseNotification {
  readonly channel: ChannelName;
  readonly event: 'began' | 'over';
}

/** Reports that the database is down or back; the database cannot record that itself. */
export function createTellDatabase({ alerts }: AlertChannelPorts) {
  return function tellDatabase({ channel, event }: DatabaseNotification): Promise<void> {
    return sendMessage(alerts, channel, databaseMessage(event));
  };
}
