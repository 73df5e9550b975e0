import { DefaultLogger, type Logger } from '@temporalio/worker';
import { log } from './log.ts';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Logs the SDK's own lines in our form. */
export function temporalLogger(): Logger {
  return new DefaultLogger('INFO', ({ level, message, meta }) => {
    log[levels[level]](loggable(meta), message);
  });
}

/** Failures are already clean by now; a payload is not, and no log may hold one. */
function loggable(meta: Record<string | symbol, unknown> | undefined): Record<string, unknown> {
  const { error, ...rest } = meta ?? {};
  return error instanceof Error
    ? { ...rest, error: { name: error.name, message: error.message } }
    : { ...rest };
}
