import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What may be logged of an unexpected error: its text may come from a page, a driver or a row. */
export interface ErrorTrace {
  readonly class: string;
  /** Such as ECONNRESET. */
  readonly code?: string;
  /** `src/portal/locate.ts:12:5`, innermost first; our own files only. */
  readonly frames: readonly string[];
}

/** Deeper frames only repeat how the program starts. */
const frameLimit = 12;
/** `src/`, or `dist/src/` in a build. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));

export function errorTrace(error: unknown): ErrorTrace {
  if (!(error instanceof Error)) return { class: typeof error, frames: [] };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return {
    // Not `error.name`, which can be any text.
    class: error.constructor.name,
    ...(/^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? { code } : {}),
    frames: ownFrames(error),
  };
}

function ownFrames({ stack, message }: Error): string[] {
  if (typeof stack !== 'string') return [];
  // The message comes before the frames, and may look like one.
  return stack
    .replace(message, '')
    .split('\n')
    .flatMap((line) => ownFrame(line) ?? [])
    .slice(0, frameLimit);
}

function ownFrame(line: string): string | undefined {
  if (line.length > 1000) return undefined;
  const [, file = '', place = ''] = /^ {4}at .*?((?:file:\/\/)?\/[^()]*?):(\d+:\d+)\)?$/.exec(line) ?? [];
  const within = path.relative(ownFolder, file.replace(/^file:\/\//, ''));
  return /^[\w-]+(?:\/[\w-]+)*\.[cm]?[jt]s$/.test(within) ? `src/${within}:${place}` : undefined;
}
