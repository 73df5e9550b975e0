import path from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** How many files, and how many tests, are printed. */
const shown = 10;

interface Timed {
  readonly name: string;
  readonly milliseconds: number;
}

/** Prints the slowest files and the slowest tests at the end of a run of many files. */
export default class Slowest implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= shown) return;
    console.log(slowestText(modules));
  }
}

function slowestText(modules: readonly TestModule[]): string {
  const files = modules.map((module) => ({
    name: fileOf(module),
    milliseconds: module.diagnostic().duration,
  }));
  const tests = modules.flatMap((module) =>
    Array.from(module.children.allTests(), (test) => ({
      name: `${fileOf(module)}: ${test.fullName}`,
      milliseconds: test.diagnostic()?.duration ?? 0,
    })),
  );
  return [
    '',
    'Slowest files, hooks included:',
    ...lines(files),
    '',
    'Slowest tests:',
    ...lines(tests),
    '',
  ].join('\n');
}

function fileOf({ moduleId }: TestModule): string {
  return path.relative(process.cwd(), moduleId);
}

function lines(timed: readonly Timed[]): string[] {
  return timed
    .toSorted((one, other) => other.milliseconds - one.milliseconds)
    .slice(0, shown)
    .map(({ name, milliseconds }) => `${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${name}`);
}
