import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { configPath, readPipelineConfig } from '../config.ts';
import { dashboardDays, parseMonth } from '../dashboard/days.ts';
import { fileName } from '../dashboard/exports.ts';
import { pageHtml } from '../dashboard/html.ts';
import { pageFromRows, qpAsked } from '../dashboard/pageFromRows.ts';
import { PipelineError } from '../domain/failures.ts';
import { yearMonth } from '../domain/periods.ts';
import { readDashboardRows, type DashboardRows, type PersonRow } from '../warehouse/dashboardRows.ts';
import { pageAssets } from './browserScript.ts';
import { print, type OutputOptions } from './output.ts';
import { printPdfs, type Paper } from './printPdf.ts';
import { withWarehouse } from './session.ts';

export interface DashboardOptions extends OutputOptions {
  readonly out: string;
  /** `YYYY-MM`: the last month shown. */
  readonly month?: string;
  /** Whether people are shown by name instead of by name code. */
  readonly names?: boolean;
  /** Codes, keys or names of QPs: a page for each, instead of the page of everyone. */
  readonly qp?: readonly string[];
  /** A page for each QP besides the page of everyone. */
  readonly everyQp?: boolean;
  readonly pdf?: boolean;
  readonly paper: Paper;
}

/** Writes the dashboards as files that need no server: one page set each. */
export async function writeDashboards(options: DashboardOptions): Promise<void> {
  const rows = await rowsAsked(options);
  const { organisation, groupNames } = readPipelineConfig(configPath());
  const asked = pagesAsked(rows, options);
  const assets = await pageAssets();
  const out = resolve(options.out);
  await mkdir(out, { recursive: true });
  const files: { html: string; pdf: string }[] = [];
  for (const { name, onlyQp } of asked) {
    const data = pageFromRows(rows, {
      names: options.names === true,
      timeZone: organisation.timeZone,
      groupNames,
      ...(onlyQp === undefined ? {} : { onlyQp }),
    });
    const html = join(out, `${name}.html`);
    await writeWhole(html, pageHtml({ title: 'Utilization and notes', data, ...assets }));
    files.push({ html, pdf: join(out, `${name}.pdf`) });
  }
  if (options.pdf === true) await printAll(files, options.paper);
  const written = files.flatMap(({ html, pdf }) => (options.pdf === true ? [html, pdf] : [html]));
  print(options, { files: written, names: options.names === true }, () =>
    [...written.map((file) => `wrote ${file}`), warning(options)].join('\n'),
  );
}

async function rowsAsked(options: DashboardOptions): Promise<DashboardRows> {
  const month = monthOption(options.month);
  const rows = await withWarehouse((warehouse) =>
    readDashboardRows(warehouse, {
      names: options.names === true,
      days: (periods) => dashboardDays(periods, month),
    }),
  );
  if (
    rows === undefined ||
    (month !== undefined && !rows.periods.some((each) => yearMonth(each) === month))
  ) {
    throw new PipelineError(
      'InvalidInput',
      `nothing is loaded${month === undefined ? '' : ` of ${month}`} that a dashboard could show`,
      {
        hint: 'Look at what is: npm run client -- status',
      },
    );
  }
  return rows;
}

function monthOption(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const month = parseMonth(text);
  if (month !== undefined) return month;
  throw new PipelineError('InvalidInput', '--month: must be an existing month written YYYY-MM', {
    hint: 'Give for example 2026-10.',
  });
}

/** Which files are written, and whose clients each may hold. */
function pagesAsked(
  { qps }: DashboardRows,
  { qp, everyQp }: DashboardOptions,
): { readonly name: string; readonly onlyQp?: string }[] {
  const asked = (qp ?? []).map((who) => qpAsked(qps, who));
  const each = (everyQp === true ? qps : asked).map((one) => ({ name: qpFile(one, qps), onlyQp: one.key }));
  return asked.length > 0 && everyQp !== true ? each : [{ name: 'dashboard' }, ...each];
}

/** By code, never by name: folders and mails show file names. */
function qpFile({ key, code }: PersonRow, qps: readonly PersonRow[]): string {
  const shared = qps.filter((other) => fileName(other.code) === fileName(code)).length > 1;
  return `dashboard-qp-${fileName(shared || code === '' ? `${code} ${key}` : code)}`;
}

/** Only who wrote it may read it, and nobody ever finds half a page. */
async function writeWhole(file: string, text: string): Promise<void> {
  const unfinished = `${file}.part`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, file);
}

async function printAll(files: readonly { html: string; pdf: string }[], paper: Paper): Promise<void> {
  await printPdfs(files, paper);
  for (const { pdf } of files) await chmod(pdf, 0o600);
}

function warning({ names }: DashboardOptions): string {
  return names === true
    ? 'They show people by name: protected health information. Pass them on only to who may see it.'
    : 'They show people by name code. Codes are labels, not anonymity: keep them inside the organisation.';
}
