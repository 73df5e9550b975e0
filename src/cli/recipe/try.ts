import path from 'node:path';
import {
  scratchDirectory,
  configPath,
  databaseIsSet,
  readPipelineConfig,
  type PipelineConfig,
} from '../../config.ts';
import { dayInZone } from '../../domain/dates.ts';
import { PipelineError } from '../../domain/failures.ts';
import { nearestWord } from '../../domain/nearestWord.ts';
import { duePeriod, periodText } from '../../domain/periods.ts';
import { printableLines } from '../../domain/printable.ts';
import type { Recipe } from '../../portal/recipeSchema.ts';
import {
  startOfRecipe,
  type RecipePlace,
  type RecipeTry,
  type TriedStep,
  type TryEnd,
} from '../../portal/tryRecipe.ts';
import { reportNames } from '../../reports/index.ts';
import { portalAddresses } from '../../wiring/portalReach.ts';
import { portalsInUse } from '../../wiring/portals.ts';
import { readRecipeFile } from '../../wiring/recipeFile.ts';
import { checkExport, withRecipeTry, type RecipeTryParts } from '../../wiring/recipeTry.ts';
import { withGuardedLogin } from '../connections.ts';
import { asking, isTerminal } from '../asking.ts';
import { errorWords } from '../errors.ts';
import { exitCodes } from '../exitCodes.ts';
import { interruptible } from '../interruptible.ts';
import { forHere, print, type OutputOptions } from '../output.ts';
import { periodArgument } from '../periodArgument.ts';
import { stepLine, stopWords } from './tryWords.ts';
import { refused } from '../commandErrors.ts';

export interface TryRecipeOptions extends OutputOptions {
  readonly report?: string;
  readonly period?: string;
  readonly until?: string;
  readonly headed?: boolean;
  readonly yes?: boolean;
}

/** One call of the command. */
interface Attempt {
  readonly config: PipelineConfig;
  readonly report: RecipeTryParts['report'];
  readonly until: string | undefined;
  /** Whether a person is there to answer. */
  readonly talks: boolean;
  /** @throws PipelineError `InvalidInput` if the file has mistakes. */
  readonly read: () => Promise<Recipe>;
  readonly say: (line: string) => void;
}

/** Runs a recipe against the portal, step by step, without a load. */
export async function tryRecipe(named: string | undefined, options: TryRecipeOptions): Promise<void> {
  const pipeline = readPipelineConfig(configPath());
  const portals = portalsInUse(pipeline);
  const { settings, config: portal } =
    portals.find(({ reports }) => reports.some((each) => each === options.report)) ?? portals[0]!;
  const config = { ...pipeline, portal };
  const file = named ?? portal.recipe;
  const read = async () => (await readRecipeFile(file, portalAddresses(portal, settings.url))).recipe;
  const recipe = await read();
  placeNamed(options.until, recipe);
  const talks = isTerminal() && options.json !== true;
  const say = (line: string) => {
    if (options.json !== true) console.log(printableLines(forHere(line)));
  };
  const attempt = {
    config,
    report: reportOf(options, recipe, config),
    until: options.until,
    talks,
    read,
    say,
  };
  if (!databaseIsSet()) await askWithoutDatabase(options, attempt);
  const { name, period } = attempt.report;
  say(`${path.basename(file)}: ${name} ${periodText(period)} at ${new URL(settings.url).origin}`);
  const steps: TriedStep[] = [];
  const end = await interruptible((interrupted) =>
    withGuardedLogin((login) =>
      withRecipeTry(
        {
          config,
          settings,
          recipe,
          login,
          report: attempt.report,
          folder: scratchDirectory(),
          headless: options.headed !== true && config.portal.headless,
          showPages: talks,
          onStep: (step) => {
            steps.push(step);
            say(stepLine(step));
          },
        },
        interrupted,
        (opened) => goThrough(opened, recipe, attempt, interrupted),
      ),
    ),
  );
  if (options.json === true) print(options, { report: name, period, steps, end }, () => '');
  if (end.kind === 'failed') process.exitCode = exitCodes.failed;
}

/** By default the first report that the recipe names, and its newest period that has ended. */
function reportOf(
  { report, period }: TryRecipeOptions,
  recipe: Recipe,
  { organisation }: PipelineConfig,
): Attempt['report'] {
  const named = Object.keys(recipe.reports);
  const first = report ?? reportNames.find((each) => named.includes(each)) ?? reportNames[0]!;
  const today = dayInZone(new Date(), organisation.timeZone);
  const chosen = periodArgument(first, period ?? today);
  if (!named.includes(chosen.report)) {
    throw refused(
      `The recipe does not name the report ${chosen.report}.`,
      `Add it under reports, or try one that the recipe names: ${named.join(', ')}`,
    );
  }
  const due = period === undefined ? duePeriod(chosen.report, today) : chosen.period;
  return { name: chosen.report, period: due };
}

/** @throws PipelineError `InvalidInput` that names the nearest step. */
function placeNamed(name: string | undefined, recipe: Recipe): RecipePlace | undefined {
  if (name === undefined) return undefined;
  for (const section of ['login', 'report'] as const) {
    const index = recipe[section].findIndex((step) => step.name === name);
    if (index !== -1) return { section, index };
  }
  const names = [...recipe.login, ...recipe.report].map((step) => step.name);
  const near = nearestWord(name, names);
  throw refused(
    'No step of login or report has the name that --until gives.',
    near === undefined ? `The steps are: ${names.join(', ')}` : `Did you mean "${near}"?`,
  );
}

/** @throws PipelineError `InvalidInput` if nobody wants to sign in without the lock of the login. */
async function askWithoutDatabase({ yes }: TryRecipeOptions, { say, talks }: Attempt): Promise<void> {
  const unknown =
    'DATABASE_URL is not set: nothing says whether a run uses the portal login, or whether its password was refused before.';
  if (yes === true) return say(unknown);
  if (talks) {
    say(unknown);
    const answer = await interruptible((interrupted) =>
      asking((terminal) => terminal.word('Send the password, once?', ['yes', 'no']), interrupted),
    );
    if (answer === 'yes') return;
  }
  throw refused(
    talks ? 'Nothing was sent.' : unknown,
    'Set DATABASE_URL, or sign in all the same with --yes.',
  );
}

/** What is left of an end once its file is judged and deleted. */
type SeenEnd =
  | Exclude<TryEnd, { kind: 'exported' }>
  | { readonly kind: 'exported'; readonly records: number };

/** Tries, and on a terminal tries again from the step that failed, until the recipe ends or the person does. */
async function goThrough(
  opened: RecipeTry,
  first: Recipe,
  attempt: Attempt,
  interrupted: AbortSignal,
): Promise<SeenEnd> {
  let recipe = first;
  let from = startOfRecipe;
  for (;;) {
    const end = await opened.run(recipe, from, placeNamed(attempt.until, recipe));
    if (end.kind === 'exported') return judged(end, attempt);
    attempt.say(end.kind === 'failed' ? stopWords(end) : `Done until "${String(attempt.until)}".`);
    const again = await nextTry(end, recipe, attempt, interrupted);
    if (again === undefined) return end;
    ({ recipe, from } = again);
  }
}

async function judged(
  { exported, dispose }: Extract<TryEnd, { kind: 'exported' }>,
  { report, config, say }: Attempt,
): Promise<SeenEnd> {
  try {
    const records = await checkExport(exported, report, config);
    const { portalRecords } = exported;
    const proof =
      portalRecords === undefined
        ? 'the recipe has no recordCount'
        : `the portal says ${String(portalRecords)}`;
    say(
      `The file is the ${report.name} report of ${periodText(report.period)}: ${String(records)} records, ${proof}. It was deleted; nothing was loaded.`,
    );
    return { kind: 'exported', records };
  } finally {
    await dispose();
  }
}

/** What to try next, or undefined to end. */
async function nextTry(
  end: Exclude<TryEnd, { kind: 'exported' }>,
  recipe: Recipe,
  { talks, read, say, until }: Attempt,
  interrupted: AbortSignal,
): Promise<{ recipe: Recipe; from: RecipePlace } | undefined> {
  if (!talks) return undefined;
  if (end.kind === 'failed' && !end.canGoOn) {
    say('It cannot go on from here: start again.');
    return undefined;
  }
  for (;;) {
    const answer = await asking(
      (terminal) => terminal.word('r: read the file again and go on from here, q: end', ['r', 'q']),
      interrupted,
    );
    if (answer === 'q') return undefined;
    try {
      const changed = await read();
      placeNamed(until, changed);
      return { recipe: changed, from: samePlace(end, recipe, changed) };
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      say(errorWords(error));
    }
  }
}

/** The step of the same name, else the one at the same place. */
function samePlace({ section, index }: RecipePlace, before: Recipe, after: Recipe): RecipePlace {
  if (section === 'download') return { section, index };
  const name = before[section][index]?.name;
  const found = after[section].findIndex((step) => step.name === name);
  return { section, index: found === -1 ? Math.min(index, after[section].length) : found };
}
