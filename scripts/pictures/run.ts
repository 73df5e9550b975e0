import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright';
import { parseDocument } from 'yaml';
import type { FaultSettings } from '../../demo/portal/faults.ts';
import { backfillId, runReportId } from '../../src/domain/temporalNames.ts';
import { periodsNewestFirst, type Period } from '../../src/domain/periods.ts';
import type { DemoEnvironment } from '../demo/environment.ts';
import { startPortal, startWorker } from '../demo/programs.ts';
import { demoRanges } from '../demo/ranges.ts';
import { runClient } from '../demo/run-client.ts';
import { startServers } from '../demo/servers.ts';
import { TemporalView } from '../demo/temporal-view.ts';
import { Closing } from '../services/closing.ts';
import { claimFolder } from '../services/folder.ts';
import type { Parts } from '../services/parts.ts';
import { pictureDashboards } from './dashboards.ts';
import { pictureRuns, type PicturedRuns } from './web-ui.ts';

/** Beside the demo's own, so that both may run at once. */
const folder = path.resolve('.local-pictures');
const images = path.resolve('docs/images');

/** Makes the states that the pages of docs show, and pictures of them. Gives the exit code. */
export async function takePictures(parts: Parts): Promise<number> {
  const closing = new Closing();
  const code = await pictures(parts, closing).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
  const failures = await closing.closeAll();
  for (const failure of failures) console.error(failure);
  // What is loaded already would end as unchanged the next time.
  if (code === 0) await rm(folder, { recursive: true, force: true });
  return failures.length > 0 ? 1 : code;
}

async function pictures(parts: Parts, closing: Closing): Promise<number> {
  closing.add('The folder', await claimFolder(folder));
  const started = await startServers(parts, folder, closing);
  const environment = {
    ...started,
    variables: { ...started.variables, EHR_CONFIG: await impatientConfig() },
  };
  await startPortal(environment, closing);
  await runClient(environment, ['migrate'], closing.interrupted);
  const temporal = await TemporalView.connect(environment);
  closing.add('The connection to Temporal', () => temporal.close());
  const stop = await startWorker(environment, temporal, closing);

  await loadSixMonths(environment, temporal, stop);
  const runs = await runsToShow(environment, temporal, stop);
  await runClient(environment, ['dashboard', '--out', path.join(folder, 'dashboards')], stop);

  const browser = await chromium.launch({
    ...(parts.browser === undefined ? {} : { executablePath: parts.browser }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  closing.add('The browser', () => browser.close());
  await mkdir(images, { recursive: true });
  const { uiUrl } = environment;
  if (uiUrl === undefined) throw new Error('The Temporal server has no Web UI to picture.');
  await pictureRuns(browser, { uiUrl, runs, images });
  await pictureDashboards(browser, { file: path.join(folder, 'dashboards', 'dashboard.html'), images });
  return 0;
}

/** The demo's, but a step that fails gives up after seconds. */
async function impatientConfig(): Promise<string> {
  const document = parseDocument(await readFile('demo/pipeline.yaml', 'utf8'));
  const recipe = String(document.getIn(['portal', 'recipe']));
  document.setIn(['portal', 'recipe'], path.resolve('demo', recipe));
  document.setIn(['portal', 'attempts'], 2);
  document.setIn(['portal', 'retrySeconds'], 1);
  const file = path.join(folder, 'pipeline.yaml');
  await writeFile(file, String(document));
  return file;
}

async function loadSixMonths(
  environment: DemoEnvironment,
  temporal: TemporalView,
  stop: AbortSignal,
): Promise<void> {
  const backfills = demoRanges(new Date());
  for (const { report, from, to } of backfills) {
    await runClient(environment, ['backfill', report, '--from', from, '--to', to, '--no-wait'], stop);
  }
  for (const { report, from, to } of backfills) {
    const failure = await temporal.failureOf(backfillId(report, { from, to }));
    if (failure !== '') throw new Error(`The backfill of ${report} failed: ${failure}`);
  }
}

/** One run of each end: of a portal as it should be, of one that hides rows, of one whose page has changed. */
async function runsToShow(
  environment: DemoEnvironment,
  temporal: TemporalView,
  stop: AbortSignal,
): Promise<PicturedRuns> {
  const [utilization, notes] = demoRanges(new Date());
  const [published] = periodsNewestFirst('utilization', utilization!);
  // The newest has not ended: its page shows what can still be signed.
  const [, held, failed] = periodsNewestFirst('notes', notes!);
  await setFaults(environment, { rowsHidden: true });
  await runToItsEnd(held!);
  await setFaults(environment, { rowsHidden: false, renamedLabel: true });
  await runToItsEnd(failed!);
  await setFaults(environment, { renamedLabel: false });
  return {
    published: runReportId('utilization', published!),
    held: runReportId('notes', held!),
    failed: runReportId('notes', failed!),
  };

  async function runToItsEnd({ from, to }: Period): Promise<void> {
    await runClient(environment, ['run', 'notes', '--from', from, '--to', to, '--no-wait'], stop);
    await temporal.failureOf(runReportId('notes', { from, to }));
  }
}

async function setFaults(environment: DemoEnvironment, faults: Partial<FaultSettings>): Promise<void> {
  const answer = await fetch(`${environment.variables['EHR_PORTAL_URL']!}/__control/settings`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults }),
  });
  if (!answer.ok) throw new Error(`The stand-in portal refused its faults: ${await answer.text()}`);
}
