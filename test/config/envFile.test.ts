import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, enterEnvFile } from '../../src/config.ts';
import { readEnvText } from '../../src/config/envFile.ts';

const taken = [
  "A='mysql://ehr:choose-one@127.0.0.1:3306/ehr'",
  'B=http://127.0.0.1:8099/login?x=1',
  `C='p#ss $word \\ "q" ;&|'`,
  'D="two words # no comment"',
  'E=c29tZSBrZXk=+/9A==',
  'export F=exported',
  'G=',
  'H=plain # a comment',
  'I=/home/ehr/ehr-artifacts  ',
  '# a comment = nothing',
  "  J='indented'  # and 'told' \"about\"",
  'K=first',
  'K=second',
];

describe('what a file of variables says', () => {
  test('is what a shell and Node read', () => {
    const text = `${taken.join('\n')}\n`;
    const { variables, problems } = readEnvText(text);
    expect(problems).toEqual([]);
    const read = Object.fromEntries(variables);
    const names = Object.keys(read);
    expect(names).toHaveLength(11);
    const shell = execFileSync(
      'sh',
      ['-c', `set -a\n${text}\nexec "$NODE" -p 'JSON.stringify(process.env)'`],
      {
        env: { NODE: process.execPath, PATH: process.env['PATH'] },
        encoding: 'utf8',
      },
    );
    const byShell = JSON.parse(shell) as Record<string, string>;
    expect(Object.fromEntries(names.map((name) => [name, byShell[name]]))).toEqual(read);
    expect({ ...parseEnv(text) }).toEqual(read);
  });

  test.each([
    { title: 'a sign at which Node cuts', line: 'SECRET=hush#1' },
    { title: 'what a shell replaces', line: 'SECRET=$HOME/hush' },
    { title: 'what a shell replaces in double quotes', line: 'SECRET="hush$1"' },
    { title: 'what a shell runs', line: 'SECRET=`hush`' },
    { title: 'what begins a second command', line: 'SECRET=hush;1' },
    { title: 'two words', line: 'SECRET=hush hush' },
    { title: 'a backslash', line: String.raw`SECRET="hush\n"` },
    { title: 'a quote that does not end', line: "SECRET='hush" },
    { title: 'quotes side by side', line: String.raw`SECRET='hu'\''sh'` },
    { title: 'a home folder', line: 'SECRET=~/hush' },
    { title: 'a tab at its end', line: 'SECRET=hush\t' },
    { title: 'a line of Windows', line: 'SECRET=hush\r' },
    { title: 'no variable', line: 'hush' },
    { title: 'spaces around the sign', line: 'SECRET = hush' },
  ])('is refused by its line where they differ, and not quoted: $title', ({ line }) => {
    const { problems } = readEnvText(`A=1\n\n${line}\n`);
    expect(problems).toEqual([expect.stringMatching(/^3: /)]);
    expect(problems.join()).not.toContain('hush');
  });
});

describe('the environment of a process', () => {
  const kept = { ...process.env };
  const folder = mkdtempSync(path.join(tmpdir(), 'ehr-env-'));
  const file = path.join(folder, 'ehr.env');
  beforeAll(() =>
    writeFileSync(
      file,
      'EHR_CONFIG=/of/the/file\nEHR_ARTIFACTS=/of/the/file\nDATABASE_URL=file\nEHR_NAME_KEY_FILE=/f\n',
    ),
  );
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
    Object.assign(process.env, kept);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('wins over the file, in either form of a secret', () => {
    Object.assign(process.env, { EHR_CONFIG: 'mine', DATABASE_URL_FILE: 'mine', EHR_NAME_KEY: 'mine' });
    enterEnvFile(file);
    const { EHR_CONFIG, EHR_ARTIFACTS, DATABASE_URL, EHR_NAME_KEY_FILE } = process.env;
    expect({ EHR_CONFIG, EHR_ARTIFACTS, DATABASE_URL, EHR_NAME_KEY_FILE }).toEqual({
      EHR_CONFIG: 'mine',
      EHR_ARTIFACTS: '/of/the/file',
      DATABASE_URL: undefined,
      EHR_NAME_KEY_FILE: undefined,
    });
  });

  test('names the file, and none if blank', () => {
    process.env['EHR_ENV'] = '';
    enterEnvFile();
    expect(process.env['EHR_ARTIFACTS']).toBe(kept['EHR_ARTIFACTS']);
    process.env['EHR_ENV'] = file;
    enterEnvFile();
    expect(process.env['EHR_ARTIFACTS']).toBe('/of/the/file');
  });

  test('cannot name a file that is not there', () => {
    expect(() => enterEnvFile(path.join(folder, 'none.env'))).toThrow(ConfigError);
    expect(() => enterEnvFile(path.join(folder, 'none.env'))).toThrow(/ENOENT/);
  });
});
