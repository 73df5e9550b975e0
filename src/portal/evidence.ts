import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright';
import type { ConsoleRecord } from './consoleRecord.ts';
import { drawPage } from './drawnPage.ts';
import { maskUrl, type Masking } from './maskText.ts';
import { outlineOf } from './outline.ts';
import { realScreenshot } from './realScreenshot.ts';
import { seePage, type SeenPage } from './seenPage.ts';
import { openPages } from './walk.ts';
import { unlessAborted } from './waiting.ts';

export interface EvidenceRequest {
  /** Seals what is written; `name` is that of folder and file. Without it, files are plain. */
  readonly seal?: SealEvidence | undefined;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly console: ConsoleRecord;
  readonly masking: Masking;
  /** What happened, without page text or secrets; written to `step.json`. */
  readonly step: Readonly<Record<string, unknown>>;
  /** First part of the folder's name, e.g. `notes-2026-10-01..2026-10-15`. */
  readonly label: string;
}

export type SealEvidence = (name: string, content: Buffer) => Buffer;

export interface Evidence {
  /** The folder's name within the evidence directory. */
  readonly name: string;
  readonly offered: Readonly<Record<string, number>>;
}

/** One page takes a second. A page that hangs is abandoned before this. */
const captureSeconds = 30;
/** More open pages than this add nothing. */
const pageLimit = 4;
/** Enough for weeks of bad days. Older folders are deleted, because even masked pages should not pile up. */
const foldersKept = 200;
const folderPattern = /^[a-z0-9.-]+-\d{8}t\d{6}z-[0-9a-f]{6}$/;

/** Records what the portal showed when a step failed. A page's failure never makes it throw: parts may be missing. */
export async function captureEvidence(directory: string, request: EvidenceRequest): Promise<Evidence> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `${request.label}-${stamp}-${randomBytes(3).toString('hex')}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-');
  const folder = join(directory, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const offered: Record<string, number> = {};
  const missing: string[] = [];
  const tooLate = AbortSignal.timeout(captureSeconds * 1000);
  const pages = openPages(request.context).slice(0, pageLimit);
  // Examined in parallel, so that a page that hangs does not delay the others.
  const looks = pages.map((page) => ({ page, seen: lookAt(page) }));
  for (const [index, { page, seen }] of looks.entries()) {
    const suffix = index === 0 ? '' : `-${index + 1}`;
    await part(`outline${suffix}.txt`, async (file) => writeOutline(file, page, await seen));
    await part(`screenshot${suffix}.png`, async (file) => writeScreenshot(file, page, seen));
  }
  await save('console.log', request.console.text());
  await save('step.json', `${JSON.stringify({ ...request.step, offered, missing }, undefined, 2)}\n`);
  await removeOldest(directory);
  return { name, offered };

  async function part(file: string, work: (file: string) => Promise<void>): Promise<void> {
    try {
      await unlessAborted(work(file), tooLate);
    } catch {
      // A page that is gone or hangs cannot be captured; the missing part is itself evidence.
      missing.push(file);
    }
  }

  async function writeOutline(file: string, page: Page, seen: SeenPage): Promise<void> {
    const outline = outlineOf(seen, request.masking);
    for (const [role, count] of Object.entries(outline.offered)) offered[role] = (offered[role] ?? 0) + count;
    const address = maskUrl(page.url(), request.masking);
    await save(file, `page ${address}\n${outline.lines.join('\n')}\n`);
  }

  async function writeScreenshot(file: string, page: Page, seen: Promise<SeenPage>): Promise<void> {
    const picture = await pictureOf(page, seen, request);
    if (picture === undefined) missing.push(file);
    else await save(file, picture);
  }

  async function save(file: string, content: string | Buffer): Promise<void> {
    const sealed = request.seal?.(`${name}/${file}`, Buffer.from(content)) ?? content;
    await writeFile(join(folder, file), sealed, { mode: 0o600 });
  }
}

function lookAt(page: Page): Promise<SeenPage> {
  const seen = seePage(page);
  // Mark as handled now; each part that needs it still sees the rejection when it awaits.
  seen.catch(() => {});
  return seen;
}

/** Undefined if a secret cannot be ruled out: no picture is better. */
async function pictureOf(
  page: Page,
  seen: Promise<SeenPage>,
  { browser, masking }: EvidenceRequest,
): Promise<Buffer | undefined> {
  if (masking.showPatientData) return realScreenshot(page, masking);
  const { png } = await drawPage(browser, await seen, masking);
  return png;
}

async function removeOldest(directory: string): Promise<void> {
  const folders = (await readdir(directory)).filter((name) => folderPattern.test(name));
  const byAge = folders.toSorted((left, right) => stampOf(left).localeCompare(stampOf(right)));
  for (const name of byAge.slice(0, Math.max(0, byAge.length - foldersKept))) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

function stampOf(name: string): string {
  return name.split('-').slice(-2).join('-');
}
