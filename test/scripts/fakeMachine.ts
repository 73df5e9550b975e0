import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const setupFolder = new URL('../../scripts/setup/', import.meta.url);
const runSeconds = 500;

/** What a set-up function printed and gave back. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  /** What the function resolved with, through JSON. */
  readonly result: unknown;
}

/**
 * A machine as the set-up sees it: a PATH, a home with a cache and an environment of its own. The set-up runs as
 * a program of its own there, since it reads all three from its process.
 */
export class FakeMachine {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'ehr-setup-'));
  readonly bin = path.join(this.folder, 'bin');
  readonly cacheBin = path.join(this.folder, 'cache', 'ehr-pipeline', 'bin');

  constructor() {
    mkdirSync(this.bin, { recursive: true });
    mkdirSync(this.cacheBin, { recursive: true });
    // What shell scripts and the set-up itself need of a system.
    for (const tool of ['cat', 'cp', 'chmod', 'sleep', 'mkdir'])
      symlinkSync(`/bin/${tool}`, path.join(this.bin, tool));
  }

  /** Puts a program on the machine that runs these lines of shell. */
  addProgram(file: string, lines: string): string {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${lines}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  onPath(name: string, lines: string): string {
    return this.addProgram(path.join(this.bin, name), lines);
  }

  inCache(name: string, lines: string): string {
    return this.addProgram(path.join(this.cacheBin, name), lines);
  }

  /** Runs `expression` with the exports of one module of scripts/setup in scope as `setup`. */
  async run(module: string, expression: string, environment: Record<string, string> = {}): Promise<Ended> {
    const resultFile = path.join(this.folder, `result-${String(Math.random()).slice(2)}.json`);
    const program = [
      `import * as setup from '${new URL(module, setupFolder).href}';`,
      `import { writeFileSync } from 'node:fs';`,
      `const result = await ${expression};`,
      `writeFileSync(${JSON.stringify(resultFile)}, JSON.stringify(result ?? null));`,
    ].join('\n');
    try {
      const done = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
        env: this.environment(environment),
        timeout: runSeconds * 1000,
      });
      const { default: result } = (await import(resultFile, { with: { type: 'json' } })) as {
        default: unknown;
      };
      return { code: 0, output: done.stdout + done.stderr, result };
    } catch (error) {
      const failed = error as { code?: unknown; stdout?: string; stderr?: string };
      if (typeof failed.code !== 'number') throw error;
      return { code: failed.code, output: `${failed.stdout}${failed.stderr}`, result: undefined };
    }
  }

  private environment(own: Record<string, string>): NodeJS.ProcessEnv {
    return {
      PATH: this.bin,
      HOME: this.folder,
      XDG_CACHE_HOME: path.join(this.folder, 'cache'),
      // A proxy where nothing listens: no test ever downloads, wherever it runs.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      https_proxy: 'http://127.0.0.1:9',
      ...own,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
