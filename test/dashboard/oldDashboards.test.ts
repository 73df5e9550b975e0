import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { oldDashboards } from '../../src/dashboard/oldDashboards.ts';
import { everyonesPage, pageOfPerson, totalsPage } from '../../src/dashboard/pageFiles.ts';

const now = new Date('2026-11-27T12:00:00Z');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-old-dashboards-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function leave(files: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, days] of Object.entries(files)) {
    const file = path.join(folder, name);
    await writeFile(file, 'a page');
    const then = new Date(now.getTime() - days * 86_400_000);
    await utimes(file, then, then);
  }
}

/** What is left after those that are so old have gone. */
async function leftAfter(days: number, of = folder): Promise<string[]> {
  for await (const page of oldDashboards(of).old({ days, now })) for (const file of page) await file.remove();
  return (await readdir(folder)).sort();
}

test('files that a daily run no longer writes go, and no file of others', async () => {
  await leave({
    'dashboard.html': 0,
    'dashboard-qp-a17.html': 29,
    'dashboard-qp-b20.html': 31,
    'dashboard-qp-b20.pdf': 31,
    'dashboard.under-utilization-by-qp.csv': 31,
    'dashboard-notes-of-the-meeting.docx': 31,
    'index.html': 31,
  });
  expect(await leftAfter(30)).toEqual([
    'dashboard-notes-of-the-meeting.docx',
    'dashboard-qp-a17.html',
    'dashboard.html',
    'index.html',
  ]);
});

test('whatever a page is of, its files go when they are old', async () => {
  const pages = [
    everyonesPage,
    totalsPage,
    pageOfPerson('qp', 'A17'),
    pageOfPerson('supervisor', 'S04'),
    pageOfPerson('supervisor', 'Ж'),
  ];
  const endings = ['html', 'pdf', 'xlsx', 'under-utilization-by-qp.csv'];
  await leave({
    'dashboard-qp-new.html': 0,
    ...Object.fromEntries(pages.flatMap((page) => endings.map((ending) => [`${page}.${ending}`, 31]))),
  });
  expect(await leftAfter(30)).toEqual(['dashboard-qp-new.html']);
});

test('what was written last stays, however old', async () => {
  await leave({ 'dashboard.html': 400, 'dashboard-qp-a17.html': 400, 'dashboard-qp-b20.html': 431 });
  expect(await leftAfter(30)).toEqual(['dashboard-qp-a17.html', 'dashboard.html']);
});

test.each([
  { title: 'is not there', name: 'absent' },
  { title: 'cannot be', name: 'dashboard.html/dashboards' },
])('a folder that $title holds nothing old', async ({ name }) => {
  await leave({ 'dashboard.html': 400 });
  expect(await leftAfter(30, path.join(folder, name))).toEqual(['dashboard.html']);
});
