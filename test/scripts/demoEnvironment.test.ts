import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { demoEnvironment, programEnvironment } from '../../scripts/demo/environment.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-demo-'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(folder, { recursive: true }));

test('the demo runs with its own settings, whatever the shell names for an installation', async () => {
  vi.stubEnv('EHR_CONFIG', '/home/ada/ehr/pipeline.yaml');
  vi.stubEnv('EHR_ARTIFACTS', '/home/ada/ehr-artifacts');
  vi.stubEnv('EHR_INBOX', '/home/ada/inbox');
  vi.stubEnv('EHR_PORTAL_URL', 'https://ehr.example.com');
  vi.stubEnv('EHR_PORTAL_TOTP_SECRET', 'JBSWY3DPEHPK3PXP');
  const environment = await demoEnvironment(folder, {
    temporal: {},
    uiUrl: undefined,
    databaseUrl: 'mysql://demo@127.0.0.1:3306/demo',
    portalPort: 8099,
    browser: undefined,
  });
  expect(programEnvironment(environment)).toMatchObject({
    EHR_CONFIG: 'demo/pipeline.yaml',
    EHR_ARTIFACTS: path.join(folder, 'artifacts'),
    EHR_PORTAL_URL: 'http://127.0.0.1:8099',
  });
  expect(programEnvironment(environment)).not.toHaveProperty('EHR_INBOX');
  expect(programEnvironment(environment)).not.toHaveProperty('EHR_PORTAL_TOTP_SECRET');
});
