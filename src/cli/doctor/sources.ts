import { randomBytes } from 'node:crypto';
import { agencyHere } from '../../config.ts';
import { countFiles, type FileSource, type OpenSource } from '../../domain/fileSources.ts';
import { sourcesScheduleState, type ScheduleState } from '../../temporal/schedules.ts';
import { fileSources } from '../../wiring/connectSources.ts';
import { withTemporal } from '../temporalClient.ts';
import { sourcesScheduleHere } from '../sources.ts';
import type { ExaminedSettings } from './settings.ts';
import { note, ok, problem, type PartExamination, type Verdict } from './examination.ts';

/** Longer than logging in and a dozen answers of a slow SFTP server. */
const sourceSeconds = 120;

/** Opens each source as a round does, lists it, and moves a file of its own in it. */
export async function examineSources(
  part: PartExamination,
  { config, temporal }: Pick<ExaminedSettings, 'config' | 'temporal'>,
): Promise<void> {
  const sources = config?.sources;
  if (sources === undefined || sources.places.length === 0) return;
  const places = await part.look('the sources of files', () => fileSources(sources));
  for (const source of places ?? []) {
    const verdicts = await part.look(`the source ${source.name}`, () => examine(source), sourceSeconds);
    for (const verdict of verdicts ?? []) part.add(verdict);
  }
  const schedule = `the schedule ${sourcesScheduleHere().id}`;
  if (temporal === undefined) return part.unchecked(schedule, 'the settings for Temporal are wrong');
  await part.check(schedule, async () =>
    sourcesVerdict(await withTemporal((client) => sourcesScheduleState(client, agencyHere()))),
  );
}

export function sourcesVerdict(state: ScheduleState): Verdict {
  const { id, remedies } = sourcesScheduleHere();
  const what = `the schedule ${id} is ${state}`;
  switch (state) {
    case 'active':
      return ok(what);
    case 'paused':
      return note(`${what}: files wait`, remedies.paused);
    case 'absent':
      return problem(`${what}: no files are taken`, remedies.absent);
  }
}

async function examine(source: FileSource): Promise<Verdict[]> {
  const opened = await source.open();
  try {
    await moveTrialFile(opened);
    const { waiting, unmatched, taking, refused } = await countFiles(opened, source.files);
    return [
      ok(
        `files of ${source.name} can be listed, moved and removed: ${String(waiting)} wait, ${String(taking)} are being taken`,
      ),
      ...(unmatched === 0
        ? []
        : [
            note(
              `${String(unmatched)} files of ${source.name} have a name that no pattern fits: nobody takes them`,
              'Rename or remove them, or add a pattern in pipeline.yaml under sources.',
            ),
          ]),
      ...(refused === 0
        ? []
        : [
            note(
              `${String(refused)} files of ${source.name} were refused`,
              'Read the reason beside each in the folder refused, and put it back under a right name or remove it: docs/files.md.',
            ),
          ]),
    ];
  } finally {
    await opened.close();
  }
}

/** Hidden, so that no round looks at it. */
async function moveTrialFile(opened: OpenSource): Promise<void> {
  const name = `.doctor-${randomBytes(6).toString('hex')}`;
  const place = { folder: 'left', name } as const;
  const moved = { folder: 'taking', name } as const;
  try {
    await opened.write(place, 'written to see that it can be moved\n');
    await opened.move(place, moved);
  } finally {
    await opened.remove(moved).catch(() => undefined);
    await opened.remove(place).catch(() => undefined);
  }
}
