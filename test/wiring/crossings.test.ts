import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { agencyEnvironment, agencyIds, enterAgency, type Environment } from '../../src/config.ts';
import type { ArtifactRef } from '../../src/domain/artifacts.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import { sharedPlaces } from '../../src/wiring/agencyPlaces.ts';
import { isTold } from '../../src/wiring/connectAlerts.ts';
import {
  keptPlaces,
  keptStores,
  openKeptFile,
  openStores,
  prepareFolders,
} from '../../src/wiring/openStores.ts';
import { resealFiles } from '../../src/artifacts/resealing.ts';
import { dataKey } from '../../src/artifacts/seal.ts';

/**
 * Three agencies on one machine, one without an id, whose places hold those of the others; each with a file of a run,
 * evidence, a leftover and a file in its inbox. None may reach those of another in any way.
 */
const everybody = [undefined, 'acme', 'bolt'] as const;
type Somebody = (typeof everybody)[number];

const crossings = everybody.flatMap((from) =>
  everybody.filter((to) => to !== from).map((to) => ({ from, to })),
);

let root: string;
let home: NodeJS.ProcessEnv;
const exports = new Map<Somebody, ArtifactRef>();

const environmentOf = (who: Somebody): Environment =>
  who === undefined ? home : agencyEnvironment(who, home);
const nameOf = (who: Somebody) => who ?? 'home';
const evidenceOf = (who: Somebody) =>
  `evidence/notes-2026-10-01..2026-10-15-20250101t000000z-${Buffer.from(nameOf(who)).toString('hex').slice(0, 6)}`;

function runOf(who: Somebody): RunIdentity {
  return {
    runId: `0197f3c2-5a1e-7c44-9d2b-${Buffer.from(nameOf(who).padEnd(6)).toString('hex')}`,
    workflowId: 'notes:2026-10-01..2026-10-15',
    report: 'notes',
    period: { from: '2026-10-01', to: '2026-10-15' },
    source: 'portal',
    startedAt: '2026-11-01T08:00:00.000Z',
  } as RunIdentity;
}

function placesOf(who: Somebody) {
  const { EHR_ARTIFACTS: folder = '', EHR_INBOX: inbox = path.join(folder, 'inbox') } = environmentOf(who);
  return { folder, inbox };
}

const storesOf = (who: Somebody) => openStores({ ...placesOf(who), env: environmentOf(who) });

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ehr-crossings-'));
  const agencies = path.join(root, 'agencies');
  for (const id of ['acme', 'bolt']) await mkdir(path.join(agencies, id, 'secrets'), { recursive: true });
  home = { EHR_AGENCIES: agencies, EHR_ARTIFACTS: path.join(root, 'files'), PATH: process.env['PATH'] };
  for (const who of everybody) {
    const { folder, inbox } = placesOf(who);
    await prepareFolders(folder);
    const sink = await storesOf(who).artifacts.create({
      run: runOf(who),
      step: 'takeFile',
      file: 'export.csv',
    });
    await sink.add(`export of ${nameOf(who)}`);
    exports.set(who, await sink.commit(1));
    await mkdir(path.join(folder, evidenceOf(who)), { recursive: true });
    await writeFile(path.join(folder, evidenceOf(who), 'step.json'), `evidence of ${nameOf(who)}`);
    await mkdir(inbox, { recursive: true });
    await writeFile(path.join(inbox, 'notes.csv'), `inbox of ${nameOf(who)}`);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Makes this process act for somebody, as `client --agency` does. */
function actFor(who: Somebody): void {
  for (const [name, value] of Object.entries(home)) vi.stubEnv(name, value);
  for (const name of [
    'EHR_INBOX',
    'EHR_SCRATCH',
    'EHR_DATA_KEY',
    'EHR_DATA_KEY_FILE',
    'EHR_AGENCY',
    'EHR_CONFIG',
  ]) {
    vi.stubEnv(name, undefined);
  }
  if (who !== undefined) {
    for (const [name, value] of Object.entries(environmentOf(who))) vi.stubEnv(name, value);
  }
}

async function withActing<Result>(who: Somebody, work: () => Promise<Result>): Promise<Result> {
  actFor(who);
  try {
    return await work();
  } finally {
    vi.unstubAllEnvs();
  }
}

/** Other spellings of a file of somebody, for somebody else. */
function spellings(from: Somebody, to: Somebody, file: string): string[] {
  const [mine, theirs] = [placesOf(from), placesOf(to)].map(({ inbox }) => inbox) as [string, string];
  return [
    path.join(theirs, file),
    path.relative(mine, path.join(theirs, file)),
    `./${path.relative(mine, path.join(theirs, file))}`,
    `x/../${path.relative(mine, path.join(theirs, file))}`,
  ];
}

describe.each(crossings)('from $from to $to', ({ from, to }) => {
  test('no kept file opens', async () => {
    const [{ uri }, evidence] = [exports.get(to)!, `${evidenceOf(to)}/step.json`] as const;
    await withActing(from, async () => {
      for (const named of [
        uri,
        evidence,
        uri.replace('artifact:', `artifact:agencies/${nameOf(to)}/`),
        uri.replace('artifact:', 'artifact:../'),
        `agencies/${nameOf(to)}/${evidence}`,
        `../${nameOf(to)}/${evidence}`,
        `evidence/../agencies/${nameOf(to)}/${evidence}`,
      ]) {
        await expect(openKeptFile(named)).rejects.toMatchObject({ type: 'InvalidInput' });
      }
      await expect(keptStores().artifacts.open(exports.get(to)!).then(text)).rejects.toMatchObject({
        type: 'ArtifactMissing',
      });
    });
  });

  test('no file of the inbox can be taken, by none of its names', async () => {
    for (const named of spellings(from, to, 'notes.csv')) {
      await expect(storesOf(from).inbox(named)).rejects.toMatchObject({ type: 'InvalidInput' });
    }
  });

  test('nothing is found by retention, and nothing is sealed with a new key', async () => {
    const { folder } = placesOf(to);
    const mine = new Set<string>();
    for await (const page of storesOf(from).artifacts.list()) for (const { uri } of page) mine.add(uri);
    expect(mine).toEqual(new Set([exports.get(from)!.uri]));
    const loose: number[] = [];
    for (const files of storesOf(from).loose) {
      for await (const page of files.old({ days: 0, now: new Date(Date.now() + 86_400_000) }))
        loose.push(...page.map(({ bytes }) => bytes));
    }
    expect(loose).toEqual([`evidence of ${nameOf(from)}`.length]);
    await storesOf(from).artifacts.remove(exports.get(to)!.uri);
    await withActing(from, async () => {
      const names: string[] = [];
      for (const place of keptPlaces())
        for await (const page of place.list()) names.push(...page.map(({ name }) => name));
      expect(names.filter((name) => name.includes('agencies'))).toEqual([]);
      expect(names).toHaveLength(2);
    });
    expect(await readFile(path.join(folder, exports.get(to)!.uri.replace('artifact:', '')), 'utf8')).toBe(
      `export of ${nameOf(to)}`,
    );
  });
});

test('a new data key of one seals its files and nobody else’s', async () => {
  await withActing('acme', async () => {
    const sealed: string[] = [];
    for (const place of keptPlaces()) {
      for await (const { names } of resealFiles(place, [dataKey(Buffer.alloc(32, 7))])) sealed.push(...names);
    }
    expect(sealed.sort()).toEqual(
      [`${evidenceOf('acme')}/step.json`, exports.get('acme')!.uri.replace('artifact:', '')].sort(),
    );
  });
  for (const who of [undefined, 'bolt'] as const) {
    const { folder } = placesOf(who);
    expect(await readFile(path.join(folder, evidenceOf(who), 'step.json'), 'utf8')).toBe(
      `evidence of ${nameOf(who)}`,
    );
  }
});

test('what one’s process knows of secrets is its own', () => {
  const secrets = {
    DATABASE_URL: 'mysql://home:secret@127.0.0.1/home',
    EHR_NAME_KEY: 'home',
    EHR_LOGIN_KEY: 'home',
    EHR_DATA_KEY: 'home',
    EHR_PORTAL_PASSWORD: 'home',
    EHR_PORTAL_TOTP_SECRET: 'home',
    EHR_ALERT_WEBHOOK_URL: 'home',
    EHR_ALERT_SMTP_URL: 'home',
    EHR_SOURCE_DROP_KEY: 'home',
  };
  const files = Object.fromEntries(Object.keys(secrets).map((name) => [`${name}_FILE`, '/home']));
  const own = agencyEnvironment('acme', { ...home, ...secrets, ...files });
  expect(Object.values(own).filter((value) => value === 'home' || value === '/home')).toEqual([]);
  expect(JSON.stringify(own)).not.toContain('secret@');
  actFor(undefined);
  vi.stubEnv('EHR_NAME_KEY', 'home');
  enterAgency('bolt');
  expect(process.env['EHR_NAME_KEY']).toBeUndefined();
  vi.unstubAllEnvs();
});

function writeSecret(id: string, name: string, value: string): Promise<void> {
  return writeFile(path.join(home['EHR_AGENCIES']!, id, 'secrets', name), value);
}

function urlOf(account: string, database: string): string {
  return `mysql://${account}:a-password@db.example.org/${database}`;
}

function sharedWith(name: string, what = 'DATABASE_URL'): string[] {
  return [`${what}: it is that of ${name} too, and each agency needs its own`];
}

test('places that two agencies name are mistakes of both, with the name of the other', async () => {
  await writeSecret('acme', 'DATABASE_URL', urlOf('acme', 'figures'));
  await writeSecret('bolt', 'DATABASE_URL', urlOf('bolt', 'figures'));
  const ids = agencyIds(home);
  expect(sharedPlaces('acme', ids, home)).toEqual(sharedWith('bolt'));
  expect(sharedPlaces('bolt', ids, home)).toEqual(sharedWith('acme'));
  await writeSecret('bolt', 'DATABASE_URL', urlOf('bolt', 'other_figures'));
  expect(sharedPlaces('acme', ids, home)).toEqual([]);
  const alike = { ...home, DATABASE_URL: urlOf('home', 'figures') };
  expect(sharedPlaces('acme', ids, alike)).toEqual(sharedWith('the agency without an id'));
  await writeSecret('bolt', 'EHR_ARTIFACTS', path.join(root, 'files/agencies/acme'));
  expect(sharedPlaces('acme', ids, home)).toEqual(sharedWith('bolt', 'EHR_ARTIFACTS'));
});

test.each([
  { id: 'acme:notes:2026-10-16..2026-10-31', told: ['acme'] },
  { id: 'bolt:backfill:notes:2026-01-01..2026-06-30', told: ['bolt'] },
  { id: 'notes:2026-10-16..2026-10-31', told: ['home'] },
  { id: 'daily-2026-11-16T08:30:00Z', told: ['home'] },
  // Nobody's: the one without an id hears of it.
  { id: 'gone:notes:2026-10-16..2026-10-31', told: ['home'] },
])('of the run $id that hangs only $told is told', ({ id, told }) => {
  const ids = ['acme', 'bolt'];
  const hear = everybody.filter((who) => isTold(id, who, () => ids)).map(nameOf);
  expect(hear).toEqual(told);
});
