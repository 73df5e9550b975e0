import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { unnamedPlaces, type PipelineConfig } from '../../../src/config.ts';
import {
  placeVerdicts,
  recipeName,
  senderVerdicts,
  standInVerdicts,
} from '../../../src/cli/doctor/examples.ts';

describe('where rules and files of runs lie', () => {
  const named = { EHR_CONFIG: '/home/ada/ehr/pipeline.yaml', EHR_ARTIFACTS: '/srv/ehr' };

  test('is nothing to tell where both are named', () => {
    expect(placeVerdicts(unnamedPlaces(named))).toEqual([]);
  });

  test.each([
    ['EHR_CONFIG', '/config/pipeline.yaml'],
    ['EHR_ARTIFACTS', '/.local/artifacts'],
  ] as const)('is a note where %s is not set or blank', (variable, place) => {
    for (const value of [undefined, '']) {
      const [verdict, ...more] = placeVerdicts(unnamedPlaces({ ...named, [variable]: value }));
      expect(more).toEqual([]);
      expect(verdict).toMatchObject({
        state: 'note',
        what: expect.stringMatching(`^${variable} is not set: .*${process.cwd()}${place}`) as string,
        remedy: expect.stringMatching(`et ${variable} to`) as string,
      });
    }
  });
});

describe('what is of the stand-in portal', () => {
  const portal = { url: 'https://ehr.example.com/login', user: 'pipeline', password: 'an invented one' };
  const own = { file: '/home/ada/ehr/portals/carelogic.yaml', portal: 'carelogic' };

  test.each([
    { title: "an installation's own", about: portal, recipe: own },
    { title: 'a recipe that cannot be read', about: portal, recipe: undefined },
    {
      title: 'all of it, on this machine',
      about: { url: 'http://127.0.0.1:8099', user: 'reports.bot', password: 'demo-Passw0rd!' },
      recipe: { file: '/app/config/portals/demo.yaml', portal: 'demo' },
    },
  ])('$title is nothing to tell', ({ about, recipe }) => {
    expect(standInVerdicts(about, recipe)).toEqual([]);
  });

  test.each([
    { file: '/app/config/portals/demo.yaml', portal: 'demo' },
    { file: '/home/ada/ehr/portals/demo.yaml', portal: 'carelogic' },
    { file: '/home/ada/ehr/portals/carelogic.yaml', portal: 'demo' },
  ])('$file for $portal is named by file and address', (recipe) => {
    expect(standInVerdicts(portal, recipe)).toMatchObject([
      {
        state: 'note',
        what: `the recipe ${recipe.file} is the one of the demo's stand-in portal, and EHR_PORTAL_URL is https://ehr.example.com`,
      },
    ]);
  });

  test('its account is reported without the password', () => {
    const verdicts = standInVerdicts({ ...portal, user: 'reports.bot', password: 'demo-Passw0rd!' }, own);
    expect(verdicts).toMatchObject([
      {
        state: 'note',
        what: "EHR_PORTAL_USER and EHR_PORTAL_PASSWORD are of the demo's stand-in portal, and EHR_PORTAL_URL is https://ehr.example.com",
      },
    ]);
    expect(JSON.stringify(verdicts)).not.toContain('Passw0rd');
  });

  test('the recipe in the repository is known as such', async () => {
    const file = fileURLToPath(new URL('../../../config/portals/demo.yaml', import.meta.url));
    expect(await recipeName(file)).toEqual({ file, portal: 'demo' });
    expect(await recipeName(`${file}.not-there`)).toBeUndefined();
  });
});

const alerts = (from: string, to: string[]) =>
  ({ mail: { from, to } }) as unknown as PipelineConfig['alerts'];

describe('the sender of mails', () => {
  test.each(['ehr-pipeline@example.org', 'a@EXAMPLE.com', 'a@mail.example.net', 'a@agency.example'])(
    '%s is reported where mail is sent, and only there',
    (from) => {
      expect(senderVerdicts(alerts(from, ['ops@agency.org']))).toMatchObject([
        { state: 'note', what: expect.stringContaining('alerts.mail.from is at ') as string },
      ]);
      expect(senderVerdicts(alerts(from, []))).toEqual([]);
    },
  );

  test.each(['ehr@agency.org', 'ehr@notexample.org', 'ehr@example.org.uk'])('%s is one', (from) => {
    expect(senderVerdicts(alerts(from, ['ops@agency.org']))).toEqual([]);
  });
});
