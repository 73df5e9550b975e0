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
  type PortalSettings,
} from '../../config.ts';
import { dayInZone } from '../../domain/dates.ts';
import { parseDatabaseUrl, transportOptions } from '../../warehouse/databaseUrl.ts';
import { placeVerdicts, recipeName, senderVerdicts, standInVerdicts } from './examples.ts';
import { note, ok, type PartExamination, type Verdict } from './examination.ts';

/** The settings in the environment and the YAML; undefined if they are wrong, which is already a finding. */
export interface Settings {
  readonly config: PipelineConfig | undefined;
  readonly temporal: ReturnType<typeof temporalConnection> | undefined;
  /** The database's host; the code that opens the database reads its other settings. */
  readonly databaseHost: string | undefined;
  readonly portal: PortalSettings | undefined;
  readonly nameKey: string | undefined;
  readonly loginKey: string | undefined;
  /** For what is under way on this machine. */
  readonly folder: string | undefined;
}

export async function examineSettings(part: PartExamination): Promise<Settings> {
  const path = configPath();
  const config = await part.look('the configuration', () => readPipelineConfig(path));
  if (config !== undefined) {
    const { timeZone } = config.organisation;
    part.add(ok(`${path} is valid; in ${timeZone} it is ${dayInZone(new Date(), timeZone)}`));
  }
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
  const portal = await part.look('the portal', () => portalSettings());
  if (portal !== undefined) {
    part.add(ok('the settings for the portal are complete'));
    const recipe = config === undefined ? undefined : await recipeName(config.portal.recipe);
    for (const verdict of standInVerdicts(portal, recipe)) part.add(verdict);
  }
  const key = await part.look('the name key', () => nameKey());
  if (key !== undefined) part.add(ok('EHR_NAME_KEY is there and long enough'));
  const ofLogin = await part.look('the login key', () => ({ key: loginKey() }));
  if (ofLogin !== undefined) part.add(loginKeyVerdict(ofLogin.key));
  return {
    config,
    temporal,
    databaseHost,
    portal,
    nameKey: key,
    loginKey: ofLogin?.key,
    folder: await part.look('the place for artifacts', () => scratchDirectory()),
  };
}

function loginKeyVerdict(key: string | undefined): Verdict {
  return key === undefined
    ? note(
        "EHR_LOGIN_KEY is not set: anyone who can read the database can take the portal login's lock, and a new name key forgets a blocked login",
        'Make one (openssl rand -hex 32) and give the same to all workers.',
      )
    : ok('EHR_LOGIN_KEY is there and long enough');
}
