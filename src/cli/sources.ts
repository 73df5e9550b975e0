import { agencyHere, configPath, readPipelineConfig } from '../config.ts';
import { agencyId } from '../domain/agencyId.ts';
import { countFiles, type FileCounts, type FileSource } from '../domain/fileSources.ts';
import type { PipelineError } from '../domain/failures.ts';
import { sourcesRoundId, sourcesScheduleId } from '../domain/temporalNames.ts';
import { sourcesScheduleState } from '../temporal/schedules.ts';
import { fileSources } from '../wiring/connectSources.ts';
import { withTemporal } from './temporalClient.ts';
import { errorFacts } from './errors.ts';
import { exitCodes } from './exitCodes.ts';
import { print } from './output.ts';
import { table } from './table.ts';
import { startAndFollow, type StartOptions } from './startRuns.ts';
import { refused } from './commandErrors.ts';

/** The schedule of the agency that this command acts for: its id, and what brings its rounds back. */
export function sourcesScheduleHere() {
  const id = agencyId(agencyHere(), sourcesScheduleId);
  const remedies = {
    paused: `temporal schedule toggle --unpause -s ${id}`,
    absent: 'npm run client -- schedule apply',
  } as const;
  return { id, remedies };
}

interface ShownSource {
  readonly name: string;
  /** Null if the source cannot be looked at; `error` then says why. */
  readonly files: FileCounts | null;
  readonly error: { readonly message: string; readonly hint?: string } | null;
}

/** What lies at each source, as counts: names of files may be patients'. */
export async function showSources(options: StartOptions & { readonly now?: boolean }): Promise<void> {
  const { sources } = readPipelineConfig(configPath());
  if (sources === undefined || sources.places.length === 0) throw noSources();
  if (options.now === true) {
    await startAndFollow(options, {
      workflowType: 'collectFiles',
      workflowId: sourcesRoundId,
      input: {},
      summary: 'the files that were left at the sources',
    });
    return;
  }
  const shown = await Promise.all(fileSources(sources).map(lookAt));
  const schedule = await withTemporal((client) => sourcesScheduleState(client, agencyHere()));
  const { id, remedies } = sourcesScheduleHere();
  const remedy = schedule === 'active' ? '' : `: ${remedies[schedule]}`;
  print(options, { schedule, sources: shown }, () =>
    [...sourceLines(shown), `${id} is ${schedule}${remedy}`].join('\n'),
  );
  if (shown.some(({ error }) => error !== null)) process.exitCode = exitCodes.failed;
}

async function lookAt(source: FileSource): Promise<ShownSource> {
  const { name } = source;
  try {
    const opened = await source.open();
    try {
      return { name, files: await countFiles(opened, source.files), error: null };
    } finally {
      await opened.close();
    }
  } catch (error) {
    return { name, files: null, error: errorFacts(error) };
  }
}

function sourceLines(shown: readonly ShownSource[]): string[] {
  const cells = shown.map(({ name, files }) => [
    name,
    ...(['waiting', 'unmatched', 'taking', 'refused', 'done'] as const).map((each) =>
      files === null ? '-' : String(files[each]),
    ),
  ]);
  const wrong = shown.flatMap(({ error }) =>
    error === null ? [] : [[error.message, error.hint].join('. ').trim()],
  );
  return [table(['source', 'waiting', 'no pattern', 'being taken', 'refused', 'done'], cells), ...wrong];
}

function noSources(): PipelineError {
  return refused(
    'no source is configured: no files are taken',
    'Name one in pipeline.yaml, section sources: docs/files.md says how.',
  );
}
