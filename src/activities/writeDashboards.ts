import { Context } from '@temporalio/activity';
import type { Ports } from '../ports.ts';
import type { DashboardsResult } from './contracts.ts';
import { beatDuring } from './heartbeats.ts';

/** The step after the last period of a daily run. */
export function createWriteDashboards({ dashboards }: Pick<Ports, 'dashboards'>) {
  return async function writeDashboards(): Promise<DashboardsResult> {
    if (dashboards === undefined) return { kind: 'off' };
    // Reading, writing and printing have limits of their own, and so has the step: a beat only shows that its worker is
    // alive.
    const { info, cancellationSignal } = Context.current();
    const { runId } = info.workflowExecution!;
    const files = await beatDuring(undefined, () => dashboards.write(runId, cancellationSignal));
    if (files === undefined) return { kind: 'nothing loaded' };
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return { kind: 'written', folder: dashboards.folderName, files: files.length, bytes };
  };
}
