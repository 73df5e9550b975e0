import type { ChannelName } from '../domain/alertConditions.ts';
import type { AlertChannelPorts } from '../ports.ts';

/**
 * Lists the alert channels, and the agencies with an id whose alerts the same round sends. Needs nothing that may be
 * unavailable.
 */
export function createPlanAlerts({ alerts }: AlertChannelPorts) {
  return function planAlerts(): Promise<{
    channels: readonly ChannelName[];
    agencies?: readonly string[];
  }> {
    const agencies = alerts.agencies?.() ?? [];
    const channels = alerts.channels.map(({ name }) => name);
    return Promise.resolve({ channels, ...(agencies.length === 0 ? {} : { agencies }) });
  };
}
