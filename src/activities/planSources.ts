import type { Ports } from '../ports.ts';
import type { SourcesPlan } from './contracts.ts';

/** Lists the sources, and says how to run their files. */
export function createPlanSources({ sources, settings }: Pick<Ports, 'sources' | 'settings'>) {
  return function planSources(): Promise<SourcesPlan> {
    const { periodConcurrency: concurrency, runTimeoutHours } = settings;
    return Promise.resolve({
      sources: sources.places.map(({ name }) => name),
      concurrency,
      runTimeoutHours,
    });
  };
}
