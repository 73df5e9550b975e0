export { backfill } from './backfill.ts';
export { checkAlerts } from './checkAlerts.ts';
export { collectFiles } from './collectFiles.ts';
export { dailyRun } from './dailyRun.ts';
export { publishHeld, rollback } from './loadDecided.ts';
export { preview } from './preview.ts';
export { runReport } from './runReport.ts';
