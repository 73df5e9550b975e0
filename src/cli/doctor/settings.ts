import {
  configPath,
  databaseSettings,
  loginKey,
  nameKey,
  portalSettings,
  readPipelineConfig,
  scratchDirectory,
  temporalConnection,
  unnamedPlaces,
  type PipelineConfig,
} from '../../config.ts';
import { dayInZone } from '../../domain/dates.ts';
import { parseDatabaseUrl, transportOptions } from '../../warehouse/databaseUrl.ts';
import { dataKeysInUse } from '../../wiring/openStores.ts';
import { portalsInUse, type PortalInUse } from '../../wiring/portals.ts';
import { placeVerdicts, recipeName, senderVerdicts, standInVerdicts } from './examples.ts';
import { note, ok, type PartExamination, type Verdict } from './examination.ts';

/** The settings in the environment and the YAML; undefined if they are wrong, which is already a finding. */
export interface ExaminedSettings {
  readonly config: PipelineConfig | undefined;
  readonly temporal: ReturnType<typeof temporalConnection> | undefined;
  /** The database's host; the code that opens the database reads its other settings. */
  readonly databaseHost: string | undefined;
  readonly portals: readonly PortalInUse[] | undefined;
  readonly nameKey: string | undefined;
  readonly loginKey: string | undefined;
  /** The folder for what is under way on this machine. */
  readonly folder: string | undefined;
}

export async function examineSettings(part: PartExamination): Promise<ExaminedSettings> {
  const path = configPath();
  const config = await part.look('the configuration', () => readPipelineConfig(path));
  if (config !== undefined) {
    const { timeZone } = config.organisation;
    part.add(ok(`${path} is valid; in ${timeZone} it is ${dayInZone(new Date(), timeZone)}`));
  }
  if (config !== undefined) part.add(fileRetentionVerdict(config));
  for (const verdict of placeVerdicts(unnamedPlaces())) part.add(verdict);
  for (const verdict of config === undefined ? [] : senderVerdicts(config.alerts)) part.add(verdict);
  const temporal = await part.look('Temporal', () => temporalConnection());
  if (temporal !== undefined) part.add(ok('the settings for Temporal are complete'));
  const databaseHost = await part.look('the database', () => {
    const { url, ...protection } = databaseSettings();
    const address = parseDatabaseUrl(url);
    transportOptions(address, protection);
    return address.host;
  });
  if (databaseHost !== undefined) part.add(ok('the settings for the database are complete'));
  const portals = await examineLogins(part, config);
  const key = await part.look('the name key', () => nameKey());
  if (key !== undefined) part.add(ok('EHR_NAME_KEY is there and long enough'));
  const ofLogin = await part.look('the login key', () => ({ key: loginKey() }));
  if (ofLogin !== undefined) part.add(loginKeyVerdict(ofLogin.key));
  await part.check('the data key', () => dataKeyVerdict(dataKeysInUse()));
  return {
    config,
    temporal,
    databaseHost,
    portals,
    nameKey: key,
    loginKey: ofLogin?.key,
    folder: await part.look('the place for artifacts', () => scratchDirectory()),
  };
}

/** Without pipeline.yaml the portals are unknown; the variables of the usual one are checked all the same. */
async function examineLogins(
  part: PartExamination,
  config: PipelineConfig | undefined,
): Promise<readonly PortalInUse[] | undefined> {
  if (config === undefined) {
    const login = await part.look('the portal', () => portalSettings());
    if (login !== undefined) part.add(ok('the settings for the portal are complete'));
    return undefined;
  }
  const portals = await part.look('the portal', () => portalsInUse(config));
  if (portals === undefined) return undefined;
  const many = portals.length === 1 ? 'the portal' : `${String(portals.length)} portals`;
  part.add(ok(`the settings for ${many} are complete`));
  for (const portal of portals) {
    const recipe = await recipeName(portal.config.recipe);
    for (const verdict of standInVerdicts(portal.settings, recipe)) part.add(verdict);
  }
  return portals;
}

function loginKeyVerdict(key: string | undefined): Verdict {
  return key === undefined
    ? note(
        "EHR_LOGIN_KEY is not set: anyone who can read the database can take the portal login's lock, and a new name key forgets a blocked login",
        'Make one (openssl rand -hex 32) and give the same to all workers.',
      )
    : ok('EHR_LOGIN_KEY is there and long enough');
}

export function fileRetentionVerdict({ retention }: Pick<PipelineConfig, 'retention'>): Verdict {
  return retention === undefined
    ? note(
        'pipeline.yaml has no section retention: the files of runs are kept for good',
        'Add the section; config/pipeline.yaml shows it.',
      )
    : ok('pipeline.yaml says how long the files of runs are kept');
}

export function dataKeyVerdict([first, ...older]: readonly { readonly id: string }[]): Verdict {
  if (first === undefined) {
    return note(
      'EHR_DATA_KEY is not set: exports, row files and evidence are kept in plain text',
      'Make one (openssl rand -base64 32), keep a copy where you keep passwords, and give the same to all workers and clients.',
    );
  }
  const others =
    older.length === 0
      ? ''
      : `; ${older.map(({ id }) => id).join(', ')} only open${older.length === 1 ? 's' : ''}`;
  return ok(`new files are sealed with the data key ${first.id}${others}`);
}
