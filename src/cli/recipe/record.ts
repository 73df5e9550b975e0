import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  scratchDirectory,
  ConfigError,
  configPath,
  hasDisplay,
  knownPortalLogin,
  portalAddress,
  readPipelineConfig,
  reportsInUse,
} from '../../config.ts';
import { printableLines } from '../../domain/printable.ts';
import { recordExport } from '../../portal/record/recordExport.ts';
import { recipeText } from '../../portal/record/recipeText.ts';
import { draftRecipe } from '../../portal/record/recordedRecipe.ts';
import { holdLogin, type HeldLogin } from '../../wiring/heldLogin.ts';
import { portalFolders, portalReach } from '../../wiring/portalReach.ts';
import { withGuardedLogin } from '../connections.ts';
import { interruptible } from '../interruptible.ts';
import { forHere, print, type OutputOptions } from '../output.ts';
import { recognisedExport } from './recognisedExport.ts';
import { refused } from '../commandErrors.ts';

/** Opens the portal in a browser and writes a recipe of what a person does there for one export. */
export async function recordRecipe(file: string, options: OutputOptions): Promise<void> {
  const url = portalAddress();
  if (url === undefined)
    throw new ConfigError(['EHR_PORTAL_URL: not set, wanted the address of the login page']);
  if (existsSync(file)) {
    throw refused(`${file} is there already.`, 'Give the recipe another name.');
  }
  const config = readPipelineConfig(configPath());
  const credentials = knownPortalLogin();
  const { downloads } = await portalFolders(scratchDirectory());
  const recorded = await interruptible((signal) =>
    withHeldLogin({ url, ...credentials }, signal, ({ guard, lost }) =>
      recordExport({
        ...portalReach(config, { url, downloads, headless: !hasDisplay() }),
        login: guard,
        signal: AbortSignal.any([signal, lost]),
        onOpen: (address) => say(openWords(url, address)),
        recognise: async (downloaded) => {
          const found = await recognisedExport(downloaded, config.rules);
          if (found === undefined) say('That file is none of the reports: go on.');
          return found;
        },
      }),
    ),
  );
  const draft = draftRecipe({
    portal: path.basename(file).replace(/\.ya?ml$/, ''),
    portalUrl: url,
    reports: reportsInUse(config),
    credentials,
    ...recorded,
  });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, recipeText(draft), { flag: 'wx' });
  const { report, records } = recorded.export;
  print(options, { file, report, records, decisions: draft.decisions }, () =>
    [
      `${file}: a recipe for the ${report} report, recorded with a file of ${String(records)} records`,
      'Still to decide:',
      ...draft.decisions.map((what, index) => `${String(index + 1).padStart(3)}. ${what}`),
      `Next: npm run client -- recipe try ${file} --report ${report}`,
    ].join('\n'),
  );
}

/** As far as it is known which login the person will use, and where its guard is kept. */
async function withHeldLogin<Result>(
  { url, user, password }: { url: string; user: string | undefined; password: string | undefined },
  signal: AbortSignal,
  work: (held: HeldLogin) => Promise<Result>,
): Promise<Result> {
  return withGuardedLogin(async (login) => {
    const settings = user === undefined || password === undefined ? undefined : { url, user, password };
    if (login === undefined || settings === undefined) say(unguarded);
    const known = settings ?? { url, user: '', password: '' };
    const held = await holdLogin(
      settings === undefined ? undefined : login,
      { settings: known, recipe: undefined },
      signal,
    );
    try {
      return await work(held);
    } finally {
      await held.release();
    }
  });
}

const unguarded =
  'DATABASE_URL, EHR_PORTAL_USER and EHR_PORTAL_PASSWORD are not all set: nothing says whether a run uses the portal login, or whether its password was refused before.';

/** To stderr: the answer of --json is one document on stdout. */
function say(line: string): void {
  console.error(printableLines(forHere(line)));
}

function openWords(url: string, debuggingAddress: string | undefined): string {
  const place =
    debuggingAddress === undefined
      ? `A browser shows ${new URL(url).origin}.`
      : `There is no display. The browser answers at http://${debuggingAddress}, on this machine only: forward that port (ssh -L), then add localhost and the port at chrome://inspect in your own Chrome.`;
  return `${place}\nSign in and export one report by hand. The recording ends with its file; Ctrl-C ends it without a recipe.`;
}
