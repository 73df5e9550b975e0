import { errorTrace } from '../observability/errorTrace.ts';
import { exitCodes } from './exitCodes.ts';

/** 128 and the number of SIGPIPE: what a shell says of a program that wrote to a pipe without a reader. */
const closedPipe = 141;

/** What `client … | head` comes to: whoever read us has seen enough. A run that was followed goes on. */
export function endWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(closedPipe);
    });
  }
}

/** An error that nobody caught is a defect of this program. Its text may come from a driver or a row. */
export function endOnUncaught(): void {
  process.on('uncaughtException', (error) => {
    const { class: name, code, frames } = errorTrace(error);
    const what = code === undefined ? name : `${name} ${code}`;
    console.error(
      [`This program has a defect: ${what}`, ...frames.map((frame) => `  at ${frame}`)].join('\n'),
    );
    process.exit(exitCodes.failed);
  });
}
