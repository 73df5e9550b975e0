import type { z } from 'zod';
import { PipelineError } from '../domain/failures.ts';
import { addDays, parseIsoDate, partsOf } from '../domain/dates.ts';
import { periodContaining } from '../domain/periods.ts';
import { didYouMean } from '../domain/nearestWord.ts';
import { displayKey } from '../domain/plainKeys.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import { aliasLines, lineOf, parsePlacedYaml, type Path } from '../domain/yaml/positions.ts';
import { yamlTooLarge } from '../domain/yaml/size.ts';
import { headingMistake } from './calendar.ts';
import { originForMessage, ownOrigins, webOrigin, type PortalAddresses } from './origins.ts';
import { addressOf, mentionsSecret, placeholderMistake, reportValues, type Place } from './placeholders.ts';
import {
  candidateWays,
  recipeSchema,
  stepActions,
  type Recipe,
  type Step,
  type StepOf,
} from './recipeSchema.ts';

/** A recipe, and where its parts stand in the file. */
export interface ReadRecipe {
  readonly recipe: Recipe;
  readonly lineOf: (path: Path) => number;
  /** `report step 3 "run the report"`; empty for the file as a whole. */
  readonly placeOf: (path: Path) => string;
}

interface Mistake {
  readonly path: Path;
  readonly what: string;
}

/** A file with more mistakes than this is not a recipe; the first ones are enough. */
const mistakeLimit = 20;

/**
 * Parses a recipe from YAML. `file` is used only in messages. If the portal's addresses are known, every `goto` must
 * lead to one of them.
 * @throws PipelineError `InvalidInput` that lists each mistake with its line.
 */
export function parseRecipe(text: string, file: string, addresses?: PortalAddresses): Recipe {
  return readRecipe(text, file, addresses).recipe;
}

/** As `parseRecipe`, and says where everything stands. `required`: the reports that it must have, by default all. */
export function readRecipe(
  text: string,
  file: string,
  addresses?: PortalAddresses,
  required: readonly ReportName[] = reportNames,
): ReadRecipe {
  const tooLarge = yamlTooLarge(text);
  if (tooLarge !== undefined) throw invalid(file, [`${file}: ${tooLarge}`]);
  const yaml = parsePlacedYaml(text);
  const { document, lines } = yaml;
  const broken = [
    ...[...document.errors, ...document.warnings].map(
      ({ pos, code }) => `${file}:${lines.linePos(pos[0]).line}: not valid YAML (${code})`,
    ),
    ...aliasLines(yaml).map((line) => `${file}:${line}: write the value itself instead of an alias`),
  ];
  if (broken.length > 0) throw invalid(file, broken);
  const raw: unknown = document.toJS();
  const parsed = recipeSchema.safeParse(raw);
  const mistakes = parsed.success
    ? [...missingReports(parsed.data, required), ...mistakesIn(parsed.data, raw, addresses)]
    : parsed.error.issues.flatMap((issue) => flatten(issue, [], raw));
  if (!parsed.success || mistakes.length > 0) {
    throw invalid(
      file,
      mistakes
        .map(({ path, what }) => ({
          line: lineOf(yaml, path),
          mistake: `${introduced(path, raw)}${what}`,
        }))
        .toSorted((one, other) => one.line - other.line)
        .map(({ line, mistake }) => `${file}:${line}: ${mistake}`),
    );
  }
  return {
    recipe: parsed.data,
    lineOf: (path) => lineOf(yaml, path),
    placeOf: (path) => placeName(path, raw),
  };
}

function missingReports({ reports }: Recipe, required: readonly ReportName[]): Mistake[] {
  const missing = required.filter((name) => reports[name] === undefined);
  const why =
    'it is missing; a portal without this report needs reports.<name>.inUse: false in pipeline.yaml';
  if (missing.length > 0) return missing.map((name) => ({ path: ['reports', name], what: why }));
  return reportNames.some((name) => reports[name] !== undefined)
    ? []
    : [{ path: ['reports'], what: 'at least one report is needed' }];
}

function mistakesIn(recipe: Recipe, raw: unknown, addresses: PortalAddresses | undefined): Mistake[] {
  const inValues = placeholderMistakes(raw);
  // An address is known only once its placeholders are right.
  return [
    ...inValues,
    ...meaningMistakes(recipe),
    ...(inValues.length > 0 ? [] : gotoMistakes(recipe, addresses)),
  ];
}

function invalid(file: string, mistakes: readonly string[]): PipelineError {
  const shown = mistakes.slice(0, mistakeLimit);
  const more = mistakes.length - shown.length;
  return new PipelineError(
    'InvalidInput',
    `The portal recipe cannot be used:\n${shown.join('\n')}${more > 0 ? `\nand ${more} more` : ''}`,
    {
      hint: `Fix ${file}; docs/recipes.md explains every key.`,
      details: { file, mistakes: mistakes.length },
    },
  );
}

/**
 * A union reports what is wrong with each of its forms. Only the form that the author meant is useful, and the key that
 * names the form identifies it.
 */
function flatten(issue: z.core.$ZodIssue, parent: Path, raw: unknown): Mistake[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, what: message }));
  const given = valueAt(raw, path);
  if (issue.code !== 'invalid_union') return [{ path: keyPath(issue, path), what: said(issue, given) }];
  const meant = issue.errors.find((branch) => !branch.some((inner) => isOtherForm(inner, given)));
  return meant === undefined
    ? [{ path, what: formMistake(path, given) }]
    : meant.flatMap((inner) => flatten(inner, path, raw));
}

/** A word that is none of the allowed ones may be anything, even a secret: it is compared, and not shown. */
function said(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code !== 'invalid_value') return issue.message;
  const allowed = issue.values.map(String);
  return `${didYouMean([String(given)], allowed)}expected one of ${allowed.join(', ')}`;
}

function keyPath(issue: z.core.$ZodIssue, path: Path): Path {
  return issue.code === 'unrecognized_keys' && issue.keys[0] !== undefined ? [...path, issue.keys[0]] : path;
}

/** True if the branch fails because the key that names its form is missing, or the value is no mapping or list. */
function isOtherForm(inner: z.core.$ZodIssue, given: unknown): boolean {
  if (inner.code === 'invalid_type' && inner.path.length === 0) return true;
  if (inner.code === 'invalid_union' && inner.path.length === 0) {
    return inner.errors.every((branch) => branch.some((deeper) => isOtherForm(deeper, given)));
  }
  const [key] = inner.path;
  const naming: readonly string[] = [
    ...candidateWays,
    ...stepActions,
    'section',
    'dialog',
    'dialogSays',
    'appears',
    'gone',
    'countOf',
    'numberIn',
    'name',
  ];
  const absent = inner.path.length === 1 && typeof key === 'string' && !hasKey(given, key);
  return absent && naming.includes(key) && !(key === 'name' && isStep(given));
}

function isStep(given: unknown): boolean {
  return stepActions.some((action) => hasKey(given, action));
}

function hasKey(given: unknown, key: string): boolean {
  return typeof given === 'object' && given !== null && Object.hasOwn(given, key);
}

const sections = new Set(['login', 'report', 'logout']);

function formMistake(path: Path, given: unknown): string {
  const isStepPlace = path.length === 2 && sections.has(String(path[0]));
  const wanted = isStepPlace ? stepActions : candidateWays;
  const keys = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  const has = keys.length > 0 ? keys.map(displayKey).join(', ') : typeof given;
  const got = given === undefined ? 'it is missing' : `it has ${has}`;
  const meant = didYouMean(keys, wanted);
  if (path[0] === 'periodNames') {
    return `expected one name, or a name for each day of the month on which periods start; ${got}`;
  }
  return isStepPlace
    ? `${meant}a step needs one of ${wanted.join(', ')}; ${got}`
    : `${meant}expected what to find: one of ${wanted.join(', ')} (or a list of them); ${got}`;
}

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    raw,
  );
}

/** As in the schema: one line. */
const oneLineName = /^\P{C}{1,100}$/u;

function introduced(path: Path, raw: unknown): string {
  const place = placeName(path, raw);
  return place === '' ? '' : `${place}: `;
}

/** `report step 3 "run the report"`, so that the author finds the mistake without counting. */
function placeName(path: Path, raw: unknown): string {
  const [section, index, ...rest] = path;
  if (!sections.has(String(section)) || typeof index !== 'number') return path.map(displayKey).join('.');
  const name = valueAt(raw, [section!, index, 'name']);
  const named = typeof name === 'string' && oneLineName.test(name) ? ` "${name}"` : '';
  return `${String(section)} step ${index + 1}${named}${rest.length > 0 ? `, ${rest.map(displayKey).join('.')}` : ''}`;
}

function placeholderMistakes(raw: unknown): Mistake[] {
  return textsOf(raw, []).flatMap(({ path, text }) => {
    const what =
      path[0] === 'reports'
        ? reportValueMistake(text)
        : placeholderMistake(text, placeOf(path, raw), reportKeysAt(path, raw));
    return what === undefined ? [] : [{ path, what }];
  });
}

function reportValueMistake(text: string): string | undefined {
  return text.includes('${') ? 'a report value is plain text and takes no placeholders' : undefined;
}

function placeOf(path: Path, raw: unknown): Place {
  const [section, , key] = path;
  if (section === 'periodNames') return { kind: 'period name' };
  if (section === 'login') {
    return path.length === 3 && (key === 'fill' || key === 'type' || key === 'expect')
      ? { kind: 'login value' }
      : { kind: 'login' };
  }
  if (section === 'report' || section === 'download') {
    const isNamed = (name: ReportName) => valueAt(raw, ['periodNames', name]) !== undefined;
    return { kind: 'report', namesPeriods: reportsAt(path, raw).every(isNamed) };
  }
  return section === 'logout' ? { kind: 'logout' } : { kind: 'anywhere' };
}

/** The recipe's reports that run the step at `path`: all of them, unless the step names some. */
function reportsAt(path: Path, raw: unknown): ReportName[] {
  const own = path[0] === 'report' ? valueAt(raw, ['report', path[1]!, 'reports']) : undefined;
  const isThere = (name: ReportName) => valueAt(raw, ['reports', name]) !== undefined;
  return reportNames.filter((name) => isThere(name) && (!Array.isArray(own) || own.includes(name)));
}

/** Value keys that each report has that runs the step at `path`. */
function reportKeysAt(path: Path, raw: unknown): string[] {
  const values = reportsAt(path, raw).map((name) => valueAt(raw, ['reports', name]) as object);
  const [first = {}, ...others] = values;
  return Object.keys(first).filter((key) => others.every((other) => Object.hasOwn(other, key)));
}

/** Four years, in which periods of any kind start on every day that they can start on. */
const daysOfFourYears = 1461;

/** Days of the month on which periods start and for which the portal's name is not given. */
function periodNameMistakes({ periodNames = {} }: Recipe): Mistake[] {
  return reportNames.flatMap((report) => {
    const named = periodNames[report];
    if (typeof named !== 'object') return [];
    const starts = Array.from(
      { length: daysOfFourYears },
      (_, days) => partsOf(periodContaining(report, addDays(someDay, days)).from).day,
    );
    const unnamed = [...new Set(starts)].filter((day) => !Object.hasOwn(named, String(day)));
    if (unnamed.length === 0) return [];
    const days = unnamed.sort((one, other) => one - other).join(', ');
    return [
      { path: ['periodNames', report], what: `periods of ${report} also start on day ${days} of a month` },
    ];
  });
}

/** Every text in a part of a recipe, with its place. */
export function textsOf(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((entry, index) => textsOf(entry, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => textsOf(entry, [...path, key]));
}

/** Mistakes that no single key shows. */
function meaningMistakes(recipe: Recipe): Mistake[] {
  const entersPassword = recipe.login.some((step) =>
    enteredText(step).some((text) => mentionsSecret(text, 'password')),
  );
  const submitting = recipe.login.filter((step) => 'submits' in step && step.submits !== undefined);
  const outside = [...recipe.report, ...recipe.logout].some(
    (step) => 'submits' in step && step.submits !== undefined,
  );
  const mistakes: Mistake[] = [];
  if (entersPassword && submitting.length !== 1) {
    mistakes.push({
      path: ['login'],
      what: `exactly one login step must say "submits: password" (the click or key that sends it); ${submitting.length} do`,
    });
  }
  for (const [index, step] of recipe.login.entries()) {
    if (!('submits' in step) || step.submits === undefined || step.repeat === undefined) continue;
    mistakes.push({ path: ['login', index, 'repeat'], what: 'the step that sends the password runs once' });
  }
  if (outside) mistakes.push({ path: ['report'], what: '"submits: password" belongs into a login step' });
  return [
    ...mistakes,
    ...countMistakes(recipe),
    ...pickDateMistakes(recipe),
    ...periodNameMistakes(recipe),
    ...doubleNames(recipe),
  ];
}

/** Login and logout show no report, so a number there would be compared with the wrong file. */
function countMistakes(recipe: Recipe): Mistake[] {
  return (['login', 'logout'] as const).flatMap((section) =>
    recipe[section].flatMap(({ recordCount }, index) =>
      recordCount === undefined
        ? []
        : [
            {
              path: [section, index, 'recordCount'],
              what: 'the number of records is read in report or download',
            },
          ],
    ),
  );
}

function pickDateMistakes(recipe: Recipe): Mistake[] {
  return (['login', 'report', 'logout'] as const).flatMap((section) =>
    recipe[section].flatMap((step, index) => {
      if (step.kind !== 'pickDate') return [];
      if (section !== 'report') {
        return [{ path: [section, index, 'pickDate'], what: 'dates of a period are picked in report' }];
      }
      const what = step.month === undefined ? undefined : headingMistake(step.month);
      return what === undefined ? [] : [{ path: [section, index, 'month'], what }];
    }),
  );
}

/** A placeholder origin: an address that is written in full is then recognised as foreign only by its scheme. */
const somePortal = 'https://portal.invalid';

function gotoMistakes(recipe: Recipe, addresses: PortalAddresses | undefined): Mistake[] {
  return (['login', 'report', 'logout'] as const).flatMap((section) =>
    recipe[section].flatMap((step, index) => {
      const what = step.kind === 'goto' ? gotoMistake(step, recipe, addresses) : undefined;
      return what === undefined ? [] : [{ path: [section, index, 'goto'], what }];
    }),
  );
}

function gotoMistake(
  { goto, reports = [...reportNames] }: StepOf<'goto'>,
  recipe: Recipe,
  addresses: PortalAddresses | undefined,
): string | undefined {
  const portalUrl = addresses?.portalUrl ?? somePortal;
  const own = ownOrigins(addresses ?? { portalUrl });
  // A report's values may be part of the address.
  for (const name of reports.filter((each) => recipe.reports[each] !== undefined)) {
    const report = reportValues(recipe, name, periodContaining(name, someDay));
    const address = addressOf(goto, { portalUrl, report });
    const origin = webOrigin(address);
    const wanted = 'begin it with ${portal.url} or with one /';
    if (origin === undefined) return `needs a web address, and this one is none; ${wanted}`;
    if (own.has(origin)) continue;
    if (addresses === undefined && !address.includes('portal.invalid')) continue;
    return `leads to ${originForMessage(address)}, which is neither EHR_PORTAL_URL's origin nor one of portal.signInOrigins in pipeline.yaml; ${wanted}`;
  }
  return undefined;
}

const someDay = parseIsoDate('2026-01-01')!;

/** A failure names its step, so step names must be unique. */
function doubleNames(recipe: Recipe): Mistake[] {
  return (['login', 'report', 'logout'] as const).flatMap((section) =>
    recipe[section].flatMap(({ name }, index) =>
      recipe[section].findIndex((other) => other.name === name) < index
        ? [{ path: [section, index, 'name'], what: `another step of ${section} has the name "${name}"` }]
        : [],
    ),
  );
}

function enteredText(step: Step): string[] {
  switch (step.kind) {
    case 'fill':
      return [step.fill];
    case 'type':
      return [step.type];
    case 'goto':
    case 'reload':
    case 'press':
    case 'choose':
    case 'pickDate':
    case 'click':
    case 'check':
    case 'uncheck':
    case 'hover':
    case 'wait':
    case 'verify':
      return [];
  }
}
