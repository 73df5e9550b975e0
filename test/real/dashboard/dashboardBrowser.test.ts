import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeDashboardFiles, type WrittenPage } from '../../../src/dashboard/writeFiles.ts';
import { openDashboards, type Patience } from '../../../src/wiring/dashboardBrowser.ts';
import { someRows } from '../../dashboard/someRows.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-browser-'));
  return () => rm(folder, { recursive: true, force: true });
});

/** A page whose script keeps the browser busy before it is loaded, and which then says that it is drawn, or never. */
async function aPage({ busySeconds, draws }: { busySeconds: number; draws: boolean }): Promise<WrittenPage> {
  const html = path.join(folder, 'dashboard.html');
  const busy = `const until = Date.now() + ${String(busySeconds * 1000)}; while (Date.now() < until);`;
  const drawn = draws ? "document.getElementById('page').dataset.drawn = '#all';" : '';
  await writeFile(html, `<!doctype html><div id="page">figures</div><script>${busy}${drawn}</script>`);
  return { html, withEnding: (ending) => path.join(folder, `dashboard.${ending}`) };
}

const signal = new AbortController().signal;

test('a page that takes longer than the waits of portal work is printed all the same', async () => {
  const page = await aPage({ busySeconds: 7, draws: true });
  await openDashboards([page], { paper: 'Letter', tables: undefined, signal });
  expect((await readdir(folder)).toSorted()).toEqual(['dashboard.html', 'dashboard.pdf']);
});

test('a browser that is too slow is reported as that, with what to do, and nothing of an installation', async () => {
  const short: Patience = { drawSeconds: 1, printSeconds: 60 };
  const request = { folder, months: 12, names: false, qps: [], everyQp: false, paper: 'A4' as const, signal };
  const printing = writeDashboardFiles(request, {
    agency: null,
    clock: () => new Date(),
    timeZone: 'America/New_York',
    groupNames: {},
    figuresAre: 'authorization',
    rows: async () => someRows(),
    open: async (_pages, work) =>
      openDashboards([await aPage({ busySeconds: 0, draws: false })], work, short),
  });
  await expect(printing).rejects.toMatchObject({
    type: 'DashboardsNotWritten',
    message: 'the browser did not open and draw a dashboard within 1 s',
    hint: expect.stringMatching(/^The machine is busy: try again/),
  });
});

test('one that does not start is reported as that', async () => {
  const before = process.env['EHR_CHROMIUM'];
  process.env['EHR_CHROMIUM'] = path.join(folder, 'no-browser');
  await writeFile(process.env['EHR_CHROMIUM'], '#!/bin/sh\nexit 1\n', { mode: 0o700 });
  const request = { folder, months: 12, names: false, qps: [], everyQp: false, paper: 'A4' as const, signal };
  try {
    const printing = writeDashboardFiles(request, {
      agency: null,
      clock: () => new Date(),
      timeZone: 'America/New_York',
      groupNames: {},
      figuresAre: 'authorization',
      rows: async () => someRows(),
      open: (pages, work) => openDashboards(pages, work),
    });
    await expect(printing).rejects.toMatchObject({
      type: 'DashboardsNotWritten',
      message: 'the browser that prints the dashboards did not start',
      hint: expect.stringContaining('Check that Chromium is installed'),
    });
  } finally {
    if (before === undefined) delete process.env['EHR_CHROMIUM'];
    else process.env['EHR_CHROMIUM'] = before;
  }
});
