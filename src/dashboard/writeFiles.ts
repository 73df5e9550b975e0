import { PipelineError } from '../domain/failures.ts';
import { yearMonth } from '../domain/periods.ts';
import type { FiguresAre } from '../domain/figuresAre.ts';
import type { DashboardQuestion, DashboardRows, PersonRow } from '../domain/dashboardSums.ts';
import { dashboardDays } from './days.ts';
import { fileName } from './exports.ts';
import { pageHtml } from './html.ts';
import { pageAssets } from './pageAssets.ts';
import { buildPageData, personAsked } from './buildPageData.ts';
import { everyonesPage, pageOfPerson, totalsPage } from './pageFiles.ts';
import type { PagePart } from './partOf.ts';
import { replaceFiles, throwIfFolderFailed, type WrittenFile } from './replaceFiles.ts';

export type Paper = 'A4' | 'Letter';
export type TableFormat = 'csv' | 'xlsx';

/** Which dashboards are wanted. */
export interface DashboardRequest {
  /** An absolute path; the folder is made if it is not there. */
  readonly folder: string;
  /** How many months are shown. */
  readonly months: number;
  /** `YYYY-MM`: the last of them; the newest loaded one otherwise. */
  readonly lastMonth?: string | undefined;
  /** Whether people are shown by name instead of by name code. */
  readonly names: boolean;
  /** Codes, keys or names of QPs: a page for each, instead of the page of everyone. */
  readonly qps: readonly string[];
  /** Also a page for each QP. */
  readonly everyQp: boolean;
  /** Codes, keys or names of supervisors: a page for each, with notes alone, instead of the page of everyone. */
  readonly supervisors?: readonly string[] | undefined;
  readonly everySupervisor?: boolean | undefined;
  /** Also a page of sums without any person. */
  readonly totals?: boolean | undefined;
  /** What PDFs are printed on; without it there are none. */
  readonly paper?: Paper | undefined;
  /** What all tables of the pages are saved as too, each in a file of its own. */
  readonly tables?: TableFormat | undefined;
  /** An abort ends the work; files that are there already stay as they are. */
  readonly signal: AbortSignal;
}

/** A page that is written, and is to be opened in a browser. */
export interface WrittenPage {
  readonly html: string;
  /** The path of a file beside it: `…/dashboard.pdf`. */
  readonly withEnding: (ending: string) => string;
}

export interface BrowserWork {
  readonly paper: Paper | undefined;
  readonly tables: TableFormat | undefined;
  readonly signal: AbortSignal;
}

/** What dashboards need of the world. */
export interface DashboardPorts {
  /** Its name or id; null where the settings have neither. */
  readonly agency: string | null;
  readonly clock: () => Date;
  /** IANA name; times are shown in it. */
  readonly timeZone: string;
  readonly groupNames: Readonly<Record<number, string>>;
  readonly figuresAre: FiguresAre;
  readonly rows: (question: DashboardQuestion, signal: AbortSignal) => Promise<DashboardRows | undefined>;
  /** Prints pages and saves their tables, in a browser. */
  readonly open: (pages: readonly WrittenPage[], work: BrowserWork) => Promise<void>;
}

/**
 * Writes the dashboards as files that need no server, one page set each. They take the place of those before them when
 * all are made; a reader never sees half a file. Undefined where nothing is loaded of the months asked for.
 */
export async function writeDashboardFiles(
  request: DashboardRequest,
  ports: DashboardPorts,
): Promise<WrittenFile[] | undefined> {
  const { folder, names, lastMonth, signal } = request;
  const days: DashboardQuestion['days'] = (periods) => dashboardDays(periods, lastMonth, request.months);
  const rows = await ports.rows({ names, figuresAre: ports.figuresAre, days }, signal);
  if (rows === undefined || !shows(rows, lastMonth)) return undefined;
  const pages = pagesAsked(rows, request);
  const writtenAt = ports.clock();
  const assets = await pageAssets();
  return replaceFiles(folder, async (unfinished) => {
    const written: WrittenPage[] = [];
    for (const { name, part } of pages) {
      signal.throwIfAborted();
      const data = buildPageData(rows, {
        names: names && part?.kind !== 'totals',
        agency: ports.agency,
        writtenAt,
        timeZone: ports.timeZone,
        groupNames: ports.groupNames,
        figuresAre: ports.figuresAre,
        part,
      });
      await unfinished.write(`${name}.html`, pageHtml({ title: 'Utilization and notes', data, ...assets }));
      const withEnding = (ending: string) => unfinished.pathOf(`${name}.${ending}`);
      written.push({ html: withEnding('html'), withEnding });
    }
    await openInBrowser(written, request, ports);
    // An attempt that came too late must not put its older figures over those of the next one.
    signal.throwIfAborted();
  });
}

function shows({ periods }: DashboardRows, month: string | undefined): boolean {
  return month === undefined || periods.some((period) => yearMonth(period) === month);
}

async function openInBrowser(
  pages: readonly WrittenPage[],
  { paper, tables, signal }: DashboardRequest,
  ports: DashboardPorts,
): Promise<void> {
  if (paper === undefined && tables === undefined) return;
  try {
    await ports.open(pages, { paper, tables, signal });
  } catch (error) {
    signal.throwIfAborted();
    // PDFs and tables are files of the folder too.
    throwIfFolderFailed(error);
    throw browserFailure(error);
  }
}

/** Whether it was slow, did not start, or ended in the middle: each has another remedy. */
function browserFailure(error: unknown): PipelineError {
  if (error instanceof PipelineError && error.type === 'DashboardsNotWritten') return error;
  // Only the start of the browser fails with a type of its own.
  const didNotStart = error instanceof Error && 'type' in error;
  return didNotStart
    ? new PipelineError('DashboardsNotWritten', 'the browser that prints the dashboards did not start', {
        hint: 'Check that Chromium is installed and that EHR_CHROMIUM, where it is set, names it, and that the machine is not too busy to start it within a minute; or write pages only.',
        cause: error,
      })
    : new PipelineError('DashboardsNotWritten', 'the browser ended while it printed the dashboards', {
        hint: 'Look whether the machine ran out of memory; try again, or write pages only, without PDF and exports.',
        cause: error,
      });
}

/** What a page is called, and whose rows it may hold. */
interface AskedPage {
  readonly name: string;
  readonly part?: PagePart;
}

/** Which files are written. */
function pagesAsked({ qps, supervisors }: DashboardRows, request: DashboardRequest): AskedPage[] {
  const ofQps = pagesOf('qp', qps, { asked: request.qps, every: request.everyQp });
  const ofSupervisors = pagesOf('supervisor', supervisors, {
    asked: request.supervisors ?? [],
    every: request.everySupervisor === true,
  });
  const totals: AskedPage[] = request.totals === true ? [{ name: totalsPage, part: { kind: 'totals' } }] : [];
  const isOfSome = [request.qps, request.supervisors ?? []].some((asked) => asked.length > 0);
  const everyone =
    isOfSome && !request.everyQp && request.everySupervisor !== true ? [] : [{ name: everyonesPage }];
  return [...everyone, ...totals, ...ofQps, ...ofSupervisors];
}

const words = { qp: 'QP', supervisor: 'supervisor' } as const;

function pagesOf(
  kind: keyof typeof words,
  people: readonly PersonRow[],
  { asked, every }: { readonly asked: readonly string[]; readonly every: boolean },
): AskedPage[] {
  const found = asked.map((who) => personAsked(people, who, { option: `--${kind}`, who: words[kind] }));
  return (every ? people : found).map((one) => ({
    name: pageOfPerson(kind, distinctCode(one, people)),
    part: { kind, key: one.key },
  }));
}

/** By code, never by name: folders and mails show file names. */
function distinctCode({ key, code }: PersonRow, people: readonly PersonRow[]): string {
  const shared = people.filter((other) => fileName(other.code) === fileName(code)).length > 1;
  return shared || code === '' ? `${code} ${key}` : code;
}
