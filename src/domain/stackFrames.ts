/** No frame is this long; the patterns below start again at each `at` of a line. */
const longestFrame = 500;

/**
 * A line of a stack without the program's path on the machine: from `node_modules/` or `src/` on, both from source and
 * in a build.
 */
export function withoutMachine(frame: string): string {
  const line = frame.slice(0, longestFrame);
  const ofPackage = line.replace(/(\(|at )[^()]*?\/(?=node_modules\/)/, '$1');
  return ofPackage === line ? line.replace(/(\(|at )[^()]*\/(?=src\/)/, '$1') : ofPackage;
}
