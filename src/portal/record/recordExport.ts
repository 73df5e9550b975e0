import { join } from 'node:path';
import { mkdtemp } from 'node:fs/promises';
import getPort from 'get-port';
import type { Download } from 'playwright';
import { closeArriving, openArriving, watchArriving } from '../arriving.ts';
import { closeBrowser, launchBrowser } from '../browser.ts';
import type { PortalReach } from '../guardedBrowser.ts';
import type { LoginGuard } from '../login.ts';
import { OriginGuard } from '../originGuard.ts';
import { Traffic } from '../traffic.ts';
import { notOpened } from '../portalErrors.ts';
import { PortalTrouble } from '../trouble.ts';
import { pause, unlessAborted } from '../waiting.ts';
import { startRecorder, type RecordedAction, type Visit } from './playwrightRecorder.ts';

export interface RecordOptions<Export> extends PortalReach {
  /** Says what came, or undefined if it is no report: then the person goes on. */
  readonly recognise: (path: string) => Promise<Export | undefined>;
  /** Called once the browser shows the portal; with the address for another browser's tools if it has no window. */
  readonly onOpen: (debuggingAddress: string | undefined) => void;
  /** Called before a password is sent, and afterwards with what became of it, if that is known. */
  readonly login: LoginGuard;
  readonly signal: AbortSignal;
}

export interface RecordedExport<Export> {
  readonly actions: readonly RecordedAction[];
  readonly visits: readonly Visit[];
  readonly export: Export;
}

/** Nobody takes longer for one export, and an abandoned browser must end. */
const recordingMinutes = 120;
/** How often the size of what is being downloaded is looked at. */
const lookMilliseconds = 500;
/** What the recorder still has to say of the last click. */
const settleMilliseconds = 1500;

/** Opens the portal in a browser, and records what a person does there until the file of a report has come. */
export async function recordExport<Export>(options: RecordOptions<Export>): Promise<RecordedExport<Export>> {
  const { url, browser, reach, exportLimitBytes, signal } = options;
  const arriving = await openArriving({ parent: browser.downloadsPath, limitBytes: exportLimitBytes });
  const guard = await OriginGuard.open({ portalUrl: url, ...reach });
  let watch: NodeJS.Timeout | undefined;
  try {
    const debuggingPort = browser.headless ? await getPort({ host: '127.0.0.1' }) : undefined;
    const live = await launchBrowser({
      ...browser,
      downloadsPath: arriving.folder,
      guard,
      ...(debuggingPort === undefined ? {} : { debuggingPort }),
    });
    try {
      const ended = new AbortController();
      live.browser.on('disconnected', () => ended.abort(browserClosed()));
      const { look } = watchArriving(arriving);
      watch = setInterval(
        () => void look().catch((tooLarge: unknown) => ended.abort(tooLarge)),
        lookMilliseconds,
      );
      const late = AbortSignal.timeout(recordingMinutes * 60_000);
      const halt = AbortSignal.any([signal, ended.signal, late]);
      // A dialog that nobody listens for is dismissed at once; in a window the person answers it.
      live.context.on('dialog', (dialog) => {
        if (browser.headless) void dialog.accept().catch(() => undefined);
      });
      const recorder = await startRecorder(live.context);
      const traffic = new Traffic(live.context, (address) => guard.failureOf(address));
      await options.login.beforePasswordSubmit();
      const arrived = firstReport(live.context, arriving.folder, options.recognise);
      const page = await live.context.newPage();
      page.on('close', () => {
        if (live.context.pages().length === 0) ended.abort(browserClosed());
      });
      const opened = async () => {
        await unlessAborted(page.goto(url), halt).catch((error: unknown) => {
          halt.throwIfAborted();
          throw notOpened(error, traffic);
        });
        options.onOpen(debuggingPort === undefined ? undefined : `127.0.0.1:${String(debuggingPort)}`);
        return unlessAborted(arrived, halt);
      };
      const found = await opened().catch(async (error: unknown) => {
        if (traffic.submissions.sent === 0) await options.login.afterLogin('not-judged');
        throw error;
      });
      await options.login.afterLogin('accepted');
      await pause(settleMilliseconds, halt);
      return { ...(await recorder.recorded()), export: found };
    } finally {
      clearInterval(watch);
      await closeBrowser(live);
    }
  } finally {
    await guard.close();
    await closeArriving(arriving);
  }
}

/** The first file that is a report. Others are deleted with the browser. */
function firstReport<Export>(
  context: { on(event: 'download', listener: (download: Download) => void): unknown },
  folder: string,
  recognise: RecordOptions<Export>['recognise'],
): Promise<Export> {
  const arrived = new Promise<Export>((resolve, reject) => {
    context.on('download', (download) => {
      const take = async () => {
        const path = join(await mkdtemp(join(folder, 'recorded-')), 'export');
        await download.saveAs(path);
        const found = await recognise(path);
        if (found !== undefined) resolve(found);
      };
      take().catch(reject);
    });
  });
  // Mark as handled now; the caller still sees the rejection when it awaits.
  arrived.catch(() => undefined);
  return arrived;
}

function browserClosed(): PortalTrouble {
  return new PortalTrouble('PortalUnavailable', 'The browser was closed before a report had come.', {
    hint: 'Nothing was written. Record once more, as far as the file of the export.',
  });
}
