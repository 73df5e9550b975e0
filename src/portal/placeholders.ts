import { monthNames, partsOf, pad2, type IsoDate } from '../domain/dates.ts';
import { didYouMean } from '../domain/nearestWord.ts';
import type { Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import type { Recipe } from './recipeSchema.ts';
import { withoutTrailingSlashes } from '../domain/trailingSlashes.ts';
import { escapePattern, isPattern } from './textPatterns.ts';

/** Where a text appears in a recipe; it decides which values the text may use. */
export type Place =
  | { readonly kind: 'login value' }
  | { readonly kind: 'login' }
  /** `namesPeriods`: the recipe names the periods of each report that comes here. */
  | { readonly kind: 'report'; readonly namesPeriods?: boolean }
  /** A name that the portal gives to periods. */
  | { readonly kind: 'period name' }
  | { readonly kind: 'logout' }
  | { readonly kind: 'anywhere' };

/** The values of one run's placeholders, except secrets: see `Secrets`. */
export interface PlainValues {
  readonly portalUrl: string;
  /** Absent during login and logout, when there is no report yet. */
  readonly report?: ReportValues;
}

export interface ReportValues {
  readonly period: Period;
  readonly values: Readonly<Record<string, string>>;
  /** What the portal calls the period, if it names periods. */
  readonly periodName?: string;
}

export interface Secrets {
  readonly user: string;
  readonly password: string;
  /** A code for this moment, requested only by a step that enters one. */
  readonly totp: () => Promise<string>;
}

interface Placeholder {
  readonly text: string;
  readonly name: string;
  readonly format?: string;
}

interface DateWords {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** English, as month names are. */
  readonly weekday: string;
}

/** The tokens of a date format; every other character is literal. */
const dateTokens: Readonly<Record<string, (date: DateWords) => string>> = {
  YYYY: ({ year }) => String(year),
  YY: ({ year }) => pad2(year % 100),
  MMMM: ({ month }) => monthNames[month - 1]!,
  MMM: ({ month }) => monthNames[month - 1]!.slice(0, 3),
  MM: ({ month }) => pad2(month),
  M: ({ month }) => String(month),
  DD: ({ day }) => pad2(day),
  D: ({ day }) => String(day),
  Do: ({ day }) => `${day}${ordinalEnding(day)}`,
  dddd: ({ weekday }) => weekday,
  ddd: ({ weekday }) => weekday.slice(0, 3),
  Q: ({ month }) => String(Math.ceil(month / 3)),
};
/** One letter repeated is one token, and so is `Do`; other letters are invalid. */
const letterRun = /Do|([A-Za-z])\1*/g;

function ordinalEnding(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}

const weekday = new Intl.DateTimeFormat('en-US', { weekday: 'long', timeZone: 'UTC' });

function wordsOf(date: IsoDate): DateWords {
  return { ...partsOf(date), weekday: weekday.format(new Date(date)) };
}

/** What is wrong with a date format, as text, or undefined. */
function formatMistake(format: string): string | undefined {
  const runs = format.match(letterRun) ?? [];
  const unknown = runs.find((run) => !Object.hasOwn(dateTokens, run));
  if (unknown !== undefined) return `${unknown} is no part of a date`;
  return runs.length === 0 ? 'it has no part of a date' : undefined;
}

const secretNames = ['secret.user', 'secret.password', 'secret.totp'];
const periodNames = ['period.start', 'period.end'];
// Bounded: otherwise each of a thousand `${` would scan to the end of the text. No name or format is nearly as long.
const placeholderPattern = /\$\{([^}|]{0,100})(?:\|([^}]{0,100}))?\}/g;

function placeholdersOf(template: string): Placeholder[] {
  return Array.from(template.matchAll(placeholderPattern), ([text, name = '', format]) =>
    format === undefined ? { text, name } : { text, name, format },
  );
}

export function mentionsSecret(template: string, secret: 'user' | 'password' | 'totp'): boolean {
  return placeholdersOf(template).some(({ name }) => name === `secret.${secret}`);
}

export function mentionsAnySecret(template: string): boolean {
  return placeholdersOf(template).some(({ name }) => secretNames.includes(name));
}

/** What is wrong with the placeholders of a text, as text, or undefined. */
export function placeholderMistake(
  template: string,
  place: Place,
  reportKeys: readonly string[],
): string | undefined {
  for (const placeholder of placeholdersOf(template)) {
    const mistake = mistakeIn(placeholder, place, reportKeys);
    if (mistake !== undefined) return mistake;
  }
  const leftOver = template.replaceAll(placeholderPattern, '');
  return leftOver.includes('${') ? 'a placeholder is not closed; write it as ${name}' : undefined;
}

const plainPlaceholder = /^\$\{[\w.|/-]{1,40}\}$/;

function mistakeIn(
  { text: written, name, format }: Placeholder,
  place: Place,
  reportKeys: readonly string[],
): string | undefined {
  // Other text between the braces may have been put there by mistake, so it is not quoted.
  const text = plainPlaceholder.test(written) ? written : 'a placeholder';
  const names = namesAllowedAt(place, reportKeys);
  if (!names.includes(name)) {
    const why = secretNames.includes(name)
      ? 'secrets belong into fill and type steps of login'
      : 'unknown here';
    return `${text}: ${why}; ${didYouMean([name], names)}known here: ${names.map((known) => `\${${known}}`).join(', ')}`;
  }
  if (periodNames.includes(name)) {
    const mistake = format === undefined ? 'a date needs a format' : formatMistake(format);
    if (mistake === undefined) return undefined;
    return `${text}: ${mistake}; a format is made of ${Object.keys(dateTokens).join(', ')} and signs, as in \${${name}|MM/DD/YYYY}`;
  }
  if (format !== undefined) return `${text}: only dates take a format`;
  return undefined;
}

function namesAllowedAt(place: Place, reportKeys: readonly string[]): string[] {
  switch (place.kind) {
    case 'login value':
      return ['portal.url', ...secretNames];
    case 'report':
      return [
        'portal.url',
        ...periodNames,
        ...(place.namesPeriods === true ? ['period.name'] : []),
        ...reportKeys.map((key) => `report.${key}`),
      ];
    case 'period name':
      return periodNames;
    case 'login':
    case 'logout':
    case 'anywhere':
      return ['portal.url'];
  }
}

/** The values of one report and period, with the name that the portal gives the period. */
export function reportValues(
  recipe: Pick<Recipe, 'reports' | 'periodNames'>,
  report: ReportName,
  period: Period,
): ReportValues {
  const values = recipe.reports[report];
  if (values === undefined) throw new Error(`The recipe has no report ${report}.`);
  const named = recipe.periodNames?.[report];
  const template = typeof named === 'object' ? named[String(partsOf(period.from).day)] : named;
  if (template === undefined) return { period, values };
  // It takes dates only, so the address does not matter.
  return {
    period,
    values,
    periodName: resolvePlain(template, { portalUrl: '', report: { period, values } }),
  };
}

/** The text with its plain values filled in. In a pattern (`/…/`) the values are escaped. */
export function resolvePlain(template: string, values: PlainValues): string {
  return substitute(template, isPattern(template) ? escapePattern : String, (placeholder) =>
    plainValue(placeholder, values),
  );
}

/** The address that a `goto` leads to; a path is relative to the portal. */
export function addressOf(goto: string, values: PlainValues): string {
  const address = resolvePlain(goto, values);
  return /^[/\\]/.test(address) ? new URL(address, values.portalUrl).href : address;
}

/** The text with plain values and secrets filled in: only for what is entered into a field. */
export async function resolveEntry(template: string, values: PlainValues, secrets: Secrets): Promise<string> {
  const code = mentionsSecret(template, 'totp') ? await secrets.totp() : '';
  const ofSecrets: Record<string, string> = {
    'secret.user': secrets.user,
    'secret.password': secrets.password,
    'secret.totp': code,
  };
  return substitute(
    template,
    String,
    (placeholder) => ofSecrets[placeholder.name] ?? plainValue(placeholder, values),
  );
}

/** One pass, so that a value that looks like a placeholder stays as it is. */
function substitute(
  template: string,
  encode: (value: string) => string,
  valueOf: (placeholder: Placeholder) => string,
): string {
  return template.replaceAll(placeholderPattern, (text: string, name: string, format: string | undefined) =>
    encode(valueOf(format === undefined ? { text, name } : { text, name, format })),
  );
}

function plainValue({ name, format = '', text }: Placeholder, { portalUrl, report }: PlainValues): string {
  if (name === 'portal.url') return withoutTrailingSlashes(portalUrl);
  if (name === 'period.start' && report !== undefined) return formatDate(report.period.from, format);
  if (name === 'period.end' && report !== undefined) return formatDate(report.period.to, format);
  if (name === 'period.name' && report?.periodName !== undefined) return report.periodName;
  const value = report?.values[name.replace(/^report\./, '')];
  if (value === undefined) throw new Error(`The recipe's check let ${text} pass where it has no value.`);
  return value;
}

export function formatDate(date: IsoDate, format: string): string {
  const words = wordsOf(date);
  return format.replaceAll(letterRun, (run) => {
    const write = dateTokens[run];
    if (write === undefined) throw new Error(`The recipe's check let the date format ${format} pass.`);
    return write(words);
  });
}
