import type { Frame } from 'playwright';
import { columnName } from '../domain/headings.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { PortalTrouble } from './trouble.ts';
import { openPages, type Walk } from './walk.ts';
import { settledWithin } from './waiting.ts';

/** How often the pages are checked; each check asks every frame. */
const lookMilliseconds = 1000;
/** Some portals show something while the file is on its way. */
const graceMilliseconds = 2000;
/** A frame that is still loading answers at the next check. */
const answerMilliseconds = 500;
/** A line with this many of a report's columns, separated by commas or semicolons, is its header. */
const headerColumns = 3;

/**
 * Detects a file that the portal shows, in this window, another one or a frame, instead of sending it: waiting for a
 * download would then be in vain. `look` throws once such a file has been shown for a while.
 */
export function watchForShownFile(walk: Walk): { look: () => Promise<void> } {
  // Not awaited: the export's time is running, and busy pages answer late.
  const before = shownFiles(walk).then((files) => new Set(files));
  let looked = Date.now();
  let since: number | undefined;
  return {
    look: async () => {
      if (Date.now() - looked < lookMilliseconds) return;
      looked = Date.now();
      const known = await before;
      const shown = (await shownFiles(walk)).filter((file) => !known.has(file));
      since = shown.length === 0 ? undefined : (since ?? Date.now());
      if (since === undefined || Date.now() - since < graceMilliseconds) return;
      throw new PortalTrouble('PortalLayoutChanged', 'the portal shows the file instead of sending it', {
        hint: 'Say showsFile: true in the download step of the recipe, or let it choose the portal’s way to save or download the report; until then save the file by hand and load it with --file.',
        details: { shownAs: typeOf(shown[0]!) },
      });
    },
  };
}

/** The kind and address, in one text, of each frame that shows a file. */
async function shownFiles({ context, report }: Walk): Promise<string[]> {
  const frames = openPages(context).flatMap((page) => page.frames());
  const found = await Promise.all(frames.map((frame) => fileIn(frame, report?.name)));
  return found.filter((file) => file !== undefined);
}

async function fileIn(frame: Frame, report: ReportName | undefined): Promise<string | undefined> {
  let seen: { type: string; head: string } | undefined;
  await settledWithin(
    frame.evaluate(documentSeen).then((document) => (seen = document)),
    answerMilliseconds,
  );
  if (seen === undefined) return undefined;
  const isFile = isHtml(seen.type)
    ? report !== undefined && isHeader(seen.head, report)
    : !isPicture(seen.type);
  return isFile ? `${seen.type} ${frame.url()}` : undefined;
}

/** Runs in the page. Checks only whether the text begins like an export, since it may name patients. */
function documentSeen(): { type: string; head: string } {
  const { contentType, body } = (globalThis as unknown as { document: PageDocument }).document;
  return { type: contentType, head: (body?.innerText ?? '').trimStart().slice(0, 1000) };
}

interface PageDocument {
  readonly contentType: string;
  readonly body: { readonly innerText: string } | null;
}

function isHtml(type: string): boolean {
  return type === 'text/html' || type === 'application/xhtml+xml';
}

function isPicture(type: string): boolean {
  return type.startsWith('image/');
}

function isHeader(head: string, report: ReportName): boolean {
  const [first = ''] = head.split(/[\r\n]/, 1);
  const names = first.split(/[,;]/).map((name) => columnName(name.replaceAll('"', '')));
  const columns = reports[report].exportColumns;
  return names.filter((name) => columns.includes(name)).length >= headerColumns;
}

/** The type as the portal wrote it, if it is a plain one. */
function typeOf(file: string): string {
  return /^[a-z]{1,20}\/[a-z0-9.+-]{1,60}(?= )/.exec(file)?.[0] ?? 'another kind';
}
