import { errorTrace } from './errorTrace.ts';
import { log } from './log.ts';

// A page closed in the middle of a call rejects promises that nobody waits for any more. A handful is that; a
// flood is a defect, and a worker that goes on would hide it.
const maximumRejections = 50;

/** Keeps one closed page from ending the process and with it every other step, within bounds. */
export function guardUnhandledRejections(): void {
  let seen = 0;
  process.on('unhandledRejection', (reason) => {
    seen += 1;
    log.warn({ ...errorTrace(reason), seen }, 'unhandled rejection');
    if (seen > maximumRejections) {
      log.fatal('too many unhandled rejections; the worker ends and its supervisor starts it again');
      process.exit(1);
    }
  });
}

/** Ends the process, as ever after an error that nobody caught, but without its text. */
export function guardUncaughtExceptions(): void {
  process.on('uncaughtException', (error) => {
    log.fatal(errorTrace(error), 'uncaught exception; the worker ends and its supervisor starts it again');
    process.exit(1);
  });
}
