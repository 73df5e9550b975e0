import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What may be written down of an error that nobody expected: its text may come from a page, a driver or a row. */
export interface ErrorTrace {
  readonly class: string;
  /** Such as ECONNRESET. */
  readonly code?: string;
  /** `src/portal/locate.ts:12:5`, the place of the error first; our own files only. */
  readonly frames: readonly string[];
}

/** Deeper ones only repeat how the program starts. */
const frameLimit = 12;
/** `src/` or, where it was built, `dist/src/`. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));

export function errorTrace(error: unknown): ErrorTrace {
  if (!(error instanceof Error)) return { class: typeof error, frames: [] };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return {
    // Not its name, which any text can be.
    class: error.constructor.name,
    ...(/^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? { code } : {}),
    frames: ownFrames(error),
  };
}

function ownFrames({ stack, message }: Error): string[] {
  if (typeof stack !== 'string') return [];
  // The message stands above the frames, and may look like one.
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
