/** No frame is as long; the patterns below begin anew at each `at` of a line. */
const longestFrame = 500;

/**
 * A line of a stack without where on the machine the program lies: from `node_modules/` or `src/` on, whether it runs
 * from source or as it was built.
 */
export function withoutMachine(frame: string): string {
  const line = frame.slice(0, longestFrame);
  const ofPackage = line.replace(/(\(|at )[^()]*?\/(?=node_modules\/)/, '$1');
  return ofPackage === line ? line.replace(/(\(|at )[^()]*\/(?=src\/)/, '$1') : ofPackage;
}
