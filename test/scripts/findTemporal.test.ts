import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeMachine } from './fakeMachine.ts';

const answers = 'echo "temporal version 9.9.9"';
const broken = 'exit 3';
/** Stands for `go install`: leaves the same program in GOBIN, and takes a moment as the real one does. */
const goThatBuilds = `sleep 0.2; printf '#!/bin/sh\\necho "temporal version built"\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"`;

const find = 'setup.findTemporal({ nodeModules: Promise.resolve() })';

// Each starts programs of its own, beside which builds may be going on.
let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

describe('finding Temporal', () => {
  test('TEMPORAL_CLI_PATH comes before the PATH', async () => {
    machine.onPath('temporal', answers);
    const named = machine.addProgram(path.join(machine.folder, 'elsewhere', 'temporal'), answers);
    expect((await machine.run('temporal.mjs', find, { TEMPORAL_CLI_PATH: named })).result).toBe(named);
  });

  test('a TEMPORAL_CLI_PATH that does not answer is an error that names it, and not passed over', async () => {
    machine.onPath('temporal', answers);
    const ended = await machine.run('temporal.mjs', find, { TEMPORAL_CLI_PATH: '/nowhere/temporal' });
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('TEMPORAL_CLI_PATH is /nowhere/temporal, which does not answer');
  });

  test('the PATH comes before the cache', async () => {
    const onPath = machine.onPath('temporal', answers);
    machine.inCache('temporal', answers);
    expect((await machine.run('temporal.mjs', find)).result).toBe(onPath);
  });

  test('the cache of an earlier set-up is used, and a broken binary on the PATH passed over', async () => {
    machine.onPath('temporal', broken);
    const cached = machine.inCache('temporal', answers);
    expect((await machine.run('temporal.mjs', find)).result).toBe(cached);
  });

  test('where the download fails it is built with Go, into the cache', async () => {
    machine.onPath('go', goThatBuilds);
    const ended = await machine.run('temporal.mjs', find);
    expect(ended.output).toContain('the download failed');
    expect(ended.result).toBe(path.join(machine.cacheBin, 'temporal'));
    expect(readFileSync(path.join(machine.cacheBin, 'temporal'), 'utf8')).toContain('built');
  });

  test('two set-ups at once both get a whole binary and leave nothing behind', async () => {
    machine.onPath('go', goThatBuilds);
    const both = await Promise.all([machine.run('temporal.mjs', find), machine.run('temporal.mjs', find)]);
    expect(both.map(({ result }) => result)).toEqual(Array(2).fill(path.join(machine.cacheBin, 'temporal')));
    expect(readdirSync(path.dirname(machine.cacheBin))).toEqual(['bin']);
  });

  test('a build that fails leaves no binary and says what Go said', async () => {
    machine.onPath('go', 'echo "no space left on device" >&2; exit 1');
    const ended = await machine.run('temporal.mjs', find);
    expect(ended.output).toContain('no space left on device');
    expect(existsSync(path.join(machine.cacheBin, 'temporal'))).toBe(false);
  });

  test('with nothing at hand, one message lists what was tried and what to install', async () => {
    const ended = await machine.run('temporal.mjs', find);
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('The Temporal CLI is missing, and it could not be fetched here.');
    expect(ended.output).toContain('Go is not on the PATH');
    expect(ended.output).toContain('install Go 1.24 or newer');
  });
});

describe('finding tctl', () => {
  const findTctl = 'setup.findTctl({ after: Promise.resolve() })';

  test('without Go it is skipped with a word, not a failure', async () => {
    const ended = await machine.run('tctl.mjs', findTctl);
    expect(ended).toMatchObject({ code: 0, result: null });
    expect(ended.output).toContain('tests that need it are skipped');
  });

  test('it is built from a copy of the module, whose own files stay as they are', async () => {
    const source = path.join(machine.folder, 'module');
    machine.addProgram(path.join(source, 'cmd', 'tctl', 'main.go'), '');
    machine.onPath(
      'go',
      `if [ "$1" = mod ]; then echo '{"Dir": "${source}"}'; else printf '#!/bin/sh\\npwd\\n' > "$3"; chmod +x "$3"; pwd > ${machine.folder}/built-in; fi`,
    );
    const ended = await machine.run('tctl.mjs', findTctl);
    expect(ended.result).toBe(path.join(machine.cacheBin, 'tctl'));
    expect(readFileSync(path.join(machine.folder, 'built-in'), 'utf8')).not.toContain(`${source}\n`);
  });
});
