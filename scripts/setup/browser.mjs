import { isExecutable, onPath } from './cache.mjs';
import { canInstallPackages, installPackages } from './debian.mjs';
import { MissingPart } from './missing-part.mjs';
import { projectFolder } from './project.mjs';
import { say, whileAlive } from './progress.mjs';
import { canReach } from './reachable.mjs';
import { run } from './run.mjs';

const downloadHost = 'cdn.playwright.dev';
/** Chromium has about 170 MB: a line that needs longer is slower than Debian's package. */
const downloadSeconds = 300;
const versionSeconds = 30;
/** The headless shell has about 60 MB, and saves a few minutes: no reason to wait longer for a slow mirror. */
const shellSeconds = 120;
/** Playwright tries a blocked address several times over; each try may take this long. */
const connectMilliseconds = '10000';

const part = 'Browser';

/** The program itself: the `chromium-headless-shell` on the PATH is a shell script that stays in front of it. */
const debianHeadlessShell = '/usr/lib/chromium/chromium-headless-shell';

/**
 * Finds a Chromium for Playwright; where there is none, fetches or installs it.
 * @param {{ nodeModules: Promise<void> }} options Playwright's own browser needs the npm packages
 * @returns {Promise<string>} path of the binary
 */
export async function findBrowser({ nodeModules }) {
  const found = (await fromEnvironment()) ?? (await fromPath());
  if (found !== undefined) return found;
  await nodeModules;
  const fetched = (await fromPlaywrightCache()) ?? (await download()) ?? (await fromDebian());
  if (fetched === undefined) throw missing();
  return fetched;
}

async function fromEnvironment() {
  const file = process.env.EHR_CHROMIUM;
  if (file === undefined || file === '') return undefined;
  const version = await versionOf(file);
  if (version === undefined) throw new Error(`EHR_CHROMIUM is ${file}, which does not answer --version.`);
  say(part, `using EHR_CHROMIUM (${version})`);
  return file;
}

/**
 * Finds Chromium's headless shell, which has no windows and starts at a third of the cost; as root on Debian, installs
 * it. EHR_CHROMIUM is meant for everything, and so keeps it away.
 * @returns {Promise<string | undefined>} undefined where the browser itself has to do
 */
export async function findHeadlessShell() {
  if (process.env.EHR_CHROMIUM) return undefined;
  return (await debianShell()) ?? (await installShell());
}

async function debianShell() {
  const version = (await isExecutable(debianHeadlessShell))
    ? await versionOf(debianHeadlessShell)
    : undefined;
  if (version !== undefined) say(part, `found its headless shell (${version})`);
  return version === undefined ? undefined : debianHeadlessShell;
}

async function installShell() {
  if (!(await canInstallPackages())) return undefined;
  if (await installPackages(part, ['chromium-headless-shell'], shellSeconds)) return debianShell();
  say(part, 'without the headless shell the tests take longer');
  return undefined;
}

async function fromPath() {
  const file = await onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
  // Some systems have a stub of this name that only tells how to install it: it does not answer.
  const version = file === undefined ? undefined : await versionOf(file);
  if (version !== undefined) say(part, `found on the PATH (${version})`);
  return version === undefined ? undefined : file;
}

async function fromPlaywrightCache() {
  const file = await playwrightBrowser();
  const version = (await isExecutable(file)) ? await versionOf(file) : undefined;
  if (version !== undefined) say(part, `Playwright's own is there (${version})`);
  return version === undefined ? undefined : file;
}

/** Where this version of Playwright keeps its Chromium in the user's cache. */
async function playwrightBrowser() {
  const { chromium } = await import('playwright');
  return chromium.executablePath();
}

/** @param {string} file */
async function versionOf(file) {
  const answer = await run(file, ['--version'], { timeoutSeconds: versionSeconds });
  return answer.ok ? answer.stdout.trim() : undefined;
}

async function download() {
  if (!(await canReach(downloadHost))) {
    say(part, `${downloadHost} cannot be reached from here, so no download`);
    return undefined;
  }
  say(part, "downloading Playwright's Chromium");
  const done = await whileAlive(
    part,
    'downloading',
    run(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'], {
      cwd: projectFolder,
      timeoutSeconds: downloadSeconds,
      env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: connectMilliseconds },
    }),
  );
  if (!done.ok) say(part, 'the download failed');
  return done.ok ? fromPlaywrightCache() : undefined;
}

async function fromDebian() {
  if (!(await canInstallPackages())) return undefined;
  return (await installPackages(part, ['chromium'])) ? fromPath() : undefined;
}

function missing() {
  return new MissingPart(
    'A Chromium browser',
    [
      'EHR_CHROMIUM',
      '`chromium` and `google-chrome` on the PATH',
      "Playwright's cache",
      `a download from ${downloadHost}`,
      "Debian's chromium (needs root and Debian)",
    ],
    ['install Chromium or Chrome, or name it in EHR_CHROMIUM', 'npx playwright install --with-deps chromium'],
  );
}
