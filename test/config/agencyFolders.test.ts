import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  agencyEnvironment,
  agencyHere,
  agencyIds,
  artifactsPlace,
  assertAgencyNames,
} from '../../src/config.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ehr-agencies-'));
  for (const id of ['bolt', 'acme']) mkdirSync(path.join(folder, id, 'secrets'), { recursive: true });
  writeFileSync(path.join(folder, 'acme/secrets/DATABASE_URL'), 'mysql://acme:secret@127.0.0.1/acme\n');
  writeFileSync(path.join(folder, 'acme/secrets/EHR_PORTAL_USER'), 'reports.bot\n');
  writeFileSync(path.join(folder, 'acme/secrets/README.md'), 'not a variable');
});
afterAll(() => rmSync(folder, { recursive: true }));

const ofAnother = {
  DATABASE_URL: 'mysql://home',
  DATABASE_CA: '/home.pem',
  DATABASE_URL_FILE: '/home',
  EHR_NAME_KEY: 'home',
  EHR_LOGIN_KEY: 'home',
  EHR_DATA_KEY: 'home',
  EHR_DATA_KEY_FILE: 'home',
  EHR_PORTAL_URL: 'https://home',
  EHR_PORTAL_NOTES_PASSWORD: 'home',
  EHR_PORTAL_ALLOW_PLAINTEXT: 'true',
  EHR_ALERT_WEBHOOK_URL: 'https://home',
  EHR_SOURCE_DROP_PASSWORD: 'home',
  EHR_CONFIG: '/home.yaml',
};

test('an agency gets what is about the machine, and nothing of another agency', () => {
  const env = {
    ...ofAnother,
    EHR_AGENCIES: folder,
    EHR_ARTIFACTS: '/data',
    EHR_CHROMIUM: '/usr/bin/chromium',
    PATH: '/bin',
  };
  expect(agencyEnvironment('acme', env)).toEqual({
    EHR_AGENCIES: folder,
    EHR_CHROMIUM: '/usr/bin/chromium',
    PATH: '/bin',
    EHR_AGENCY: 'acme',
    EHR_CONFIG: path.join(folder, 'acme/pipeline.yaml'),
    EHR_ARTIFACTS: '/data/agencies/acme',
    EHR_INBOX: '/data/inbox/agencies/acme',
    DATABASE_URL_FILE: path.join(folder, 'acme/secrets/DATABASE_URL'),
    EHR_PORTAL_USER: 'reports.bot',
  });
});

test('in a bucket its files have a prefix of their own, and a key of AWS KMS that it names', () => {
  writeFileSync(path.join(folder, 'bolt/secrets/EHR_ARTIFACTS_KMS_KEY'), 'alias/bolt\n');
  const env = { EHR_AGENCIES: folder, EHR_ARTIFACTS: 's3://ehr-files/prod', EHR_SCRATCH: '/scratch' };
  expect(artifactsPlace(agencyEnvironment('bolt', env))).toMatchObject({ kmsKey: 'alias/bolt' });
  expect(agencyEnvironment('bolt', env)).toMatchObject({
    EHR_ARTIFACTS: 's3://ehr-files/prod/agencies/bolt',
    EHR_SCRATCH: '/scratch/agencies/bolt',
  });
});

test('the agencies are the folders', () => {
  expect(agencyIds({ EHR_AGENCIES: folder })).toEqual(['acme', 'bolt']);
  expect(agencyIds({})).toEqual([]);
  mkdirSync(path.join(folder, 'Not An Id'));
  expect(agencyIds({ EHR_AGENCIES: folder })).toEqual(['acme', 'bolt']);
  expect(() => assertAgencyNames({ EHR_AGENCIES: folder })).toThrow(/^EHR_AGENCIES: 1 of its folders/);
});

test.each(['nobody', 'Not An Id', '..', ''])('%j is none of them', (id) => {
  expect(() => agencyEnvironment(id, { EHR_AGENCIES: folder })).toThrow(/EHR_AGENCIES/);
});

test('a process acts for one that it names', () => {
  expect(agencyHere({ EHR_AGENCY: 'acme' })).toBe('acme');
  expect(agencyHere({})).toBeUndefined();
  expect(() => agencyHere({ EHR_AGENCY: '../acme' })).toThrow(/EHR_AGENCY/);
});
