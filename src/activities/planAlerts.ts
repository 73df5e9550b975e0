import type { ChannelName } from '../domain/alerts.ts';
import type { Ports } from '../ports.ts';

/** Which channels there are: asked before anything that may be away. */
export function createPlanAlerts({ alerts }: Pick<Ports, 'alerts'>) {
  return function planAlerts(): Promise<{ channels: readonly ChannelName[] }> {
    return Promise.resolve({ channels: alerts.channels.map(({ name }) => name) });
  };
}
