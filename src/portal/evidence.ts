import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, ConsoleMessage, Page } from 'playwright';
import { maskContent, maskFurniture, withoutSecrets, type Masking } from './maskText.ts';
import { maskedScreenshot } from './maskedScreenshot.ts';
import { outlineOf } from './outline.ts';
import { openPages } from './walk.ts';
import { unlessAborted } from './waiting.ts';

export interface EvidenceRequest {
  readonly context: BrowserContext;
  readonly console: ConsoleRecord;
  readonly masking: Masking;
  /** What happened, free of page text and secrets: written as `step.json`. */
  readonly step: Readonly<Record<string, unknown>>;
  /** First part of the folder's name, e.g. `notes-2026-10-01..2026-10-15`. */
  readonly label: string;
}

export interface Evidence {
  /** The folder's name within the evidence directory. */
  readonly name: string;
  readonly offered: Readonly<Record<string, number>>;
}

/** A hung page must not hold up the failure. */
const captureSeconds = 12;
/** More open pages than this say nothing more. */
const pageLimit = 4;
/** Enough for weeks of bad days; older folders go, since even masked pages should not pile up. */
const foldersKept = 200;
const folderPattern = /^[a-z0-9.-]+-\d{8}t\d{6}z-[0-9a-f]{6}$/;

/** Writes down what the portal showed when a step failed. Never throws for the page's sake: parts may be missing. */
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
  for (const [index, page] of openPages(request.context).slice(0, pageLimit).entries()) {
    const suffix = index === 0 ? '' : `-${index + 1}`;
    await part(`outline${suffix}.txt`, async () => writeOutline(folder, suffix, page));
    await part(`screenshot${suffix}.png`, async () => writeScreenshot(folder, suffix, page));
  }
  await save(folder, 'console.log', request.console.text(request.masking));
  await save(folder, 'step.json', `${JSON.stringify({ ...request.step, offered, missing }, undefined, 2)}\n`);
  await removeOldest(directory);
  return { name, offered };

  async function part(file: string, work: () => Promise<void>): Promise<void> {
    try {
      await unlessAborted(work(), tooLate);
    } catch {
      // A page that is gone or hangs cannot be captured; which part is missing is itself evidence.
      missing.push(file);
    }
  }

  async function writeOutline(to: string, suffix: string, page: Page): Promise<void> {
    const outline = await outlineOf(page, request.masking);
    for (const [role, count] of Object.entries(outline.offered)) offered[role] = (offered[role] ?? 0) + count;
    const address = addressOf(page.url(), request.masking);
    await save(to, `outline${suffix}.txt`, `page ${address}\n${outline.lines.join('\n')}\n`);
  }

  async function writeScreenshot(to: string, suffix: string, page: Page): Promise<void> {
    const picture = await maskedScreenshot(page, request.masking);
    if (picture === undefined) missing.push(`screenshot${suffix}.png`);
    else await save(to, `screenshot${suffix}.png`, picture);
  }
}

async function save(folder: string, file: string, content: string | Buffer): Promise<void> {
  await writeFile(join(folder, file), content, { mode: 0o600 });
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

/** Without the query, which may name a person; numbers in the path may be a chart's. */
function addressOf(url: string, masking: Masking): string {
  const { origin, pathname } = new URL(url);
  return `${withoutSecrets(origin, masking)}${maskFurniture(pathname, masking)}`;
}

/** A page can log without end; the newest lines are those about the failure. */
const consoleLimit = 500;

/** What the pages wrote to the browser's console. */
export class ConsoleRecord {
  readonly #entries: { type: string; text: string; byBrowser: boolean }[] = [];

  constructor(context: BrowserContext) {
    context.on('console', (message) => this.#add(message));
    context.on('weberror', (error) => this.#push('uncaught', error.error().message, false));
  }

  text(masking: Masking): string {
    return this.#entries
      .map(({ type, text, byBrowser }) => {
        // The browser's own complaints hold a status and no page text; what scripts write may hold a name.
        const shown = byBrowser ? withoutSecrets(text, masking) : maskContent(text, masking);
        return `[${type}] ${shown}\n`;
      })
      .join('');
  }

  #add(message: ConsoleMessage): void {
    const text = message.text();
    this.#push(message.type(), text, /^Failed to load resource: [\w :()]+$/.test(text));
  }

  #push(type: string, text: string, byBrowser: boolean): void {
    this.#entries.push({ type, text, byBrowser });
    if (this.#entries.length > consoleLimit) this.#entries.shift();
  }
}
