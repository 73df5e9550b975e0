import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import isPathInside from 'is-path-inside';
import { parseDocument } from 'yaml';
import { readPipelineConfig } from '../config.ts';
import { reportNames } from '../reports/index.ts';
import { namesOf, noRule, unquotable, wordsOf, type Answers } from './initQuestions.ts';
import { productFolder } from './productFacts.ts';
import { refused } from './commandErrors.ts';

interface Deployment {
  readonly envFile: string;
  readonly variables: Readonly<Record<string, string>>;
}

const recipe = 'portals/mine.yaml';

/**
 * Writes a deployment's own folder: rules, recipe, schemas for editors, and the file of variables with new keys. All of
 * it or nothing.
 * @throws PipelineError InvalidInput if something is there already, or an update of the program would replace it
 */
export async function writeDeployment(folder: string, answers: Answers): Promise<Deployment> {
  refuseTracked(folder);
  refuseUnquotable(folder);
  await mkdir(path.dirname(folder), { recursive: true });
  const made = await mkdtemp(`${folder}.new-`);
  try {
    await cp(path.join(productFolder(), 'config'), made, {
      recursive: true,
      // A checkout may keep another deployment there.
      filter: (source) => path.basename(source) !== 'local',
    });
    await rename(path.join(made, 'portals/demo.yaml'), path.join(made, recipe));
    const rules = path.join(made, 'pipeline.yaml');
    await writeFile(rules, rulesText(await readFile(rules, 'utf8'), answers));
    readPipelineConfig(rules);
    const variables = variablesOf(folder, answers);
    await writeFile(path.join(made, 'ehr.env'), envText(variables), { mode: 0o600 });
    await mkdir(path.join(made, 'artifacts'), { mode: 0o700 });
    await moveInto(made, folder);
    return { envFile: path.join(folder, 'ehr.env'), variables };
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** Refuses a folder in the program's own, except `config/local`: git and the Docker build leave out only that one. */
function refuseTracked(folder: string): void {
  const product = productFolder();
  const own = path.join(product, 'config/local');
  const isTracked = folder === product || isPathInside(folder, product);
  if (!isTracked || folder === own || isPathInside(folder, own)) return;
  throw refused(
    `${folder} lies in the program's folder, which updates replace`,
    `Give a folder outside of it, or ${own}.`,
  );
}

/** Its name goes into the file of variables. */
function refuseUnquotable(folder: string): void {
  if (!unquotable.test(folder)) return;
  throw refused('folder: its name has a quote or a line break', 'Give another folder. Nothing was written.');
}

/** An empty folder may be there. */
async function moveInto(made: string, folder: string): Promise<void> {
  try {
    await rename(made, folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw refused(
      `${folder} is there already, or cannot be written (${code})`,
      'Give another folder: nothing is overwritten, and nothing was written.',
      error,
    );
  }
}

function rulesText(example: string, { timeZone, reports, qpRule, figuresAre }: Answers): string {
  const document = parseDocument(example);
  document.setIn(['organisation', 'timeZone'], timeZone);
  document.setIn(['portal', 'recipe'], recipe);
  document.setIn(['reports', 'utilization', 'figuresAre'], figuresAre);
  for (const report of reportNames.filter((name) => !wordsOf(reports).includes(name))) {
    document.setIn(['reports', report, 'inUse'], false);
  }
  if (qpRule !== noRule) {
    const [lincsQp, deepCreekQp] = namesOf(qpRule);
    document.set('supervisors', { lincsQp, deepCreekQp });
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function variablesOf(folder: string, { portalUrl, temporalAddress, databaseUrl }: Answers) {
  return {
    TEMPORAL_ADDRESS: temporalAddress,
    DATABASE_URL: databaseUrl,
    EHR_PORTAL_URL: portalUrl,
    EHR_NAME_KEY: randomBytes(32).toString('hex'),
    EHR_LOGIN_KEY: randomBytes(32).toString('hex'),
    EHR_DATA_KEY: randomBytes(32).toString('base64'),
    EHR_ARTIFACTS: path.join(folder, 'artifacts'),
    EHR_CONFIG: path.join(folder, 'pipeline.yaml'),
  };
}

function envText(variables: Readonly<Record<string, string>>): string {
  return [
    '# The variables of this deployment: only you may read this file. docs/configuration.md lists all that there are.',
    '# Keep EHR_NAME_KEY for good, and EHR_DATA_KEY as long as the files of runs.',
    ...Object.entries(variables).map(([name, value]) => `${name}='${value}'`),
    '# The account of the portal; take away the # in front.',
    "#EHR_PORTAL_USER=''",
    "#EHR_PORTAL_PASSWORD=''",
    '',
  ].join('\n');
}
