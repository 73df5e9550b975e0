import { existsSync } from 'node:fs';
import { note, ok, problem, type PartExamination, type Verdict } from './examination.ts';
import { browserSettings } from '../../config.ts';
import { productFacts } from '../productFacts.ts';
import { isRoot } from '../../portal/browser.ts';
import { loadPlaywright } from '../../portal/loadPlaywright.ts';

export async function examineMachine(part: PartExamination): Promise<void> {
  await part.check('Node', () => nodeVerdict(process.versions.node, productFacts().engines.node));
  await part.check('the browser', async () => {
    const { named, executable } = browserSettings(process.env);
    if (named !== undefined) return browserVerdict(named, existsSync);
    // Only its path is needed; no browser starts here. Loading Playwright for it takes half of this command's CPU.
    const own = loadPlaywright().chromium.executablePath();
    return browserVerdict(executable(own) ?? own, existsSync);
  });
  part.add(sandboxVerdict(isRoot()));
}

/** Chromium refuses its sandbox to root, and a page that breaks out of the browser is then root. */
function sandboxVerdict(asRoot: boolean): Verdict {
  return asRoot
    ? note(
        'as root the browser runs without its sandbox',
        'Run the worker as a user of its own, as the container does (docs/docker.md).',
      )
    : ok('the browser runs in its sandbox');
}

/** `wanted` as in package.json: `>=20.19`. */
export function nodeVerdict(version: string, wanted: string): Verdict {
  const [major = 0, minor = 0] = numbersOf(wanted);
  const [ourMajor = 0, ourMinor = 0] = numbersOf(version);
  if (ourMajor > newestTriedNode) {
    return note(`Node ${version} is newer than what this program is tried with`, 'Use Node 20, 22 or 24.');
  }
  return ourMajor > major || (ourMajor === major && ourMinor >= minor)
    ? ok(`Node ${version}`)
    : problem(`Node ${version} is older than ${wanted}`, 'Install Node 20.19 or newer: https://nodejs.org');
}

const newestTriedNode = 24;

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}

export function browserVerdict(path: string, isThere: (path: string) => boolean): Verdict {
  return isThere(path)
    ? ok(`a browser is at ${path}`)
    : problem(
        `there is no browser at ${path}`,
        'npx playwright install --with-deps chromium, or set EHR_CHROMIUM to a Chromium or Chrome binary.',
      );
}
