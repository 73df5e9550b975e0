import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDeployment } from '../../src/cli/deploymentFolder.ts';
import { answersOf, type Answers } from '../../src/cli/initQuestions.ts';
import { readPipelineConfig, reportsInUse } from '../../src/config.ts';
import { reportNames } from '../../src/reports/index.ts';
import { readEnvText } from '../../src/config/envFile.ts';

const required = {
  portalUrl: 'https://ehr.example.com',
  databaseUrl: 'mysql://ehr:ch%40ose@db.example.com:3306/ehr?ssl=true',
};
const here = mkdtempSync(path.join(tmpdir(), 'ehr-init-'));
afterAll(() => rmSync(here, { recursive: true }));

function comments(file: string) {
  return readFileSync(file, 'utf8').match(/^ *#.*$/gm);
}

function answersWith(given: Partial<Answers>): Promise<Answers> {
  return answersOf({ ...required, ...given }, { asks: false });
}

describe('the folder of a deployment', () => {
  const folder = path.join(here, 'ehr');
  let envFile: string;
  beforeAll(async () => {
    const answers = await answersWith({
      timeZone: 'America/Chicago',
      reports: 'utilization',
      figuresAre: 'month',
      qpRule: 'WREN, ADA; FINCH, JOSÉ',
    });
    ({ envFile } = await writeDeployment(folder, answers));
  });

  test('has the rules that were answered, and the rest of the example with its comments', () => {
    const config = readPipelineConfig(path.join(folder, 'pipeline.yaml'));
    expect(config.organisation.timeZone).toBe('America/Chicago');
    expect(reportsInUse(config)).toEqual(['utilization']);
    expect(config.reports.utilization.figuresAre).toBe('month');
    expect(config.rules.supervisor).toEqual({ lincsQp: 'WREN, ADA', deepCreekQp: 'FINCH, JOSÉ' });
    expect(comments(path.join(folder, 'pipeline.yaml'))).toEqual(comments('config/pipeline.yaml'));
  });

  test('has variables that only its owner may read, with new keys, and that name the rules', () => {
    expect(statSync(envFile).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const { variables, problems } = readEnvText(readFileSync(envFile, 'utf8'));
    expect(problems).toEqual([]);
    expect(Object.fromEntries(variables)).toMatchObject({
      EHR_CONFIG: path.join(folder, 'pipeline.yaml'),
      EHR_ARTIFACTS: path.join(folder, 'artifacts'),
      EHR_PORTAL_URL: required.portalUrl,
      DATABASE_URL: required.databaseUrl,
      EHR_NAME_KEY: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    const keys = ['EHR_NAME_KEY', 'EHR_LOGIN_KEY', 'EHR_DATA_KEY'].map((name) => variables.get(name));
    expect(new Set(keys).size).toBe(3);
  });

  test('is never overwritten, and nothing is left of the attempt', async () => {
    writeFileSync(path.join(folder, 'own.txt'), 'mine');
    const before = readFileSync(envFile, 'utf8');
    await expect(writeDeployment(folder, await answersWith({}))).rejects.toThrow(/is there already/);
    expect(readFileSync(envFile, 'utf8')).toBe(before);
    expect(readdirSync(here)).toEqual(['ehr']);
  });

  test('may be there while it is empty', async () => {
    const empty = path.join(here, 'empty');
    mkdirSync(empty);
    await writeDeployment(empty, await answersWith({}));
    expect(reportsInUse(readPipelineConfig(path.join(empty, 'pipeline.yaml')))).toEqual(reportNames);
  });

  test.each(['config', 'src/mine', '.'])('is not %s of the program, which updates replace', async (name) => {
    const tracked = path.resolve(fileURLToPath(new URL('../..', import.meta.url)), name);
    await expect(writeDeployment(tracked, await answersWith({}))).rejects.toThrow(/updates replace/);
  });
});

describe('without a terminal', () => {
  test('what no option says is the proposal, and what has none is named', async () => {
    expect(await answersWith({})).toMatchObject({
      reports: reportNames.join(','),
      qpRule: 'none',
      figuresAre: 'authorization',
    });
    await expect(answersOf({}, { asks: false })).rejects.toThrow(/^--portal-url: .*\n--database-url: /);
  });

  test.each([
    { given: { portalUrl: 'ehr.example.com' }, says: /^--portal-url: wanted an https/ },
    { given: { timeZone: 'Chicago' }, says: /^--time-zone: wanted an IANA name/ },
    { given: { reports: 'notes,payroll' }, says: /^--reports: wanted one or more of/ },
    { given: { reports: '' }, says: /^--reports: / },
    { given: { figuresAre: 'year' }, says: /^--figures-are: wanted authorization or month/ },
    { given: { qpRule: 'WREN, ADA' }, says: /^--qp-rule: / },
    { given: { temporalAddress: 'http://x' }, says: /^--temporal-address: wanted host:port/ },
    { given: { databaseUrl: 'postgres://ehr:hush@h/ehr' }, says: /^--database-url: wanted mysql/ },
    { given: { databaseUrl: "mysql://ehr:hush'@h/ehr" }, says: /^--database-url: wanted it without quotes/ },
  ])('a wrong answer is named by its option and not quoted: $says', async ({ given, says }) => {
    const refused = answersWith(given);
    await expect(refused).rejects.toThrow(says);
    await expect(refused).rejects.not.toThrow(/hush/);
  });
});
