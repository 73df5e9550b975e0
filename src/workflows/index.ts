export { backfill } from './backfill.ts';
export { dailyRun } from './dailyRun.ts';
export { runReport } from './runReport.ts';
