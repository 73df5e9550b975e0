import type { ChannelName } from '../domain/alerts.ts';
import type { Ports } from '../ports.ts';

/** Lists the channels; runs before anything that may be unavailable. */
export function createPlanAlerts({ alerts }: Pick<Ports, 'alerts'>) {
  return function planAlerts(): Promise<{ channels: readonly ChannelName[] }> {
    return Promise.resolve({ channels: alerts.channels.map(({ name }) => name) });
  };
}
