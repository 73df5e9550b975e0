import { sourceSecrets, type Environment, type PipelineConfig } from '../config.ts';
import { parsePattern } from '../domain/filePatterns.ts';
import type { FileRule, FileSource } from '../domain/fileSources.ts';
import type { Sources } from '../ports.ts';
import { openFolder } from '../sources/folder.ts';

type SourceSettings = NonNullable<PipelineConfig['sources']>;
type PlaceSettings = SourceSettings['places'][number];

/** As large as a download may be, unless said otherwise. */
const usualMegabytes = 2048;

/** Connects the sources of the configuration, none if it has none. @throws ConfigError if an SFTP login is missing. */
export function connectSources(
  { sources, portal }: Pick<PipelineConfig, 'sources' | 'portal'>,
  copies: Sources['copies'],
  env?: Environment,
): Sources {
  return {
    places: fileSources(sources, env),
    quietSeconds: sources?.quietSeconds ?? 1,
    mostBytes: (portal.exportMegabytes ?? usualMegabytes) * 1024 * 1024,
    copies,
  };
}

/** @throws ConfigError if the environment does not hold what logs in to an SFTP server. */
export function fileSources(
  sources: SourceSettings | undefined,
  env: Environment = process.env,
): FileSource[] {
  return (sources?.places ?? []).map((place) => ({
    name: place.name,
    files: place.files.map(fileRule),
    open: opening(place, env),
  }));
}

function opening({ name, folder, sftp }: PlaceSettings, env: Environment): FileSource['open'] {
  if (folder !== undefined) return () => openFolder({ name, folder });
  if (sftp === undefined) throw new Error('the configuration has checked that it is one of the two');
  const { password, key } = sourceSecrets(name, env);
  return async () => {
    // Loaded only where files come from an SFTP server.
    const { openSftp } = await import('../sources/sftp.ts');
    return openSftp({ name, ...sftp, password, privateKey: key });
  };
}

function fileRule({ pattern: text, report }: PlaceSettings['files'][number]): FileRule {
  const pattern = parsePattern(text);
  if (typeof pattern === 'string') throw new Error('the configuration has checked the patterns');
  return { pattern, report };
}
