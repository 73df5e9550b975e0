import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ConfigError, readPipelineConfig, type PipelineConfig } from '../../src/config.ts';
import { reportNames, reports } from '../../src/reports/index.ts';
import { shippedReports } from '../shippedReports.ts';

const gates =
  'gates: { rejectedPercent: 20, smallestRows: 30, lastLoad: { fewerPercent: 10, morePercent: 50 }, ' +
  'median: { periods: 6, fewerPercent: 40, morePercent: 100 } }';
const authorizationChecks =
  'checks: { end-before-start: error, negative-units: warning, over-authorized: warning, unauthorized-spending: error }';
const noteChecks = 'checks: { signed-before-service: warning }';

const shipped: readonly string[] = shippedReports;

/** Sections of the reports that somebody has added, not in use here. On one line: the lines below keep their numbers. */
const furtherReports = reportNames
  .filter((name) => !shipped.includes(name))
  .map((name) => {
    const checks = Object.keys(reports[name].checks).map((check) => `${check}: error`);
    return `, ${name}: { inUse: false, refreshPeriods: 1, columnAliases: {}, checks: { ${checks.join(', ')} }, ${gates} }`;
  })
  .join('');

/** Short, so that tests can name its lines. */
export const plainPipeline = `organisation:
  timeZone: America/New_York
groups:
  2: { name: Day supports, services: [DS] }
  3:
    name: Living
    services: [CLS, CN]
excludedServices: []
supervisors:
  lincsQp: FERNHOLLOW, ADELE
  deepCreekQp: BRACKENBURY, IVO
reports: {
  utilization: { refreshPeriods: 2, columnAliases: {}, ${authorizationChecks}, ${gates} },
  notes: { refreshPeriods: 3, columnAliases: { caregiver: [Staff Name] }, ${noteChecks}, ${gates} }${furtherReports} }
portal:
  recipe: portals/demo.yaml
  idleSeconds: 60
  attempts: 4
  retrySeconds: 60
  showPatientData: false
  headless: true
backfill:
  concurrency: 2
  periodsPerRun: 24
schedule:
  at: 03:30
  catchUpDays: 3
  executionTimeoutHours: 12
  overlap: BUFFER_ONE
runTimeoutHours: 6
worker:
  shutdownGraceSeconds: 120
alerts:
  webhook: none
  mail: { from: ehr@example.org, to: [] }
  everyMinutes: 5
  missingAfterHours: 3
  remindAfterHours: 0
  webUi: ''
`;

/** `plainPipeline` with pieces of text replaced; each must be there. */
export function pipelineWith(changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The plain pipeline does not say "${from}".`);
    return text.replace(from, to);
  }, plainPipeline);
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ehr-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Reads the text as a pipeline.yaml beside which a recipe lies. */
export function readText(text: string): PipelineConfig & { readonly folder: string } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'portals'));
  writeFileSync(join(folder, 'portals', 'demo.yaml'), 'portal: demo\n');
  writeFileSync(join(folder, 'pipeline.yaml'), text);
  try {
    return { ...readPipelineConfig(join(folder, 'pipeline.yaml')), folder };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems.map((problem) => problem.replace(`${folder}/`, '')));
  }
}

/** What is wrong with the text, the folder left out. */
export function problemsOf(text: string): readonly string[] {
  try {
    readText(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
