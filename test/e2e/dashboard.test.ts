import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dollarFigures, noteFigures } from '../../src/dashboard/pageFigures.ts';
import type { PageData } from '../../src/dashboard/pageData.ts';
import { codeNames, goldenMonths } from '../golden/golden.ts';
import { dataOfPage, textOfPage } from '../dashboard/readPage.ts';
import { System } from './system.ts';

/**
 * From exports through the steps and the tables to the page: its figures are those of an independent
 * implementation.
 */
const months = goldenMonths.filter(({ name }) => !name.endsWith('-messy'));
let system: System;
let html: string;
let page: PageData;

beforeAll(async () => {
  system = await System.start({ sharedClient: true });
  await system.startWorker();
  for (const { report, period, exportPath } of months) {
    await system.run('run', report, '--from', period.from, '--to', period.to, '--file', exportPath);
  }
  await system.run('dashboard', '--out', system.folder);
  html = await readFile(path.join(system.folder, 'dashboard.html'), 'utf8');
  page = dataOfPage(html);
});
afterAll(() => system.stop());

test.each(months.filter(({ report }) => report === 'utilization'))(
  '$name adds up to the golden cents, by group to the golden rows',
  ({ period, summary }) => {
    const month = page.months.indexOf(period.from.slice(0, 7));
    const tuples = page.utilization.filter((tuple) => tuple[0] === month);
    const figures = dollarFigures(tuples);
    expect({
      rows: figures.rows,
      authorized_dollars: Number(figures.authorizedCents),
      in_process_dollars: Number(figures.inProcessCents),
      billed_dollars: Number(figures.billedCents),
      not_utilized: Number(figures.notUtilizedCents),
    }).toMatchObject({
      rows: summary.rows,
      authorized_dollars: summary.cents!['authorized_dollars'],
      in_process_dollars: summary.cents!['in_process_dollars'],
      billed_dollars: summary.cents!['billed_dollars'],
      not_utilized: summary.cents!['not_utilized'],
    });
    const groups = Object.keys(summary.groups!).map((group) => [
      group,
      dollarFigures(tuples.filter((tuple) => page.services[tuple[3]]!.group === Number(group))).rows,
    ]);
    expect(Object.fromEntries(groups)).toEqual(summary.groups);
  },
);

test('October’s notes are those of both golden cycles, by status', () => {
  const cycles = months.filter(({ report }) => report === 'notes').map(({ summary }) => summary);
  const sum = (status: string) =>
    cycles.reduce((total, cycle) => total + (cycle.note_status?.[status] ?? 0), 0);
  const { rows, onTime, late, unbillable } = noteFigures(page.notes);
  expect([onTime, late, unbillable]).toEqual([sum('On Time'), sum('Late'), sum('Unbillable')]);
  expect(rows).toBe(cycles.reduce((total, cycle) => total + cycle.rows, 0));
});

test('every load is listed, and no person is named', () => {
  expect(
    page.loads
      .map(({ report, from, changes }) => `${report} ${from}: ${changes.map(({ why }) => why).join()}`)
      .sort(),
  ).toEqual(months.map(({ report, period }) => `${report} ${period.from}: first load of the period`).sort());
  const names = months.flatMap(({ rows }) =>
    rows.flatMap((row) => Object.values(codeNames).flatMap((column) => row[column] ?? [])),
  );
  const text = textOfPage(html);
  const found = names.filter((name) => name !== '' && text.includes(JSON.stringify(name).slice(1, -1)));
  expect(found).toEqual([]);
});
