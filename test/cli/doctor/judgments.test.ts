import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { countWords, findingLines } from '../../../src/cli/doctor.ts';
import { ConfigError } from '../../../src/config.ts';
import {
  bulkVerdict,
  codeVerdict,
  durabilityVerdicts,
  figuresVerdict,
  migrationVerdict,
  historyVerdict,
  nameKeyVerdict,
  olderRulesVerdicts,
  respiteVerdict,
  rightsVerdict,
  tableVerdicts,
  unmatchedVerdict,
} from '../../../src/cli/doctor/database.ts';
import { PartExamination, verdictOf, type Finding } from '../../../src/cli/doctor/examination.ts';
import {
  downloadsVerdict,
  examineDashboardFolder,
  keptKeysVerdict,
  modeVerdict,
  ownerVerdict,
  spaceVerdict,
} from '../../../src/cli/doctor/files.ts';
import { browserVerdict, nodeVerdict } from '../../../src/cli/doctor/machine.ts';
import { fileRetentionVerdict, dataKeyVerdict } from '../../../src/cli/doctor/settings.ts';
import { sourcesVerdict } from '../../../src/cli/doctor/sources.ts';
import { attributeVerdicts, retentionVerdict, workerVerdict } from '../../../src/cli/doctor/temporal.ts';
import { clockVerdict, hostOf, transportVerdict } from '../../../src/cli/doctor/transport.ts';
import { PipelineError } from '../../../src/domain/failures.ts';
import { isLoopback } from '../../../src/domain/loopback.ts';
import { wideRights } from '../../../src/warehouse/rights.ts';
import { createNameKeys } from '../../../src/domain/nameKeys.ts';
import type { Rules } from '../../../src/domain/rules.ts';

describe('Node', () => {
  test.each([
    { version: '20.18.3', state: 'problem' },
    { version: '18.20.0', state: 'problem' },
    { version: '20.19.0', state: 'ok' },
    { version: '22.1.0', state: 'ok' },
    { version: '24.9.9', state: 'ok' },
    { version: '27.0.0', state: 'note' },
  ])('$version is $state', ({ version, state }) => {
    expect(nodeVerdict(version, '>=20.19').state).toBe(state);
  });
});

describe('the data key', () => {
  test.each([
    { ids: [], state: 'note', says: 'EHR_DATA_KEY is not set' },
    { ids: ['ab'], state: 'ok', says: 'new files are sealed with the data key ab' },
    { ids: ['ab', 'cd'], state: 'ok', says: 'new files are sealed with the data key ab; cd only opens' },
  ])('$ids is $state', ({ ids, state, says }) => {
    const verdict = dataKeyVerdict(ids.map((id) => ({ id })));
    expect(verdict.state).toBe(state);
    expect(verdict.what).toContain(says);
  });

  test.each([
    { found: [], keys: ['ab'], state: undefined, says: '' },
    {
      found: ['ab', 'ab'],
      keys: ['ab'],
      state: 'ok',
      says: 'the 2 kept files that were looked at can be opened',
    },
    { found: [undefined], keys: [], state: 'ok', says: 'can be opened' },
    { found: ['ab', 'cd', undefined], keys: ['ab', 'cd'], state: 'ok', says: '2 not with the first key' },
    { found: ['ab', 'ef', 'ef'], keys: ['ab'], state: 'problem', says: '2 of 3 kept files' },
    { found: ['ab'], keys: [], state: 'problem', says: 'not given here: ab' },
  ])('kept files of $found are $state with $keys', ({ found, keys, state, says }) => {
    const [verdict] = [keptKeysVerdict(found, keys)].flat();
    expect(verdict?.state).toBe(state);
    expect(verdict?.what ?? '').toContain(says);
  });

  test.each([
    { isInMemory: true, megabytes: 512, state: 'ok' },
    { isInMemory: true, megabytes: 64, state: 'problem' },
    { isInMemory: false, megabytes: 9000, state: 'note' },
  ])('downloads are $state: in memory $isInMemory, $megabytes MB', ({ isInMemory, megabytes, state }) => {
    expect(downloadsVerdict({ isInMemory, freeBytes: megabytes * 1024 * 1024 }, '/d').state).toBe(state);
  });
});

test.each([
  { title: 'no section retention', verdict: fileRetentionVerdict({ retention: undefined }), state: 'note' },
  { title: 'runs without their days', verdict: historyVerdict(3), state: 'note' },
  { title: 'all days', verdict: historyVerdict(0), state: 'ok' },
])('$title is $state', ({ verdict, state }) => {
  expect(verdict.state).toBe(state);
});

test('a browser that is not there is reported with the command that installs one', () => {
  expect(browserVerdict('/b', () => false)).toMatchObject({
    state: 'problem',
    remedy: expect.stringContaining('npx playwright install') as string,
  });
  expect(browserVerdict('/b', () => true).state).toBe('ok');
});

describe('a connection', () => {
  test.each([
    { host: 'localhost', encrypted: false, state: 'ok' },
    { host: '127.0.0.1', encrypted: false, state: 'ok' },
    { host: '127.8.9.1', encrypted: false, state: 'ok' },
    { host: '[::1]', encrypted: false, state: 'ok' },
    { host: '::1', encrypted: false, state: 'ok' },
    { host: 'db.example.com', encrypted: true, state: 'ok' },
    { host: 'db.example.com', encrypted: false, state: 'problem' },
    { host: '10.0.0.7', encrypted: false, state: 'problem' },
    { host: '127.example.com', encrypted: false, state: 'problem' },
    { host: 'localhost.example.com', encrypted: false, state: 'problem' },
  ])('to $host, encrypted: $encrypted, is $state', ({ host, encrypted, state }) => {
    expect(transportVerdict({ to: 'x', host, encrypted, remedy: 'r' }).state).toBe(state);
  });

  test('is judged by the host of its address', () => {
    expect(hostOf('temporal.example.com:7233')).toBe('temporal.example.com');
    expect(isLoopback(hostOf('[::1]:7233'))).toBe(true);
  });
});

describe('a clock', () => {
  const ours = new Date('2026-11-16T08:30:00Z');
  test.each([
    { apart: 0, answeredSeconds: 0, state: 'ok' },
    { apart: 5, answeredSeconds: 0, state: 'ok' },
    { apart: -6, answeredSeconds: 0, state: 'note' },
    { apart: 31, answeredSeconds: 0, state: 'problem' },
    { apart: 31, answeredSeconds: 1, state: 'note' },
    { apart: -3600, answeredSeconds: 2, state: 'problem' },
  ])('$apart s apart, answered in $answeredSeconds s, is $state', ({ apart, answeredSeconds, state }) => {
    const theirs = new Date(ours.getTime() + apart * 1000);
    expect(clockVerdict('its', { theirs, ours, answeredSeconds }).state).toBe(state);
  });

  test('says which way it is wrong', () => {
    const theirs = new Date(ours.getTime() + 60_000);
    expect(clockVerdict("the portal's", { theirs, ours, answeredSeconds: 0 }).what).toBe(
      "this machine's clock is 60 s behind the portal's",
    );
  });
});

describe('durability', () => {
  const safe = { innodb_flush_log_at_trx_commit: '1', innodb_doublewrite: 'ON', log_bin: 'OFF' } as const;
  test.each([
    { title: 'all safe', durability: safe, states: ['ok'] },
    { title: 'flush 0', durability: { ...safe, innodb_flush_log_at_trx_commit: '0' }, states: ['problem'] },
    { title: 'flush 2', durability: { ...safe, innodb_flush_log_at_trx_commit: '2' }, states: ['problem'] },
    { title: 'no doublewrite', durability: { ...safe, innodb_doublewrite: 'OFF' }, states: ['problem'] },
    {
      title: 'MySQL that only detects half-written pages',
      durability: { ...safe, innodb_doublewrite: 'DETECT_ONLY' },
      states: ['problem'],
    },
    {
      title: "MySQL's other word for on",
      durability: { ...safe, innodb_doublewrite: 'DETECT_AND_RECOVER' },
      states: ['ok'],
    },
    {
      title: 'a binary log that is not synced',
      durability: { ...safe, log_bin: 'ON', sync_binlog: '0' },
      states: ['note'],
    },
    { title: 'no binary log to sync', durability: { ...safe, sync_binlog: '0' }, states: ['ok'] },
    { title: 'a server that does not say', durability: {}, states: ['problem', 'problem'] },
  ])('$title', ({ durability, states }) => {
    expect(durabilityVerdicts({ durability, isMariaDb: false }).map(({ state }) => state)).toEqual(states);
  });

  test('is mended in the words of each server', () => {
    const durability = { ...safe, innodb_flush_log_at_trx_commit: '2' };
    const remedy = (isMariaDb: boolean) => durabilityVerdicts({ durability, isMariaDb })[0]!.remedy;
    expect(remedy(false)).toBe('SET PERSIST innodb_flush_log_at_trx_commit = 1;');
    expect(remedy(true)).toMatch(/^SET GLOBAL innodb_flush_log_at_trx_commit = 1; and .*\[mysqld\]/);
  });
});

test.each([
  { title: 'bulk rows by inserts', verdict: bulkVerdict('inserts', false), state: 'note' },
  { title: 'a right that runs need', verdict: rightsVerdict(['DELETE', 'DROP'], 'ehr'), state: 'problem' },
  { title: 'rights that migrate alone needs', verdict: rightsVerdict(['CREATE VIEW'], 'ehr'), state: 'ok' },
  { title: 'all rights', verdict: rightsVerdict([], 'ehr'), state: 'ok' },
  { title: 'a missing migration', verdict: migrationVerdict({ missing: 1, unknown: 0 }), state: 'problem' },
  { title: 'an unknown migration', verdict: migrationVerdict({ missing: 0, unknown: 1 }), state: 'note' },
  { title: 'tables up to date', verdict: migrationVerdict({ missing: 0, unknown: 0 }), state: 'ok' },
  { title: 'no run yet', verdict: codeVerdict(undefined, ['a']), state: 'ok' },
  { title: 'a run of this code', verdict: codeVerdict('b', ['a', 'b']), state: 'ok' },
  { title: 'a run of other code', verdict: codeVerdict('c', ['a', 'b']), state: 'note' },
  { title: 'a folder for its owner', verdict: modeVerdict(0o40_700, '/f'), state: 'ok' },
  { title: 'a folder for a group', verdict: modeVerdict(0o40_750, '/f'), state: 'ok' },
  { title: 'a folder for all', verdict: modeVerdict(0o40_755, '/f'), state: 'problem' },
  { title: 'a folder that all may pass through', verdict: modeVerdict(0o40_701, '/f'), state: 'problem' },
  { title: 'a folder of our own', verdict: ownerVerdict(1000, 1000, '/f'), state: 'ok' },
  { title: "a folder of somebody else's", verdict: ownerVerdict(1000, 0, '/f'), state: 'note' },
  { title: 'room enough', verdict: spaceVerdict(2e9, '/f'), state: 'ok' },
  { title: 'no room', verdict: spaceVerdict(1.9e9, '/f'), state: 'problem' },
  { title: 'three days of histories', verdict: retentionVerdict(3 * 86_400, 'n'), state: 'ok' },
  { title: 'one day of histories', verdict: retentionVerdict(86_400, 'n'), state: 'note' },
])('$title: $state', ({ verdict, state }) => {
  expect(verdict.state).toBe(state);
  expect(verdict.remedy === undefined).toBe(state === 'ok');
});

test('a search attribute of a wrong type is removed before it is made again', () => {
  expect(attributeVerdicts({ missing: [], wrongType: ['EhrReport'] }, 'ehr')).toEqual([
    {
      state: 'problem',
      what: 'the search attribute EhrReport is not of type Keyword',
      remedy:
        'temporal operator search-attribute remove --namespace ehr --name EhrReport --yes && temporal operator search-attribute create --namespace ehr --name EhrReport --type Keyword',
    },
  ]);
});

test('a queue that nobody asks for work is reported with how to start a worker', () => {
  const queue = { name: 'ehr-portal', type: 'activity' } as const;
  expect(workerVerdict({ queue, present: [] })).toMatchObject({
    state: 'problem',
    what: 'no worker takes activities of ehr-portal: runs that are started wait',
  });
  expect(workerVerdict({ queue, present: ['1@host'] }).what).toBe(
    'activities of ehr-portal are taken by 1@host',
  );
});

test('a worker that has gone is named, with its last sign of life', () => {
  const queue = { name: 'ehr-pipeline', type: 'workflow' } as const;
  const gone = { identity: '1@host', silentSeconds: 67 };
  expect(workerVerdict({ queue, present: [], gone })).toMatchObject({
    state: 'problem',
    what: 'no worker takes workflows of ehr-pipeline, 1@host is gone (it last asked for work 67 s ago): runs that are started wait',
  });
});

test.each([
  { state: 'active', verdict: { state: 'ok' } },
  {
    state: 'paused',
    verdict: { state: 'note', remedy: 'temporal schedule toggle --unpause -s ehr-sources' },
  },
  { state: 'absent', verdict: { state: 'problem', remedy: 'npm run client -- schedule apply' } },
] as const)('a schedule of the sources that is $state', ({ state, verdict }) => {
  expect(sourcesVerdict(state)).toMatchObject(verdict);
});

test('a schedule of the sources is that of the agency which the command acts for', () => {
  vi.stubEnv('EHR_AGENCY', 'acme');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(sourcesVerdict('paused')).toMatchObject({
    what: 'the schedule acme:ehr-sources is paused: files wait',
    remedy: 'temporal schedule toggle --unpause -s acme:ehr-sources',
  });
});

describe('the name key', () => {
  const key = 'an invented key for the tests, 0123456789';
  const name = 'DOE, JANE';
  const loaded = [{ name, key: createNameKeys(key)(name) }];

  test('is judged by what is loaded', () => {
    expect(nameKeyVerdict([], key).state).toBe('ok');
    expect(nameKeyVerdict(loaded, key).state).toBe('ok');
    expect(nameKeyVerdict(loaded, `${key}!`).state).toBe('problem');
  });

  test('is shown by no verdict, nor is the name', () => {
    const text = JSON.stringify([nameKeyVerdict(loaded, key), nameKeyVerdict(loaded, `${key}!`)]);
    expect(text).not.toContain(key);
    expect(text).not.toContain(name);
  });
});

describe('what a check throws', () => {
  const secret = 'Passw0rd of somebody';

  test.each([
    {
      title: 'a failure of the list is told with its type and hint',
      error: new PipelineError('PortalLocked', 'locked', { hint: 'Ask.' }),
      what: 'x: PortalLocked: locked',
      remedy: 'Ask.',
    },
    {
      title: 'a wrong setting is told with all its mistakes',
      error: new ConfigError(['A: not set', 'B: got 1']),
      what: 'x: A: not set; B: got 1',
      remedy: 'Set what is named there; README.md lists the variables.',
    },
    {
      title: 'anything else by its class and code, without its text',
      error: Object.assign(new TypeError(secret), { code: 'E_X' }),
      what: 'x: failed unexpectedly (TypeError E_X)',
      remedy: expect.stringContaining('report it') as string,
    },
    {
      title: 'even what is no error',
      error: secret,
      what: 'x: failed unexpectedly (string)',
      remedy: expect.stringContaining('report it') as string,
    },
  ])('$title', ({ error, what, remedy }) => {
    expect(verdictOf('x', error)).toEqual({ state: 'problem', what, remedy });
  });

  test('hides no other check', async () => {
    const findings: Finding[] = [];
    const part = new PartExamination('files', (finding) => findings.push(finding));
    await part.check('one', () => Promise.reject(new Error(secret)));
    await part.check('two', () => ({ state: 'ok', what: 'two is well' }));
    part.unchecked('three', 'one failed');
    expect(findings.map(({ state }) => state)).toEqual(['problem', 'ok', 'unchecked']);
    expect(findings[2]!.what).toBe('three: not checked, because one failed');
    expect(JSON.stringify(findings)).not.toContain(secret);
  });

  test('or does not answer in time is a problem', async () => {
    const findings: Finding[] = [];
    const part = new PartExamination('files', (finding) => findings.push(finding));
    expect(await part.look('a disk', () => new Promise(() => {}), 0.01)).toBeUndefined();
    expect(findings).toMatchObject([{ state: 'problem', what: 'a disk: no answer within 0.01 s' }]);
  });
});

test('a finding is one line, with its remedy under it', () => {
  expect(findingLines({ part: 'files', state: 'problem', what: 'no room', remedy: 'Make some.' })).toBe(
    'PROBLEM  files     no room\n                   → Make some.',
  );
  expect(countWords({ problems: 1, notes: 0, unchecked: 2 })).toBe('1 problem, 0 notes, 2 not checked');
});

describe('the folder for dashboards', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ehr-doctor-'));
    await writeFile(path.join(folder, 'file'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function examined(...place: string[]): Promise<Finding[]> {
    const findings: Finding[] = [];
    await examineDashboardFolder(
      new PartExamination('files', (finding) => findings.push(finding)),
      path.join(folder, ...place),
    );
    return findings;
  }

  test.each([[[]], [['not', 'yet', 'there']]])('may be written or made: %j', async (place) => {
    expect(await examined(...place)).toEqual([
      { part: 'files', state: 'ok', what: `${folder} can be written to` },
    ]);
    expect(await readdir(folder)).toEqual(['file']);
  });

  test.each([[['file']], [['file', 'below']]])('is no file and lies in none: %j', async (place) => {
    expect(await examined(...place)).toMatchObject([
      {
        state: 'problem',
        what: `${path.join(folder, 'file')} cannot be written to (ENOTDIR)`,
        remedy: expect.stringContaining('dashboards.folder') as string,
      },
    ]);
  });
});

const month = (from: string, to: string, rulesSha256: string | undefined) =>
  ({ report: 'utilization', from, to, rulesSha256 }) as const;

describe('periods under older rules', () => {
  const cycle = { report: 'notes', from: '2026-10-16', to: '2026-10-31', rulesSha256: 'old' } as const;
  const september = month('2026-09-01', '2026-09-30', 'old');
  const october = month('2026-10-01', '2026-10-31', 'new');

  test('are none where all were made under those in force', () => {
    expect(olderRulesVerdicts([october], 'new')).toMatchObject([{ state: 'ok' }]);
    expect(olderRulesVerdicts([], 'new')).toMatchObject([{ state: 'ok' }]);
  });

  test('are listed by report, with their number, range and command', () => {
    const unnoted = month('2026-08-01', '2026-08-31', undefined);
    const found = olderRulesVerdicts([cycle, unnoted, september, october], 'new');
    expect(found.map(({ state, what }) => [state, what])).toEqual([
      ['note', '1 period of notes within 2026-10-16..2026-10-31 show figures made under older rules'],
      ['note', '2 periods of utilization within 2026-08-01..2026-09-30 show figures made under older rules'],
    ]);
    expect(found[1]!.remedy).toContain('reload utilization --from 2026-08-01 --to 2026-09-30');
  });
});

describe('which services are respite', () => {
  const services = [
    { code: 'res', respite: true },
    { code: 'DS', respite: false },
  ];

  test.each([
    { title: 'as pipeline.yaml has it', known: ['RES'], said: services, state: 'ok', what: 'views: RES' },
    {
      title: 'none, as it has it',
      known: [],
      said: [{ code: 'DS', respite: false }],
      state: 'ok',
      what: 'no service',
    },
    { title: 'said to no worker yet', known: undefined, said: services, state: 'note', what: 'marks RES' },
    { title: 'another one', known: ['RS'], said: services, state: 'note', what: 'do not follow it yet' },
    { title: 'not said', known: undefined, said: [], state: 'note', what: 'says of no service' },
    { title: 'no longer said', known: ['RS'], said: [], state: 'note', what: 'says of no service' },
  ])('is $state where it is $title', ({ known, said, state, what }) => {
    const verdict = respiteVerdict(said, known);
    expect(verdict).toMatchObject({ state, what: expect.stringContaining(what) as string });
    expect('remedy' in verdict).toBe(state === 'note');
  });
});

describe('what the dollars are of', () => {
  const months = { from: '2026-05', to: '2026-10' };

  test.each([
    {
      title: 'nothing tells it',
      figuresAre: 'month',
      again: { authorizations: 0, sameAuthorized: 0, usedFell: 0, months: null },
      state: 'ok',
      says: 'nothing tells what the dollars are of',
    },
    {
      title: 'the months fit',
      figuresAre: 'authorization',
      again: { authorizations: 20, sameAuthorized: 19, usedFell: 1, months },
      state: 'ok',
      says: 'utilization 2026-05 to 2026-10 fit reports.utilization.figuresAre: authorization (20 authorizations',
    },
    {
      title: 'whole ones repeat in each month',
      figuresAre: 'month',
      again: { authorizations: 20, sameAuthorized: 19, usedFell: 1, months },
      state: 'note',
      says: 'figuresAre is month, and utilization 2026-05 to 2026-10 contradicts it: 19 of 20 authorizations',
    },
    {
      title: 'those of a month fall',
      figuresAre: 'authorization',
      again: { authorizations: 20, sameAuthorized: 0, usedFell: 15, months },
      state: 'note',
      says: '15 of 20 authorizations that several months list have less used than the month before',
    },
  ] as const)('is $state where $title', ({ figuresAre, again, state, says }) => {
    const verdict = figuresVerdict(figuresAre, again);
    expect(verdict).toMatchObject({ state, what: expect.stringContaining(says) as string });
    const other = figuresAre === 'month' ? 'authorization' : 'month';
    const remedy = expect.stringContaining(`set figuresAre: ${other} in pipeline.yaml`) as string;
    expect(verdict.remedy).toEqual(state === 'note' ? remedy : undefined);
  });
});

describe('rights on tables', () => {
  const all = { lacking: [], excess: [] };
  const allDdl = ['CREATE', 'ALTER', 'INDEX', 'DROP', 'CREATE VIEW'] as const;

  test('that are those of a worker are fine', () => {
    expect(tableVerdicts(all, allDdl)).toMatchObject([{ state: 'ok' }]);
  });

  test('that a worker lacks are a problem, with the first five', () => {
    const lacking = ['a', 'b', 'c', 'd', 'e', 'f'].map((table) => ({ table, right: 'INSERT' as const }));
    const [verdict] = tableVerdicts({ ...all, lacking }, allDdl);
    expect(verdict).toMatchObject({
      state: 'problem',
      what: expect.stringContaining('INSERT on e and 1 more') as string,
    });
    expect(verdict?.remedy).toContain('npm run client -- grants');
  });

  test('beyond those are a note that names them', () => {
    const found = tableVerdicts({ ...all, excess: ['UPDATE on audit_event'] }, ['CREATE', 'ALTER']);
    expect(found.map(({ state }) => state)).toEqual(['ok', 'note']);
    expect(found[1]?.what).toContain('DROP on all tables, UPDATE on audit_event');
    expect(found[1]?.remedy).toContain('npm run client -- grants');
  });

  test.each([
    { grants: ['GRANT USAGE ON *.* TO `w`@`%`', 'GRANT SELECT ON `ehr`.`notes` TO `w`@`%`'], wide: [] },
    {
      grants: ['GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION'],
      wide: ['ALL PRIVILEGES on all databases', 'GRANT OPTION'],
    },
    {
      grants: ["GRANT SELECT, FILE, SUPER ON *.* TO `w`@`%` IDENTIFIED BY PASSWORD '*00'"],
      wide: ['SELECT on all databases', 'FILE on all databases', 'SUPER on all databases'],
    },
    {
      grants: [
        'GRANT A, B, C, D, E, F, G ON *.* TO `w`@`%`',
        'GRANT ALL PRIVILEGES ON `ehr`.* TO `w`@`%` WITH GRANT OPTION',
      ],
      wide: [
        ...['A', 'B', 'C', 'D', 'E'].map((right) => `${right} on all databases`),
        '2 more on all databases',
        'GRANT OPTION',
      ],
    },
    {
      grants: [
        'GRANT `a role ON *.*` TO `w`@`%`',
        'GRANT USAGE ON *.* TO `w`@`%` REQUIRE SSL WITH MAX_USER_CONNECTIONS 5',
      ],
      wide: [],
    },
  ])('on all databases in $grants are $wide', ({ grants, wide }) => {
    expect(wideRights(grants)).toEqual(wide);
  });
});

test('rights that migrate alone needs are asked for where there is something to migrate', () => {
  expect(rightsVerdict(['DELETE', 'DROP'], 'ehr').remedy).toContain('GRANT DELETE ON `ehr`.*');
  expect(migrationVerdict({ missing: 2, unknown: 0 }, ['CREATE', 'DROP'])).toEqual({
    state: 'problem',
    what: 'the tables are 2 migrations behind',
    remedy: 'With an account in DATABASE_URL that has CREATE, DROP too: npm run client -- migrate',
  });
  expect(migrationVerdict({ missing: 0, unknown: 0 }, ['CREATE', 'DROP']).state).toBe('ok');
});

test('an open way that someone has allowed is a note', () => {
  const open = { to: 'the database', host: 'db', encrypted: false, remedy: 'Add ?ssl=true' };
  expect(transportVerdict(open).state).toBe('problem');
  expect(transportVerdict({ ...open, allowedBy: 'DATABASE_ALLOW_PLAINTEXT' })).toMatchObject({
    state: 'note',
    what: expect.stringContaining('as DATABASE_ALLOW_PLAINTEXT allows') as string,
  });
});

test('a rule about nobody is a note, a code of a group that no export has is reported', () => {
  const seen = {
    report: 'utilization',
    services: ['DS'],
    excluded: 0,
    rowsOfQp: new Map(),
    moved: 0,
  } as const;
  const rules = {
    groups: new Map([['IS', 8]]),
    excludedServices: new Set<string>(),
    columnAliases: { utilization: new Map(), notes: new Map() },
  } as unknown as Rules;
  expect(unmatchedVerdict(rules, [])).toMatchObject({ state: 'ok' });
  expect(unmatchedVerdict(rules, [seen])).toEqual({
    state: 'ok',
    what: 'every rule is about a loaded export, but for codes of groups: groups.8: IS',
  });
  const excluding = { ...rules, excludedServices: new Set(['H2015']) };
  expect(unmatchedVerdict(excluding, [{ ...seen, excluded: 1 }]).what).toMatch(
    /groups\.8: IS; only preview shows which codes of excludedServices .* match no heading$/,
  );
  const supervisor = { lincsQp: 'FERNHOLLOW, ADELE', deepCreekQp: 'BRACKENBURY, IVO' };
  const found = unmatchedVerdict({ ...rules, supervisor }, [seen]);
  expect(found).toMatchObject({ state: 'note' });
  expect(found.what).toContain('supervisors.lincsQp, supervisors.deepCreekQp');
});
