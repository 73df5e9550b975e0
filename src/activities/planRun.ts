import { dayInZone } from '../domain/dates.ts';
import type { Ports } from '../ports.ts';
import { assertBegun } from './parts/assertBegun.ts';
import type { RunPlan, StepInput } from './contracts.ts';

/** Plans what a run needs of configuration, clock and time zones, which stay out of the workflows. */
export function createPlanRun({ settings, clock }: Pick<Ports, 'settings' | 'clock'>) {
  return async function planRun({ run }: StepInput): Promise<RunPlan> {
    assertBegun(run.period, dayInZone(clock(), settings.timeZone));
    return {
      portalAttempts: settings.portalAttempts,
      portalRetrySeconds: settings.portalRetrySeconds,
    };
  };
}
