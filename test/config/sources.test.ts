import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourceSecrets, type ConfigError } from '../../src/config.ts';
import { plainPipeline, problemsOf, readText, temporaryFolder } from './pipelineFile.ts';
import { reportNames } from '../../src/reports/index.ts';

/** The section `sources` of pipeline.yaml, and the logins in the environment. */
const hostKey = `SHA256:${'a'.repeat(43)}`;
const firstLine = plainPipeline.split('\n').length;

function withSources(...places: readonly string[]): string {
  const lines = [
    'sources:',
    '  everyMinutes: 15',
    '  places:',
    ...places.map((place) => `    - ${place}`),
    '',
  ];
  return plainPipeline + lines.join('\n');
}

const noteFiles = "files: [{ pattern: 'notes {YYYY-MM-DD}*.csv', report: notes }]";
const server = `{ host: sftp.example.org, user: ehr, folder: /drop, hostKey: '${hostKey}' }`;

test('a folder is counted from the file; a server has the usual port', () => {
  const { sources, folder } = readText(
    withSources(
      `{ name: staff, folder: drop, ${noteFiles} }`,
      `{ name: vendor, sftp: ${server}, ${noteFiles} }`,
    ),
  );
  const files = [{ pattern: 'notes {YYYY-MM-DD}*.csv', report: 'notes' }];
  expect(sources).toEqual({
    everyMinutes: 15,
    quietSeconds: 10,
    places: [
      { name: 'staff', folder: join(folder, 'drop'), files },
      {
        name: 'vendor',
        sftp: { host: 'sftp.example.org', port: 22, user: 'ehr', folder: '/drop', hostKey },
        files,
      },
    ],
  });
});

test('without the section there are none', () => {
  expect(readText(plainPipeline).sources).toBeUndefined();
});

const fileWith = (pattern: string, report: string) =>
  `{ name: staff, folder: drop, files: [{ pattern: '${pattern}', report: ${report} }] }`;

describe('a mistake', () => {
  test.each<{ title: string; places: string[]; says: RegExp }>([
    {
      title: 'neither folder nor server',
      places: [`{ name: staff, ${noteFiles} }`],
      says: /either folder or sftp$/,
    },
    {
      title: 'both',
      places: [`{ name: staff, folder: drop, sftp: ${server}, ${noteFiles} }`],
      says: /either folder or sftp$/,
    },
    {
      title: 'a name that no variable can have',
      places: [`{ name: Vendor_1, folder: drop, ${noteFiles} }`],
      says: /places\[0\]\.name: .*a name of at most 32 letters a-z, digits and hyphens$/,
    },
    {
      title: 'a name that is there twice',
      places: [`{ name: staff, folder: a, ${noteFiles} }`, `{ name: staff, folder: b, ${noteFiles} }`],
      says: new RegExp(
        `:${String(firstLine + 4)}: .*this name is there twice; keep one \\(see line ${String(firstLine + 3)}\\)$`,
      ),
    },
    {
      title: 'a host key in another form',
      places: [`{ name: vendor, sftp: ${server.replace(hostKey, 'ssh-ed25519 AAAA')}, ${noteFiles} }`],
      says: /sftp\.hostKey: .*as ssh-keygen -l shows it/,
    },
    {
      title: 'no host key',
      places: [`{ name: vendor, sftp: ${server.replace(/, hostKey.*/, ' }')}, ${noteFiles} }`],
      says: /sftp\.hostKey: missing/,
    },
    {
      title: 'a password in the wrong file, which is not repeated',
      places: [`{ name: vendor, sftp: ${server.replace('user:', 'password: s3cret, user:')}, ${noteFiles} }`],
      says: /^(?!.*s3cret).*password: unknown key/,
    },
    {
      title: 'an address as host',
      places: [`{ name: v, sftp: ${server.replace('sftp.ex', 'sftp://ex')}, ${noteFiles} }`],
      says: /without sftp:\/\/ and port$/,
    },
    {
      title: 'no pattern',
      places: ['{ name: staff, folder: drop, files: [] }'],
      says: /at least one pattern$/,
    },
    {
      title: 'another report',
      places: [fileWith('a.csv', 'payroll')],
      says: new RegExp(`one of ${reportNames.join(', ')}$`),
    },
    { title: 'a folder in a pattern', places: [fileWith('in/a.csv', 'notes')], says: /without a folder/ },
    {
      title: 'an unknown placeholder',
      places: [fileWith('a {YYYY}.csv', 'notes')],
      says: /pattern: .*whose placeholders are among \{YYYY-MM-DD\}/,
    },
    {
      title: 'a month for a report with two periods in it',
      places: [fileWith('notes {YYYY-MM}.csv', 'notes')],
      says: /a pattern with a day, such as \{YYYY-MM-DD\}: notes has more than one period in a month$/,
    },
    {
      title: 'no date for a report whose rows do not tell their period',
      places: [fileWith('util.csv', 'utilization')],
      says: /a pattern with the date of a day, such as \{YYYY-MM-DD\}: the rows of utilization do not tell their period$/,
    },
  ])('$title', ({ places, says }) => {
    const problems = problemsOf(withSources(...places));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
  });

  test.each([
    ['util {YYYY-MM}.csv', 'utilization'],
    ['notes.csv', 'notes'],
  ])('none: %s of %s', (pattern, report) => {
    expect(problemsOf(withSources(fileWith(pattern, report)))).toEqual([]);
  });
});

describe('the login of a source', () => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----';

  test.each([
    {
      title: 'a password',
      env: () => ({ EHR_SOURCE_MY_VENDOR_PASSWORD: 's3cret' }),
      login: { password: 's3cret' },
    },
    { title: 'a key', env: () => ({ EHR_SOURCE_MY_VENDOR_KEY: key }), login: { key } },
    {
      title: 'a key in a file',
      env: () => {
        const file = join(temporaryFolder(), 'key');
        writeFileSync(file, `${key}\n`);
        return { EHR_SOURCE_MY_VENDOR_KEY_FILE: file };
      },
      login: { key },
    },
  ])('$title', ({ env, login }) => {
    expect(sourceSecrets('my-vendor', env())).toEqual({ password: undefined, key: undefined, ...login });
  });

  test.each([
    {
      title: 'nothing',
      env: {},
      says: /^EHR_SOURCE_MY_VENDOR_PASSWORD: not set, wanted the password .* EHR_SOURCE_MY_VENDOR_KEY_FILE$/,
    },
    {
      title: 'another text than a key',
      env: { EHR_SOURCE_MY_VENDOR_KEY: 's3cret' },
      says: /^(?!.*s3cret)EHR_SOURCE_MY_VENDOR_KEY: got something else/,
    },
  ])('$title is a mistake', ({ env, says }) => {
    let problems: readonly string[] = [];
    try {
      sourceSecrets('my-vendor', env);
    } catch (error) {
      problems = (error as ConfigError).problems;
    }
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
  });
});
