import { closeBrowser, type LiveBrowser } from './browser.ts';
import { ConsoleRecord } from './consoleRecord.ts';
import { Traffic } from './traffic.ts';
import { PortalTrouble } from './trouble.ts';
import { Dialogs } from './walk.ts';

/** A browser and everything that observes it. */
export interface WatchedBrowser extends LiveBrowser {
  readonly traffic: Traffic;
  readonly dialogs: Dialogs;
  readonly console: ConsoleRecord;
  /** Aborted when the browser ends by itself. */
  readonly ended: AbortController;
  signedIn: boolean;
}

/**
 * Opens the first page of a browser that has just started.
 * @throws PortalTrouble if the browser has already ended; it is closed then.
 */
export async function watchBrowser(started: LiveBrowser): Promise<WatchedBrowser> {
  const { browser, context } = started;
  const ended = new AbortController();
  const end = () => ended.abort(new PortalTrouble('PortalUnavailable', browserEnded));
  browser.on('disconnected', end);
  context.on('page', (page) => page.on('crash', end));
  const watched = {
    ...started,
    traffic: new Traffic(context, (address) => started.guard?.failureOf(address)),
    dialogs: new Dialogs(context),
    console: new ConsoleRecord(context),
    ended,
    signedIn: false,
  };
  try {
    await context.newPage();
    return watched;
  } catch (error) {
    await closeBrowser(started);
    throw new PortalTrouble('PortalUnavailable', browserEnded, { cause: error });
  }
}

const browserEnded = 'The browser ended while it was at work.';
