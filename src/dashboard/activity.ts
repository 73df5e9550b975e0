import { basename } from 'node:path';
import { Context } from '@temporalio/activity';
import type { DashboardPorts, DashboardRequest } from './writeFiles.ts';

/** What the daily run learns of its dashboards: counts, and the name of the folder; never who is in them. */
export type DashboardsResult =
  | { readonly kind: 'off' }
  | { readonly kind: 'nothing loaded' }
  | { readonly kind: 'written'; readonly folder: string; readonly files: number; readonly bytes: number };

export interface DashboardActivityPorts extends DashboardPorts {
  /** What pipeline.yaml asks for; undefined where nobody wants dashboards. */
  readonly wanted: Omit<DashboardRequest, 'signal'> | undefined;
}

/**
 * The step after the last period of a daily run. It lies here and not among the activities that make figures: those are
 * the version of the code, and another look of a page is no reason to load a period again.
 */
export function createDashboardActivities({ wanted, ...ports }: DashboardActivityPorts) {
  return {
    async writeDashboards(): Promise<DashboardsResult> {
      if (wanted === undefined) return { kind: 'off' };
      const stopBeating = beat();
      try {
        const signal = Context.current().cancellationSignal;
        // A worker has no use for it before its first dashboards.
        const { writeDashboardFiles } = await import('./writeFiles.ts');
        const files = await writeDashboardFiles({ ...wanted, signal }, ports);
        if (files === undefined) return { kind: 'nothing loaded' };
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        return { kind: 'written', folder: basename(wanted.folder), files: files.length, bytes };
      } finally {
        stopBeating();
      }
    },
  };
}

// Six beats within the heartbeat timeout of half a minute: one lost beat is no lost worker.
const beatMilliseconds = 5_000;

/** Reading, writing and printing each have limits of their own, and the step has one: a beat only says that its worker lives. */
function beat(): () => void {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beatMilliseconds);
  return () => clearInterval(timer);
}

export type DashboardActivities = ReturnType<typeof createDashboardActivities>;
