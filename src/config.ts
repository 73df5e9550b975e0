import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { checkYaml } from './config/checkedYaml.ts';
import { ConfigError } from './config/configError.ts';
import { frozen } from './config/frozen.ts';
import { pipelineSchema } from './config/pipelineSchema.ts';
import { codeOf } from './config/pipeline/services.ts';
import { foldBlankWord } from './domain/blankWords.ts';
import type { FiguresAre } from './domain/figuresAre.ts';
import { columnName } from './domain/headings.ts';
import type { GateLimits } from './domain/publication.ts';
import type { ReadingRules } from './domain/rules.ts';
import { byReport, reportNames, type ReportName } from './reports/index.ts';
import { readingDeviations } from './domain/fileForm.ts';
import { fileFormOf, foldCode, readingVersion, type Rules } from './domain/rules.ts';
import type { ServiceSetting } from './domain/respite.ts';
import { plainServiceCode } from './domain/serviceCodes.ts';

/**
 * The only reader of the environment and pipeline.yaml: all other code gets values that are checked and frozen.
 * The environment is read part by part, so that a process that needs no portal needs no portal password. Each function
 * throws ConfigError with every variable of its part that is missing or wrong; no message holds a secret.
 */
export {
  agenciesFolder,
  agencyConfigPath,
  agencyEnvironment,
  agencyIds,
  assertAgencyNames,
  enterAgency,
  homeConfigPath,
} from './config/agencyFolders.ts';
export { ConfigError } from './config/configError.ts';
export { enterEnvFile } from './config/envFile.ts';
export { agencyHere } from './config/environment/agencyHere.ts';
export { databaseIsSet, databaseSettings, databaseUrl } from './config/environment/databaseSettings.ts';
export {
  knownPortalLogin,
  ownPortalSettings,
  portalAddress,
  portalSettings,
  type PortalSettings,
} from './config/environment/portalSettings.ts';
export { dataKeys, loginKey, nameKey } from './config/environment/secretKeys.ts';
export {
  artifactsPlace,
  configPath,
  downloadsDirectory,
  inboxDirectory,
  scratchDirectory,
  sharedMemory,
  unnamedPlaces,
} from './config/environment/filePlaces.ts';
export {
  browsersPerWorker,
  deployMode,
  metricsSettings,
  tracesEndpoint,
  workflowBundle,
  type MetricsSettings,
} from './config/environment/workerSettings.ts';
export { browserSettings, hasDisplay, siteProxy } from './config/environment/browserSettings.ts';
export { alertSecrets, sourceSecrets } from './config/environment/channelSecrets.ts';
export { isTimeZone } from './config/pipeline/kinds.ts';
export { misspeltVariables } from './config/settingsReader.ts';
export type { Environment } from './config/settingsReader.ts';
export { temporalConnection } from './config/temporalConnection.ts';

type PipelineFile = z.output<ReturnType<typeof pipelineSchema>>;

/** config/pipeline.yaml, checked. The file and config/pipelineSchema.ts explain the settings. */
export interface PipelineConfig extends Frozen<Settings> {
  readonly rules: Rules;
  /** Digest of everything that changes figures: with equal digests, an equal export makes equal tables. */
  readonly rulesSha256: string;
  /** Every service of the groups; empty if the file marks none as respite. */
  readonly services: readonly ServiceSetting[];
  /** The groups' names on dashboards, by number. */
  readonly groupNames: Readonly<Record<number, string>>;
}

/** Settings that are passed on as written, with recipe and folders as absolute paths. */
interface Settings extends Omit<PipelineFile, RuleSection | 'reports'> {
  readonly reports: Record<ReportName, ReportSettings>;
}

interface ReportSettings {
  /** Default: true. */
  readonly inUse?: boolean | undefined;
  readonly refreshPeriods: number;
  /** Default: false. */
  readonly currentPeriod?: boolean | undefined;
  readonly gates: GateLimits;
  /** What the report's dollars are of; undefined for a report without authorizations. */
  readonly figuresAre?: FiguresAre | undefined;
}

type RuleSection = 'groups' | 'excludedServices' | 'supervisors';

type Frozen<Value> = Value extends object ? { readonly [Key in keyof Value]: Frozen<Value[Key]> } : Value;

/** @throws ConfigError that lists every mistake with its line. */
export function readPipelineConfig(path: string): PipelineConfig {
  const besideFile = (named: string) => resolve(dirname(path), named);
  const schema = pipelineSchema((recipe) => isFile(besideFile(recipe)));
  const { groups, excludedServices, supervisors, reports, portal, dashboards, sources, ...settings } =
    checkYaml(readConfigFile(path), { file: path, schema });
  const rules = rulesOf({ groups, excludedServices, supervisors, reports });
  return frozen({
    ...settings,
    reports: byReport((name) => reportSettings(reports[name])),
    portal: portalWith(portal, besideFile),
    ...(dashboards === undefined
      ? {}
      : { dashboards: { ...dashboards, folder: besideFile(dashboards.folder) } }),
    ...(sources === undefined ? {} : { sources: sourcesBeside(sources, besideFile) }),
    rules,
    rulesSha256: digestOf(rules),
    services: serviceSettings(groups),
    groupNames: Object.fromEntries(Object.entries(groups).map(([number, { name }]) => [number, name])),
  });
}

type SourceSettings = NonNullable<PipelineFile['sources']>;

function sourcesBeside(sources: SourceSettings, besideFile: (named: string) => string): SourceSettings {
  const places = sources.places.map((place) =>
    place.folder === undefined ? place : Object.assign(place, { folder: besideFile(place.folder) }),
  );
  return { ...sources, places };
}

/** With the paths of its recipes counted from the folder of the file. */
function portalWith(portal: PipelineFile['portal'], besideFile: (named: string) => string) {
  const { reports = {}, ...shared } = portal;
  const own = Object.entries(reports).flatMap(([name, each]) =>
    each === undefined ? [] : [[name, { ...each, recipe: besideFile(each.recipe) }] as const],
  );
  return {
    ...shared,
    recipe: besideFile(shared.recipe),
    ...(own.length === 0 ? {} : { reports: Object.fromEntries(own) as typeof reports }),
  };
}

function readConfigFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigError([
      `${path}: cannot be read (${code}), wanted the pipeline's YAML; EHR_CONFIG names the file`,
    ]);
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Missing, unreadable, or no path at all: the message says what was wanted, and never quotes the value.
    return false;
  }
}

function reportSettings({
  inUse,
  refreshPeriods,
  currentPeriod,
  gates,
  figuresAre,
}: ReportSettings): ReportSettings {
  return {
    refreshPeriods,
    gates,
    ...(inUse === undefined ? {} : { inUse }),
    ...(currentPeriod === undefined ? {} : { currentPeriod }),
    ...(figuresAre === undefined ? {} : { figuresAre }),
  };
}

/** The reports that the portal has, in the order in which people see them. */
export function reportsInUse({ reports }: Pick<PipelineConfig, 'reports'>): ReportName[] {
  return reportNames.filter((name) => reports[name].inUse !== false);
}

/** What the dollars of the utilization report are of: of the whole authorization, unless the setting says otherwise. */
export function figuresAreOf({ reports }: Pick<PipelineConfig, 'reports'>): FiguresAre {
  return reports.utilization.figuresAre ?? 'authorization';
}

/** Not part of the rules: it decides what views and pages can hide, but changes no row. */
function serviceSettings(groups: PipelineFile['groups']): ServiceSetting[] {
  const all = Object.values(groups).flatMap(({ services }) => services);
  if (all.every((each) => typeof each === 'string')) return [];
  return all.map((each) => ({
    code: plainServiceCode(codeOf(each)),
    respite: typeof each !== 'string' && each.respite,
  }));
}

function rulesOf(file: Pick<PipelineFile, RuleSection | 'reports'>): Rules {
  const grouped = Object.entries(file.groups).flatMap(([number, { services }]) =>
    services.map((each): [string, number] => [foldCode(plainServiceCode(codeOf(each))), Number(number)]),
  );
  return {
    groups: new Map(grouped),
    excludedServices: new Set(file.excludedServices.map((code) => foldCode(plainServiceCode(code)))),
    ...(file.supervisors === undefined ? {} : { supervisor: file.supervisors }),
    columnAliases: byReport((name) => aliasesOf(file.reports[name].columnAliases)),
    checks: byReport((name) => file.reports[name].checks),
    reading: byReport((name) => readingOf(file.reports[name])),
    files: byReport((name) => file.reports[name].file),
  };
}

function readingOf({
  blankWords,
  decodeHtmlEntities,
}: Pick<PipelineFile['reports'][ReportName], 'blankWords' | 'decodeHtmlEntities'>): ReadingRules {
  return { blankWords: new Set(blankWords.map(foldBlankWord)), decodeHtmlEntities };
}

/** Maps each heading to the contract's column. */
function aliasesOf(file: Readonly<Record<string, readonly string[] | undefined>>): Map<string, string> {
  return new Map(
    Object.entries(file).flatMap(([column, headings = []]) =>
      headings.map((heading): [string, string] => [columnName(heading), column]),
    ),
  );
}

/**
 * Order, the case of codes and headings, comments and the groups' names change no figure; nor do the gates, which only
 * decide whether figures are loaded.
 */
function digestOf(rules: Rules): string {
  const { groups, excludedServices, supervisor, columnAliases, checks, reading } = rules;
  const canonical = JSON.stringify({
    readingVersion,
    groups: inOrder(groups),
    excludedServices: [...excludedServices].sort(),
    supervisor: supervisor === undefined ? null : [supervisor.lincsQp, supervisor.deepCreekQp],
    columnAliases: reportNames.map((report) => [report, inOrder(columnAliases[report])]),
    checks: reportNames.map((report) => [report, inOrder(Object.entries(checks[report]))]),
    reading: reportNames.map((report) => [
      report,
      [...reading[report].blankWords].sort(),
      reading[report].decodeHtmlEntities,
    ]),
    amounts: reportNames.map((report) => [report, fileFormOf(report, rules).amounts]),
    ...formsOf(rules),
  });
  return createHash('sha256').update(canonical).digest('hex');
}

/** Empty where all files are plain, so that a new setting changes no rules by itself. */
function formsOf(rules: Rules): { forms?: unknown } {
  const forms = reportNames
    .map((report) => [report, readingDeviations(fileFormOf(report, rules))] as const)
    .map(([report, settings]) => [report, settings.filter(([setting]) => setting !== 'amounts')] as const)
    .filter(([, settings]) => settings.length > 0);
  return forms.length === 0 ? {} : { forms };
}

function inOrder<Value>(entries: Iterable<readonly [string, Value]>): (readonly [string, Value])[] {
  return [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
}
