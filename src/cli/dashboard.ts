import { resolve } from 'node:path';
import { agencyHere, configPath, readPipelineConfig } from '../config.ts';
import { mostMonths, parseMonth } from '../dashboard/days.ts';
import { writeDashboardFiles, type Paper, type TableFormat } from '../dashboard/writeFiles.ts';
import { dashboardPorts } from '../wiring/dashboardPorts.ts';
import type { PipelineError } from '../domain/failures.ts';
import { interruptible } from './interruptible.ts';
import { recordNamesShown } from './namesShown.ts';
import { print, type OutputOptions } from './output.ts';
import { withWarehouse } from './connections.ts';
import { refused } from './commandErrors.ts';

export interface DashboardOptions extends OutputOptions {
  readonly out: string;
  /** `YYYY-MM`: the last month shown. */
  readonly month?: string;
  /** Show people by name instead of by name code. */
  readonly names?: boolean;
  /** Codes, keys or names of QPs: one page for each, instead of the page of everyone. */
  readonly qp?: readonly string[];
  /** Also a page for each QP. */
  readonly everyQp?: boolean;
  /** Codes, keys or names of supervisors: one page for each, instead of the page of everyone. */
  readonly supervisor?: readonly string[];
  readonly everySupervisor?: boolean;
  /** Also a page of sums without any person. */
  readonly totals?: boolean;
  readonly pdf?: boolean;
  readonly paper: Paper;
  readonly export?: TableFormat;
}

/** The longest that writing may take, as in a daily run. */
const longestMinutes = 15;

/** Writes the dashboards as files that need no server, one set of pages each. */
export async function writeDashboards(options: DashboardOptions): Promise<void> {
  const month = monthOption(options.month);
  const config = readPipelineConfig(configPath());
  // Half-made pages hold patient data, so they are removed before the command ends.
  const files = await interruptible((interrupted) =>
    withWarehouse(async (warehouse) => {
      await recordNamesShown(warehouse, options, {
        command: 'dashboard',
        details: { ...(month === undefined ? {} : { month }), export: options.export ?? 'none' },
      });
      return writeDashboardFiles(
        {
          folder: resolve(options.out),
          months: mostMonths,
          lastMonth: month,
          names: options.names === true,
          qps: options.qp ?? [],
          everyQp: options.everyQp === true,
          supervisors: options.supervisor,
          everySupervisor: options.everySupervisor,
          totals: options.totals,
          paper: options.pdf === true ? options.paper : undefined,
          tables: options.export,
          signal: AbortSignal.any([AbortSignal.timeout(longestMinutes * 60_000), interrupted]),
        },
        dashboardPorts({ config, agency: agencyHere(), warehouse }),
      );
    }),
  );
  if (files === undefined) throw nothingLoaded(month);
  const written = files.map(({ path }) => path);
  print(options, { files: written, names: options.names === true }, () =>
    [...written.map((file) => `wrote ${file}`), warning(options)].join('\n'),
  );
}

function monthOption(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const month = parseMonth(text);
  if (month !== undefined) return month;
  throw refused('--month: must be an existing month written YYYY-MM', 'Give for example 2026-10.');
}

function nothingLoaded(month: string | undefined): PipelineError {
  const what = `nothing is loaded${month === undefined ? '' : ` of ${month}`} that a dashboard could show`;
  return refused(what, 'Look at what is: npm run client -- status');
}

function warning({ names }: DashboardOptions): string {
  return names === true
    ? 'They show people by name: protected health information. Pass them on only to who may see it.'
    : 'They show people by name code. Codes are labels, not anonymity: keep them inside the organisation.';
}
