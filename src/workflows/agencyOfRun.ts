import { AsyncLocalStorage, workflowInfo } from '@temporalio/workflow';
import type { Priority } from '@temporalio/common';
import type { Agency } from '../domain/agencyId.ts';

const acting = new AsyncLocalStorage<Agency>();

/** Does work for an agency: all activities that it calls get that agency's ports. */
export function forAgency<Result>(agency: Agency, work: () => Promise<Result>): Promise<Result> {
  return acting.run(agency, work);
}

/** The agency that this run works for; undefined for the one without an id. */
export function agencyOfRun(): Agency {
  return acting.getStore();
}

/**
 * Temporal's priorities: 1 is the highest, 3 the default. Alerts come first, and what is due today comes before a backfill
 * of the past. What daily runs and rounds start comes before the runs that others start, which have 3: an overloaded
 * worker then finishes some runs, instead of keeping all of them open and replaying each at every task.
 */
const priorities: Readonly<Record<string, number>> = {
  checkAlerts: 1,
  dailyRun: 2,
  collectFiles: 2,
  backfill: 4,
};

/**
 * The priority of what a run starts: that of the run itself, or of its kind. The fairness key shares the workers
 * between agencies, so that a backfill of one does not keep the others waiting. A server without either ignores it.
 */
export function priorityOfRun(): Priority {
  const { workflowType, priority } = workflowInfo();
  const priorityKey = priority?.priorityKey ?? priorities[workflowType];
  return { ...(priorityKey === undefined ? {} : { priorityKey }), fairnessKey: agencyOfRun() ?? 'default' };
}
