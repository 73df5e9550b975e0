import { errorTrace } from './errorTrace.ts';
import { log } from './log.ts';

// A page that closes in the middle of a call rejects promises that nothing awaits any more. A handful of those is
// normal; a flood is a defect, and a worker that continues would hide it.
const mostRejections = 50;

/** Keeps one closed page from ending the process and with it every other step, within bounds. */
export function guardUnhandledRejections(): void {
  let seen = 0;
  process.on('unhandledRejection', (reason) => {
    seen += 1;
    log.warn({ ...errorTrace(reason), seen }, 'unhandled rejection');
    if (seen > mostRejections) {
      log.fatal('too many unhandled rejections; the worker ends and its supervisor starts it again');
      process.exit(1);
    }
  });
}

/** Ends the process after an uncaught error, as usual, but without printing its text. */
export function guardUncaughtExceptions(): void {
  process.on('uncaughtException', (error) => {
    log.fatal(errorTrace(error), 'uncaught exception; the worker ends and its supervisor starts it again');
    process.exit(1);
  });
}
