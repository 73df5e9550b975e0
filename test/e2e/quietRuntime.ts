import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

/**
 * Import this where a test itself runs or replays workflows: a process has one runtime. Replayed runs would repeat
 * their own log lines, and of failures that are meant there would be warnings.
 */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});
