import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { isBuilt } from '../domain/builtProgram.ts';

/**
 * Lets stacks of a built program name the lines of its source. The build joins many files, and leaves `.lines.json`
 * beside each one that it writes. `--enable-source-maps` would read the maps of all packages at each start, and a map
 * of ours takes 17 MB of memory.
 */
export function showSourcePlaces(): void {
  if (!isBuilt) return;
  const root = new URL('../../', import.meta.url);
  Error.prepareStackTrace = (error, frames) =>
    [
      Error.prototype.toString.call(error),
      ...frames.map(String).map((frame) => `    at ${sourceFrame(frame, root)}`),
    ].join('\n');
}

interface LineOrigins {
  /** Such as `src/worker.ts`. */
  readonly sources: readonly string[];
  /**
   * Three numbers for each line: the index of its source, and the line and column there. The index is -1 without a
   * source.
   */
  readonly places: readonly number[];
}

/** What the build writes beside a file of JavaScript, from esbuild's map of it. */
export function lineOrigins(code: string, sourceMap: string): LineOrigins {
  const payload = JSON.parse(sourceMap) as SourceMapPayload;
  const map = new SourceMap(payload);
  const indexes = new Map(payload.sources.map((source, index) => [source, index]));
  const places = code.split('\n').flatMap((text, line) => {
    const origin = map.findEntry(line, text.search(/\S|$/));
    if (!('originalSource' in origin)) return [-1, 0, 0];
    return [indexes.get(origin.originalSource) ?? -1, origin.originalLine + 1, origin.originalColumn + 1];
  });
  // From the file's folder: `../../src/…` or `../../node_modules/…`.
  return { sources: payload.sources.map((source) => source.replace(/^(?:\.\.\/)+/, '')), places };
}

/** `file:///srv/ehr/dist/src/worker.js:812:5`, at the end of a frame. */
const builtPlace = /(file:\/\/\/[^()]{1,400}\.js):(\d{1,9}):\d{1,9}(?=\)?$)/;
const known = new Map<string, LineOrigins | undefined>();

/** The frame with the place in the source, as if the source were in `root`; as it is if the build knows no source. */
export function sourceFrame(frame: string, root: URL): string {
  return frame.replace(builtPlace, (place: string, file: string, line: string) => {
    if (!file.startsWith(new URL('src/', root).href)) return place;
    const { sources = [], places = [] } = originsOf(file) ?? {};
    const [index = -1, sourceLine, column] = places.slice(3 * (Number(line) - 1), 3 * Number(line));
    const source = sources[index];
    if (source === undefined) return place;
    return `${new URL(source, root).href}:${String(sourceLine)}:${String(column)}`;
  });
}

function originsOf(file: string): LineOrigins | undefined {
  if (!known.has(file)) known.set(file, readOrigins(file));
  return known.get(file);
}

function readOrigins(file: string): LineOrigins | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`${file}.lines.json`), 'utf8')) as LineOrigins;
  } catch {
    // An error must show with its stack, whatever has become of the build.
    return undefined;
  }
}
