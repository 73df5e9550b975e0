import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Download } from 'playwright';
import { watchForAppeared } from './appeared.ts';
import { assertFits, watchArriving } from './arriving.ts';
import { clickOnce, reach, withOpening } from './locate.ts';
import { portalError } from './portalErrors.ts';
import { agreedCount, readCount } from './recordCount.ts';
import type { DownloadStep } from './recipeSchema.ts';
import { saveShownFiles } from './saveShown.ts';
import { watchForShownFile } from './shownFile.ts';
import { throwOnFailureSign } from './signs.ts';
import { boundedStep, type BoundedStep } from './steps.ts';
import { matchBounded, wholeText } from './textPatterns.ts';
import { PortalTrouble } from './trouble.ts';
import type { Walk } from './walk.ts';
import { waitUntil } from './waiting.ts';

export interface DownloadedExport {
  /** Absolute path in the attempt's own folder. */
  readonly path: string;
  /** The portal's name for the file. Not for logs or Temporal's history, since the portal chooses it. */
  readonly suggestedName: string;
  /** The number of records that the portal shows, if the recipe says where. */
  readonly portalRecords?: number;
  /** Bytes that the portal announced, if it did. The file was checked against it. */
  readonly contentLength?: number;
}

/** A portal sends one file for one click. A few more are its mistake; a flood of them is a fault. */
const arrivalLimit = 10;

/** Clicks the export and saves the file that this click brings, and no other. */
export async function downloadExport(walk: Walk, attemptDirectory: string): Promise<DownloadedExport> {
  const step = walk.recipe.download;
  const patienceSeconds = step.patienceSeconds ?? walk.recipe.patience.downloadSeconds;
  const bounds = { ...step, action: 'download', patienceSeconds };
  return boundedStep(bounds, walk, (running) => clickAndTake(step, running, attemptDirectory));
}

async function clickAndTake(
  step: DownloadStep,
  running: BoundedStep,
  attemptDirectory: string,
): Promise<DownloadedExport> {
  const portalRecords = await recordsShown(step, running);
  const arrivals = newArrivals(step, running.walk);
  const shown = watchForShownFile(running.walk);
  const arriving = watchArriving(running.walk.arriving);
  const appeared = watchForAppeared(running.walk, running.wait.deadline - Date.now());
  const beforeClick = async () => {
    await appeared.arm();
    arrivals.arm();
  };
  const stopSaving = step.showsFile === true ? await saveShownFiles(running.walk.context) : undefined;
  try {
    await withOpening(step.opens, reaching(running), () =>
      clickOnce(step.click, reaching(running), beforeClick),
    );
    const download = await waitUntil(async () => {
      await arriving.look();
      const first = arrivals.first();
      if (first !== undefined) return first;
      await shown.look();
      await appeared.look();
      return undefined;
    }, running.wait);
    if (download === undefined) throw timedOut(running, await appeared.inWords());
    await wholeDownload(download, running, arriving.look);
    const file = await save(download, attemptDirectory, running.walk);
    // Some portals report only now that a part is missing.
    await throwOnFailureSign(running.walk);
    return { ...file, ...(portalRecords === undefined ? {} : { portalRecords }) };
  } finally {
    arrivals.stop();
    await stopSaving?.();
  }
}

/** The button gets a step's patience; the long patience is for the file. */
function reaching(running: BoundedStep): BoundedStep {
  const deadline = Date.now() + running.walk.recipe.patience.stepSeconds * 1000;
  return { ...running, wait: { ...running.wait, deadline: Math.min(deadline, running.wait.deadline) } };
}

/** The number of records that the portal shows now or showed at an earlier step, if the recipe says where. */
async function recordsShown(
  { name, recordCount }: DownloadStep,
  running: BoundedStep,
): Promise<number | undefined> {
  const { counts } = running.walk;
  if (recordCount === undefined) return agreedCount(counts);
  return agreedCount([...counts, { step: name, count: await readCount(recordCount, reaching(running)) }]);
}

/** Checks, without a click, that the export is possible: the count of records and the button are there. */
export async function seeExport(walk: Walk): Promise<void> {
  const step = walk.recipe.download;
  // The count and the button get a step's patience each, as in an export.
  const bounds = { ...step, action: 'download', patienceSeconds: 2 * walk.recipe.patience.stepSeconds };
  await boundedStep(bounds, walk, async (running) => {
    await recordsShown(step, running);
    await reach(step.click, reaching(running));
  });
}

interface Arrivals {
  /** Call right before the click: files that arrived earlier belong to something else. */
  readonly arm: () => void;
  readonly first: () => Download | undefined;
  readonly stop: () => void;
}

function newArrivals({ fileName }: DownloadStep, { context }: Walk): Arrivals {
  const taken: Download[] = [];
  let armed = false;
  let trouble: unknown;
  const isWanted = (download: Download) => {
    try {
      return (
        fileName === undefined || matchBounded(wholeText(fileName), download.suggestedFilename()) !== null
      );
    } catch (error) {
      // An error thrown in an event listener would go uncaught.
      trouble = error;
      return false;
    }
  };
  const arrive = (download: Download) => {
    if (armed && taken.length < arrivalLimit && isWanted(download)) taken.push(download);
    else void discard(download);
  };
  context.on('download', arrive);
  return {
    arm: () => (armed = true),
    first: () => {
      if (trouble !== undefined) throw trouble;
      return taken[0];
    },
    stop: () => context.off('download', arrive),
  };
}

async function discard(download: Download): Promise<void> {
  try {
    await download.cancel();
    await download.delete();
  } catch {
    // The browser has closed, which deletes its downloads.
  }
}

function timedOut({ walk }: BoundedStep, appeared = ''): PortalTrouble {
  const trouble = walk.traffic.anyTrouble();
  if (trouble !== undefined) return portalError(trouble.code);
  const seconds = walk.recipe.download.patienceSeconds ?? walk.recipe.patience.downloadSeconds;
  return new PortalTrouble(
    'ExportTimedOut',
    `no whole file came within ${seconds} s${appeared === '' ? '' : `; since the click appeared ${appeared}`}`,
  );
}

/** A large file comes slowly, a stuck one never. The export's patience covers both. */
async function wholeDownload(
  download: Download,
  running: BoundedStep,
  lookAtSize: () => Promise<void>,
): Promise<void> {
  const { traffic, arriving } = running.walk;
  assertFits(traffic.contentLength(download.url()), arriving);
  let outcome: { failure: string | null } | undefined;
  void download.failure().then(
    (failure) => (outcome = { failure }),
    () => (outcome = { failure: 'lost' }),
  );
  const ended = await waitUntil(async () => {
    await lookAtSize();
    return outcome;
  }, running.wait).catch(async (error: unknown) => {
    // Otherwise the download would continue until the browser closes.
    await discard(download);
    throw error;
  });
  if (ended === undefined) throw timedOut(running);
  if (ended.failure !== null) throw truncated('the download broke off');
}

async function save(
  download: Download,
  directory: string,
  { traffic, arriving }: Walk,
): Promise<Pick<DownloadedExport, 'path' | 'suggestedName' | 'contentLength'>> {
  const suggestedName = download.suggestedFilename();
  // The portal chooses the name, so the path takes only a plain ending from it.
  const path = join(directory, `export${plainEnding(suggestedName)}`);
  assertFits(await sizeOf(await download.path()), arriving);
  await download.saveAs(path);
  await download.delete();
  const { size } = await stat(path);
  const contentLength = traffic.contentLength(download.url());
  if (size === 0) throw truncated('the file is empty');
  if (contentLength !== undefined && contentLength !== size) {
    throw truncated(`the file has ${size} bytes where the portal announced ${contentLength}`);
  }
  return { path, suggestedName, ...(contentLength === undefined ? {} : { contentLength }) };
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

function truncated(message: string): PortalTrouble {
  return new PortalTrouble('ExportTruncated', message);
}

/** The endings that portals send. Any other ending may be part of a patient's name. */
const endings = new Set('.csv .gz .htm .html .json .pdf .tsv .txt .xls .xlsx .xml .zip'.split(' '));

export function plainEnding(fileName: string): string {
  const ending = extname(fileName).toLowerCase();
  return endings.has(ending) ? ending : '';
}
