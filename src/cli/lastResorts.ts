import { errorTrace } from '../observability/errorTrace.ts';
import { showSourcePlaces } from '../observability/sourcePlaces.ts';
import { exitCodes } from './exitCodes.ts';

/** 128 plus the number of SIGPIPE: what shells report for a program that wrote to a closed pipe. */
const closedPipe = 141;

/** Ends the client when its reader has seen enough, as in `client … | head`. A run that was followed continues. */
export function endWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(closedPipe);
    });
  }
}

/** An uncaught error is a defect of this program. Its text may come from a driver or a row. */
export function endOnUncaught(): void {
  showSourcePlaces();
  process.on('uncaughtException', (error) => {
    const { class: name, code, frames } = errorTrace(error);
    const what = code === undefined ? name : `${name} ${code}`;
    console.error(
      [`This program has a defect: ${what}`, ...frames.map((frame) => `  at ${frame}`)].join('\n'),
    );
    process.exit(exitCodes.failed);
  });
}
