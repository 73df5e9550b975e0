import { dayInZone } from '../domain/dates.ts';
import type { Ports } from '../ports.ts';
import { assertBegun } from './parts/assertBegun.ts';
import type { RunPlan, StepInput } from './contracts.ts';

/** Keeps configuration, clock and time zones out of the workflows: this plans what a run needs of them. */
export function createPlanRun({ settings, clock }: Pick<Ports, 'settings' | 'clock'>) {
  return async function planRun({ run }: StepInput): Promise<RunPlan> {
    assertBegun(run.period, dayInZone(clock(), settings.timeZone));
    return {
      portalAttempts: settings.portalAttempts,
      portalRetrySeconds: settings.portalRetrySeconds,
    };
  };
}
