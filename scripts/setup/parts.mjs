import { findBrowser, findHeadlessShell } from './browser.mjs';
import { findDatabase } from './database.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { endRunningCommands } from './run.mjs';
import { findSshd } from './sshd.mjs';
import { findTctl } from './tctl.mjs';
import { findTemporalServer } from './temporal-server.mjs';
import { findTemporal } from './temporal.mjs';
import { findObjectStore } from './versitygw.mjs';

/**
 * After one part turned out to be missing, how long the others may take to say the same, so that a person is told
 * of all at once. A blocked download gives up within this; a build is not worth waiting for.
 */
const otherFailuresSeconds = 120;

/**
 * @typedef {object} Wanted
 * @property {string | undefined} temporalAddress a running Temporal server to use
 * @property {'needed' | 'unless-address' | 'not-needed'} temporalCli the binary, which also starts a server
 * @property {'needed' | 'not-needed'} database
 * @property {string | undefined} databaseUrl a running database server to use
 * @property {'needed' | 'not-needed'} browser
 * @property {'wanted' | 'not-needed'} [headlessShell] wanted: installed where that is possible
 * @property {'wanted' | 'not-needed'} tctl wanted: built where Go is there
 * @property {'wanted'} [sshd] wanted: unpacked where it can be had
 * @property {'wanted' | 'not-needed'} [objectStore] the same
 * @property {'wanted' | 'not-needed'} [temporalServer] the same: that of production, on MySQL
 */

/**
 * Finds, fetches or builds all parts at once, the slowest first. What is missing is told in one message.
 * @param {Wanted} wanted
 * @param {Promise<void>} [nodeModules] where the caller has begun with them
 * @returns {Promise<import('../services/parts.ts').Parts>}
 */
export async function prepareParts(wanted, nodeModules = ensureNodeModules()) {
  const needsCli =
    wanted.temporalCli === 'needed' ||
    (wanted.temporalCli === 'unless-address' && wanted.temporalAddress === undefined);
  const temporalCli = needsCli ? findTemporal({ nodeModules }) : Promise.resolve(undefined);
  const tctl =
    wanted.tctl === 'wanted' ? findTctl({ after: settled(temporalCli) }) : Promise.resolve(undefined);
  const sshd = wanted.sshd === 'wanted' ? findSshd() : Promise.resolve(undefined);
  const objectStore =
    wanted.objectStore === 'wanted'
      ? findObjectStore({ after: settled(Promise.all([temporalCli, tctl])) })
      : Promise.resolve(undefined);
  const temporalServer =
    wanted.temporalServer === 'wanted'
      ? findTemporalServer({ after: settled(temporalCli) })
      : Promise.resolve(undefined);
  const browser = wanted.browser === 'needed' ? findBrowser({ nodeModules }) : Promise.resolve(undefined);
  const headlessShell = wanted.headlessShell === 'wanted' ? findHeadlessShell() : Promise.resolve(undefined);
  const database =
    wanted.database === 'needed' ? findDatabase({ url: wanted.databaseUrl }) : Promise.resolve(undefined);
  await allOrEveryFailure([
    nodeModules,
    temporalCli,
    browser,
    headlessShell,
    database,
    tctl,
    sshd,
    objectStore,
    temporalServer,
  ]);
  return {
    temporalAddress: wanted.temporalAddress,
    temporalCli: await temporalCli,
    database: await database,
    browser: await browser,
    headlessShell: await headlessShell,
    tctl: await tctl,
    sshd: await sshd,
    objectStore: await objectStore,
    temporalServer: await temporalServer,
  };
}

/** @param {Promise<unknown>} work */
function settled(work) {
  return work.catch(() => undefined);
}

/**
 * Waits for all; where some fail, ends what is still running and throws their messages together.
 * @param {readonly Promise<unknown>[]} work
 */
async function allOrEveryFailure(work) {
  /** @type {string[]} */
  const messages = [];
  for (const part of work) {
    part.catch((error) => {
      const message = error instanceof Error ? error.message : String(error);
      // Two parts that wait for the npm packages fail with the very same error.
      if (!messages.includes(message)) messages.push(message);
    });
  }
  try {
    await Promise.all(work);
  } catch (error) {
    const tooLong = new Promise((resolve) => setTimeout(resolve, otherFailuresSeconds * 1000).unref());
    await Promise.race([Promise.allSettled(work), tooLong]);
    endRunningCommands();
    throw new SetUpFailed(messages.join('\n\n'), { cause: error });
  }
}

/** Its message is for a person, as it stands. */
export class SetUpFailed extends Error {
  name = 'SetUpFailed';
}
