import path from 'node:path';
import {
  agencyEnvironment,
  artifactsPlace,
  configPath,
  databaseSettings,
  inboxDirectory,
  readPipelineConfig,
  type Environment,
} from '../config.ts';
import { parseDatabaseUrl } from '../warehouse/databaseUrl.ts';

/** What belongs to one agency alone, as text that is the same for the same place. */
type Places = ReadonlyMap<string, string>;

/** In words, each place of an agency that another one here, or the agency without an id, has too. */
export function sharedPlaces(
  agency: string,
  ids: readonly string[],
  home: Environment = process.env,
): string[] {
  const own = placesOf(environmentOf(agency, home));
  const others = [
    { name: 'the agency without an id', env: home },
    ...ids.filter((id) => id !== agency).map((id) => ({ name: id, env: environmentOf(id, home) })),
  ];
  return others.flatMap(({ name, env }) => {
    const theirs = placesOf(env);
    return [...own]
      .filter(([what, place]) => theirs.get(what) === place)
      .map(([what]) => `${what}: it is that of ${name} too, and each agency needs its own`);
  });
}

function environmentOf(id: string, home: Environment): Environment {
  return readable(() => agencyEnvironment(id, home)) ?? {};
}

function placesOf(env: Environment): Places {
  const places = {
    DATABASE_URL: readable(() => databasePlace(env)),
    EHR_ARTIFACTS: readable(() => filesPlace(env)),
    EHR_INBOX: readable(() => inboxDirectory(env)),
    'dashboards.folder': readable(() => dashboardsFolder(env)),
  };
  return new Map(Object.entries(places).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Undefined for a setting that cannot be read: that mistake is reported elsewhere. */
function readable<Place>(read: () => Place): Place | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function databasePlace(env: Environment): string {
  const { host, port, database } = parseDatabaseUrl(databaseSettings(env).url);
  return `${host.toLowerCase()}:${String(port)}/${database}`;
}

function filesPlace(env: Environment): string {
  const place = artifactsPlace(env);
  return place.kind === 'folder'
    ? path.resolve(place.folder)
    : `${place.endpoint ?? ''} s3://${path.posix.join(place.bucket, place.prefix)}`;
}

function dashboardsFolder(env: Environment): string | undefined {
  return readPipelineConfig(configPath(env)).dashboards?.folder;
}
