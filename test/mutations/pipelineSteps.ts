import { createReadStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createAggregate } from '../../src/activities/aggregate.ts';
import { createCategorize } from '../../src/activities/categorize.ts';
import { createClean } from '../../src/activities/clean.ts';
import { asActivityFailure } from '../../src/activities/interceptors/failureConversion.ts';
import type { Ports, Settings } from '../../src/ports.ts';
import type { AggregateMade, CategorizeMade, CleanMade, ExportMade } from '../../src/activities/contracts.ts';
import { createLoad } from '../../src/activities/load.ts';
import { createTakeFile } from '../../src/activities/takeFile.ts';
import { createFolderStore } from '../../src/artifacts/folderStore.ts';
import { createScratch } from '../../src/artifacts/scratch.ts';
import type { ArtifactRef, InboxFile } from '../../src/domain/artifacts.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { createNameKeys } from '../../src/domain/nameKeys.ts';
import type { PublishResult } from '../../src/domain/publication.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import { readRules } from './rules.ts';
import type { BaseExport } from './exports.ts';
import { settingsOf } from './formedMutants.ts';
import { plainFile } from '../../src/domain/fileForm.ts';
import type { Rules } from '../../src/domain/rules.ts';
import { decodedLines, type Cells } from './rowText.ts';
import type { Terms } from './oracle/terms.ts';
import { byReport } from '../../src/reports/index.ts';

/** What the steps before the load make of one file. */
export type StepsOutcome =
  | { readonly kind: 'failed'; readonly step: string; readonly failure: ApplicationFailure }
  | { readonly kind: 'passed'; readonly made: StepsMade };

export interface StepsMade {
  readonly export: ExportMade;
  readonly clean: CleanMade;
  readonly categorize: CategorizeMade;
  readonly aggregate: AggregateMade;
  /** Cells of the row file that the load would bring in. */
  readonly rows: readonly Cells[];
  readonly rejected: readonly Cells[];
  readonly excluded: readonly Cells[];
  readonly rollups: readonly Cells[];
  readonly unknownServices: readonly Cells[];
}

/** The real steps of a run over the real folder store, one file after the other. */
export class PipelineSteps {
  readonly #root: string;
  readonly #store;
  readonly #environment = new MockActivityEnvironment(undefined, {
    // Thousands of failures are due; the default logger would print each.
    logger: new DefaultLogger('ERROR'),
  });
  readonly #nameKey;
  /** The step under way, for the failure's report. */
  #step = '';

  constructor(root: string, nameSecret: string) {
    this.#root = root;
    this.#store = createFolderStore(path.join(root, 'artifacts'));
    this.#nameKey = createNameKeys(nameSecret);
  }

  async process(bytes: Buffer, base: BaseExport): Promise<StepsOutcome> {
    const file = path.join(this.#root, 'reportExport.csv');
    await writeFile(file, bytes);
    try {
      return { kind: 'passed', made: await this.#steps(file, base) };
    } catch (error) {
      const failure = asActivityFailure(error, { activity: this.#step, cancelled: false });
      return { kind: 'failed', step: this.#step, failure: failure as ApplicationFailure };
    }
  }

  /** The real load of what the steps have made, into tables that show nothing of the period. */
  load(made: StepsMade, base: BaseExport, warehouse: Ports['warehouse']): Promise<PublishResult> {
    const scratch = createScratch(path.join(this.#root, 'scratch'));
    const settings = settingsFor(base);
    const ports = { settings, artifacts: this.#store, scratch, warehouse, nameKey: this.#nameKey };
    // Asked for only where a person has decided.
    const load = createLoad({ ...ports, runs: undefined as never });
    return this.#run('load', load, { run: runOf(base), made });
  }

  /** Removes what the runs so far have kept. */
  async tidy(): Promise<void> {
    await rm(path.join(this.#root, 'artifacts'), { recursive: true, force: true });
  }

  async #steps(file: string, base: BaseExport): Promise<StepsMade> {
    const artifacts = this.#store;
    const settings = settingsFor(base);
    const run = runOf(base);
    const takePorts = { settings, artifacts, inbox: anyFile, warehouse: clockOnly(run.startedAt) };
    const taken = await this.#run('takeFile', createTakeFile(takePorts), { run, file });
    const clean = await this.#run('clean', createClean({ settings, artifacts }), {
      run,
      export: taken.file,
    });
    const ports = { settings, artifacts, nameKey: this.#nameKey };
    const categorize = await this.#run('categorize', createCategorize(ports), { run, clean });
    const aggregate = await this.#run('aggregate', createAggregate({ artifacts }), { run, categorize });
    return {
      export: taken,
      clean,
      categorize,
      aggregate,
      rows: await this.#lines(categorize.rows),
      rejected: await this.#lines(clean.rejected),
      excluded: await this.#lines(clean.excluded),
      rollups: await this.#lines(aggregate.rollups),
      unknownServices: await this.#lines(aggregate.unknownServices),
    };
  }

  #run<Input, Made>(step: string, activity: (input: Input) => Promise<Made>, input: Input): Promise<Made> {
    this.#step = step;
    return this.#environment.run(activity, input);
  }

  async #lines({ uri }: ArtifactRef): Promise<Cells[]> {
    const file = path.join(this.#root, 'artifacts', uri.slice('artifact:'.length));
    return decodedLines(await readFile(file, 'utf8'));
  }
}

function runOf({ report, from, to }: BaseExport): RunIdentity {
  return {
    runId: '6f4c1c1e-0000-4000-8000-000000000001',
    workflowId: `${report}:${from}..${to}`,
    report,
    period: { from: from as IsoDate, to: to as IsoDate },
    source: 'file',
    startedAt: '2026-11-01T08:30:00.000Z',
  };
}

/** The steps before the load ask the database for nothing but the time. */
function clockOnly(instant: string): Ports['warehouse'] {
  return new Proxy({} as Ports['warehouse'], {
    get: (_, name) => {
      if (name === 'clock') return async () => instant;
      throw new Error(`takeFile asked the warehouse for ${String(name)}`);
    },
  });
}

// Gates are asked before the load, which is no step of this test.
const noGates = {
  rejectedPercent: 100,
  smallestRows: 0,
  lastLoad: { fewerPercent: 100, morePercent: 100 },
  median: { periods: 1, fewerPercent: 100, morePercent: 100 },
};

function rulesOf({ report, excludedServices, form, container }: BaseExport): Rules {
  const rules = readRules(excludedServices);
  if (form === undefined) return rules;
  const files = { ...byReport(() => plainFile), [report]: settingsOf(form, report, container) };
  return { ...rules, files };
}

function settingsFor(base: BaseExport): Settings {
  return {
    timeZone: 'America/New_York',
    rules: rulesOf(base),
    rulesSha256: 'a'.repeat(64),
    codeVersion: 'test',
    gates: byReport(() => noGates),
    refreshPeriods: { ...byReport(() => 2), notes: 3 },
    portalAttempts: 1,
    portalRetrySeconds: 1,
    runTimeoutHours: 1,
    periodConcurrency: 1,
    backfillPeriodsPerRun: 1,
  };
}

/** The same run and rules, as the oracle is told them. */
export function termsOf(base: BaseExport, nameSecret: string): Terms {
  const { report, from, to } = base;
  const rules = readRules(base.excludedServices);
  return {
    report,
    from,
    to,
    groups: rules.groups,
    excluded: rules.excludedServices,
    blankWords: new Set(['N/A', 'NA', 'NULL', 'NONE', '--', '-', '–', '—']),
    ...rules.supervisor!,
    nameSecret,
    ...(base.form === undefined ? {} : { form: base.form }),
  };
}

/** Files lie where the test has put them. */
function anyFile(named: string): Promise<InboxFile> {
  return Promise.resolve({ read: () => createReadStream(named), release: () => Promise.resolve() });
}
