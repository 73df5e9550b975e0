import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Download } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDashboardRows } from '../../../src/warehouse/dashboardRows.ts';
import { dashboardDays } from '../../../src/dashboard/days.ts';
import { allNames, hostileNames, hostileService, settledMonths } from './dashboardSite.ts';
import {
  byCode,
  counted,
  dollars,
  inOrder,
  notesOf,
  percent,
  utilizationOf,
  varianceOf,
} from './figuresOfTables.ts';
import { dataOfPage, textOfPage } from '../../dashboard/readPage.ts';
import { monthLabel, periodLabel } from '../../../src/dashboard/figureText.ts';
import { DashboardSite, groupNames, type DashboardPage } from './openPage.ts';
import { unzipped } from './unzipped.ts';

let site: DashboardSite;
let shown: DashboardPage;

beforeAll(async () => {
  site = await DashboardSite.start();
  shown = await site.open();
});
afterAll(() => site.stop());

const months = ['2026-08', '2026-09', '2026-10', '2026-11'];
const qpColumn = "COALESCE(qp_code, '(no QP)')";
/** The newest loaded period ends on 2026-11-15. */
const recentDays = "date_of_service BETWEEN '2026-08-18' AND '2026-11-15'";

async function keyOf(sql: string): Promise<string> {
  const [row] = await site.tested.query(sql);
  return String(row?.['k']);
}

/** Rows by month as a page lists them: by name, the newest first. */
function namedMonths(rows: readonly (readonly string[])[]): string[][] {
  return rows
    .toSorted(([one = ''], [other = '']) => (one > other ? -1 : 1))
    .map((row) => [monthLabel(row[0]!)].concat(row.slice(1)));
}

/** The id of what has the keyboard, else its text. */
function focused(): Promise<string> {
  return shown.page.evaluate('document.activeElement.id || document.activeElement.textContent');
}

const pageNames = ['act', 'follow', 'summary', 'under', 'over', 'notes', 'caregiver', 'data'];

describe('every page', () => {
  test.each(pageNames)(
    '%s says agency, when it was written, how old its data are and how they stand',
    async (name) => {
      await shown.goTo(name);
      const scope = await shown.scope();
      expect(scope).toContain('Agency Example Care');
      expect(scope).toContain('Written Nov 20, 2026, 3:31 AM');
      expect(scope).toMatch(/(Data|Newest data) \d+ (minute|hour|day)s? old/);
      expect(await shown.page.locator('.state').innerText()).toMatch(
        /^(Settled|Preliminary|Held: the newest run of)/,
      );
    },
  );

  test.each([
    { now: '2026-11-20T08:40:00Z', written: '9 minutes old', old: false },
    { now: '2026-11-20T10:31:00Z', written: '2 hours old', old: false },
    { now: '2026-11-29T08:31:00Z', written: '9 days old', old: true },
    {
      now: '2026-11-01T00:00:00Z',
      written: 'written later than this computer’s clock says it is',
      old: true,
    },
    { now: '2031-01-01T00:00:00Z', written: 'more than 400 days old', old: true },
  ])('says at $now that it is $written', async ({ now, written, old }) => {
    const opened = await site.open({ now });
    const header = await opened.page.locator('header').innerText();
    expect(header).toContain(`Example Care · written Nov 20, 2026, 3:31 AM · ${written}`);
    expect(header.includes('Look for a newer file')).toBe(old);
    await opened.page.close();
  });

  test('offers the months that it has figures of, newest first', async () => {
    for (const { page, select, table } of [
      { page: 'summary', select: 'Month', table: 'utilization' },
      { page: 'notes', select: 'Notes of', table: 'notes' },
    ]) {
      await shown.goTo(page);
      const options = await shown.page
        .getByRole('combobox', { name: select })
        .locator('option')
        .allInnerTexts();
      const loaded = await site.tested.query(`SELECT DISTINCT ym FROM ${table} ORDER BY ym DESC`);
      expect(options.filter((option) => /^[A-Z][a-z]+ \d{4}$/.test(option))).toEqual(
        loaded.map(({ ym }) => monthLabel(String(ym))),
      );
    }
  });

  test('says of a month that only an address names that there are no figures yet', async () => {
    await shown.goTo('summary?month=2026-05');
    expect(await shown.card('Authorized', 'value')).toBe('no figures yet');
    const month = shown.page.getByRole('combobox', { name: 'Month' });
    expect(await month.locator('option', { hasText: 'May 2026' }).count()).toBe(0);
    expect(await month.locator('option:checked').innerText()).toBe('Choose one');
  });
});

describe('the utilization summary', () => {
  test.each([...months, 'all'])('of %s shows what the tables hold', async (month) => {
    await shown.goTo(`summary?month=${month}`);
    const where = month === 'all' ? '1 = 1' : `ym = '${month}'`;
    const [all] = await utilizationOf(site.tested, "'Total'", where);
    const [, , authorized, inProcess, billed, unused, utilization, mean] = all!;
    expect(await shown.card('Authorized')).toBe(authorized);
    expect(await shown.card('Not utilized')).toBe(unused);
    expect(await shown.card('Utilization', 'value')).toBe(utilization);
    expect(await shown.rows('Authorized and used')).toEqual([
      ['Authorized', authorized],
      ['In process', inProcess],
      ['Billed', billed],
      ['Not utilized', unused],
    ]);
    expect(await shown.total('Utilization by service group')).toEqual(all);
    const sentence = await shown.page.locator('.sentence').first().innerText();
    for (const figure of [authorized!, utilization!, mean!]) expect(sentence).toContain(figure);
  });

  test.each(months)('of %s has bars by group and by QP, least used first', async (month) => {
    await shown.goTo(`summary?month=${month}`);
    const groups = await utilizationOf(site.tested, 'grp', `ym = '${month}'`);
    const shownGroups = await shown.rows('Utilization by service group');
    expect(inOrder(shownGroups.map(([label = '', ...cells]) => [label.split(' ')[0], ...cells]))).toEqual(
      inOrder(groups),
    );
    const shares = shownGroups.map((cells) => cells[6]!).filter((cell) => cell !== '–');
    expect(shares.map(Number.parseFloat)).toEqual(
      shares.map(Number.parseFloat).toSorted((one, other) => one - other),
    );
    const qps = await utilizationOf(site.tested, qpColumn, `ym = '${month}'`);
    expect(byCode(await shown.rows('Utilization by QP'))).toEqual(byCode(qps));
  });

  test('calls groups by the names of pipeline.yaml', async () => {
    await shown.goTo('summary?month=2026-10');
    const labels = (await shown.rows('Utilization by service group')).map(([label]) => label);
    expect(labels).toContain(`2 ${groupNames[2]}`);
    expect(labels).toContain('0 Unknown services');
  });

  test('shows every month beside each other', async () => {
    await shown.goTo('summary?month=2026-10');
    const rows = await utilizationOf(site.tested, 'ym', '1 = 1');
    expect(await shown.rows('Utilization by month')).toEqual(namedMonths(rows));
  });
});

describe('respite', () => {
  test('is hidden and shown by mouse and by keyboard, whatever its case', async () => {
    await shown.goTo('summary?month=2026-11');
    const box = shown.page.getByRole('checkbox', { name: 'Show respite (RCI)' });
    await box.click();
    await shown.drawnWith('rci=hide');
    const without = await utilizationOf(
      site.tested,
      qpColumn,
      "ym = '2026-11' AND UPPER(service_code) <> 'RCI'",
    );
    expect(byCode(await shown.rows('Utilization by QP'))).toEqual(byCode(without));
    expect(await shown.scope()).toContain('Respite (RCI) hidden');
    expect(await focused()).toBe('select-respite');
    await shown.page.keyboard.press('Space');
    await shown.drawnWithout('rci');
    expect(await shown.scope()).toContain('Respite (RCI) shown');
  });
});

describe.each([
  { page: 'under', title: 'Under-utilization', sign: '<' },
  { page: 'over', title: 'Over-utilization', sign: '>' },
] as const)('$title', ({ page, title, sign }) => {
  test.each([...months, 'all'])('of %s adds up the rows of the tables by QP', async (month) => {
    await shown.goTo(`${page}?month=${month}`);
    const where = month === 'all' ? '1 = 1' : `ym = '${month}'`;
    const [sum] = await site.tested.query(
      `SELECT COALESCE(SUM(IF(variance ${sign} 0, variance, 0)), 0.00) AS dollars, SUM(variance ${sign} 0) AS n
       FROM utilization WHERE ${where}`,
    );
    expect(await shown.card(title)).toBe(dollars(sum!['dollars']));
    expect(await shown.card('Authorizations', 'value')).toBe(counted(sum!['n']));
    const qps = await varianceOf(site.tested, sign, qpColumn, where);
    expect(byCode(await shown.rows(`${title} by QP`))).toEqual(byCode(qps));
  });

  test('drills down from QP to client to service by mouse, and back', async () => {
    await shown.goTo(`${page}?month=2026-10`);
    const [[qp]] = (await shown.rows(`${title} by QP`)) as [[string]];
    const key = await keyOf(`SELECT MIN(qp_key) AS k FROM utilization WHERE qp_code = '${qp}'`);
    await shown.page
      .getByRole('table', { name: `${title} by QP` })
      .getByRole('button', { name: qp })
      .click();
    await shown.drawnWith(`qp=${key}`);
    const ofQp = `ym = '2026-10' AND qp_key = '${key}'`;
    const clients = await shown.rows(`${title} by Client`);
    expect(byCode(clients)).toEqual(byCode(await varianceOf(site.tested, sign, 'client_code', ofQp)));
    const client = clients[0]![0]!;
    await shown.page
      .getByRole('table', { name: `${title} by Client` })
      .getByRole('button', { name: client })
      .click();
    await shown.drawnWith('client=');
    const clientKey = new URL(shown.page.url()).hash.match(/client=([0-9a-f]+)/)![1]!;
    const services = await varianceOf(
      site.tested,
      sign,
      'service_code',
      `${ofQp} AND client_key = '${clientKey}'`,
    );
    expect(inOrder(await shown.rows(`${title} by Service`))).toEqual(inOrder(services));
    expect(await shown.scope()).toContain(`QP ${qp} Client ${client}`);
    await shown.page
      .getByRole('navigation', { name: 'Drill-down' })
      .getByRole('button', { name: 'All QPs' })
      .click();
    await shown.drawnWithout('qp=');
    expect(await shown.hasTable(`${title} by QP`)).toBe(true);
  });
});

test('a drill-down needs no mouse, and leaves the keyboard at what it opened', async () => {
  await shown.goTo('under?month=2026-10');
  const [[qp]] = (await shown.rows('Under-utilization by QP')) as [[string]];
  await shown.page
    .getByRole('table', { name: 'Under-utilization by QP' })
    .getByRole('button', { name: qp })
    .focus();
  await shown.page.keyboard.press('Enter');
  await shown.drawnWith('qp=');
  expect(await focused()).toBe('Under-utilization by Client');
  await shown.page.goBack();
  await shown.page.getByRole('heading', { name: 'Under-utilization by QP' }).waitFor();
});

test('a bar is opened by a click like the row of its table', async () => {
  await shown.goTo('under?month=2026-10');
  const [[qp]] = (await shown.rows('Under-utilization by QP')) as [[string]];
  const chart = shown.page.locator('#drill-under .chart');
  await chart.click({ position: { x: (await chart.boundingBox())!.width / 2, y: 22 } });
  await shown.drawnWith('qp=');
  expect(await shown.scope()).toContain(`QP ${qp}`);
});

describe('selectors', () => {
  test('of month, QP and client work with the keyboard and keep it', async () => {
    await shown.goTo('summary?month=2026-10');
    const month = shown.page.getByRole('combobox', { name: 'Month' });
    await month.focus();
    await shown.page.keyboard.press('ArrowDown');
    await shown.drawnWith('month=2026-09');
    expect(await focused()).toBe('select-month');
    const client = await keyOf("SELECT MIN(client_key) AS k FROM utilization WHERE ym = '2026-09'");
    await shown.page.getByRole('combobox', { name: 'Client' }).selectOption(client);
    await shown.drawnWith('client=');
    const where = `ym = '2026-09' AND client_key = '${client}'`;
    expect(byCode(await shown.rows('Utilization by QP'))).toEqual(
      byCode(await utilizationOf(site.tested, qpColumn, where)),
    );
  });

  test('of a QP leave only its clients to choose from', async () => {
    const qp = await keyOf("SELECT MIN(qp_key) AS k FROM utilization WHERE ym = '2026-10'");
    await shown.goTo('summary?month=2026-10');
    await shown.page.getByRole('combobox', { name: 'QP' }).selectOption(qp);
    await shown.drawnWith('qp=');
    const options = await shown.page.getByRole('combobox', { name: 'Client' }).locator('option').count();
    const clients = await keyOf(
      `SELECT COUNT(DISTINCT client_key) AS k FROM utilization WHERE qp_key = '${qp}'`,
    );
    expect(options).toBe(Number(clients) + 1);
  });
});

describe('the notes overview', () => {
  test.each([
    { span: 'recent', where: recentDays },
    ...months
      .filter((month) => month !== '2026-09')
      .map((month) => ({ span: month, where: `ym = '${month}'` })),
    { span: 'all', where: '1 = 1' },
  ])('of $span counts the notes of the tables', async ({ span, where }) => {
    await shown.goTo(`notes?span=${span}`);
    const [all] = await notesOf(site.tested, "'Total'", where);
    const [, rows, onTime, late, unbillable, unsigned, share, days] = all!;
    expect(await shown.card('Notes', 'value')).toBe(rows);
    expect(await shown.card('Average days to sign', 'value')).toBe(days === '–' ? 'none signed' : days);
    expect(await shown.card('Average days to sign')).toContain(`${unsigned!} unsigned`);
    expect(await shown.card('Late', 'value')).toBe(late);
    expect(await shown.card('Unbillable', 'value')).toBe(unbillable);
    expect(await shown.card('On time')).toBe(`${onTime!}, ${share!} of all`);
    const statuses = await shown.rows('Notes by status');
    expect(statuses.map(([, count]) => count)).toEqual([onTime, late, unbillable]);
    for (const status of ['Late', 'Unbillable'] as const) {
      const caption = `Caregivers with ${status.toLowerCase()} notes`;
      const caregivers = await site.tested.query(
        `SELECT employee_code AS label, SUM(note_status = '${status}') AS n, COUNT(*) AS notes,
           ROUND(100 * SUM(note_status = '${status}') / COUNT(*), 2) AS share
         FROM notes WHERE ${where} GROUP BY caregiver_key, employee_code HAVING n > 0`,
      );
      const expected = caregivers.map((row) => [
        String(row['label']),
        counted(row['n']),
        counted(row['notes']),
        percent(row['share']),
      ]);
      expect(byCode(await shown.rows(caption))).toEqual(byCode(expected));
    }
  });

  test.each([1, 2])('of all months counts those of the %i shown alone', async (count) => {
    const few = await site.open({ months: count });
    await few.goTo('notes?span=all');
    const where = `ym IN (${months
      .slice(-count)
      .map((month) => `'${month}'`)
      .join(', ')})`;
    const [all] = await notesOf(site.tested, "'Total'", where);
    expect(await few.card('Notes', 'value')).toBe(all![1]);
    const runs = await site.tested.query(
      `SELECT run_id FROM published_period WHERE report = 'notes' AND run_id IS NOT NULL AND LEFT(period_start, 7) >= '${months.at(-count)!}'`,
    );
    const scope = await few.scope();
    const told =
      runs.length < 3 ? runs.map(({ run_id: run }) => String(run)) : [`${String(runs.length)} runs,`];
    for (const words of told) expect(scope).toContain(words);
    await few.page.close();
  });

  test('has the late and unbillable notes of every month, and says what is not settled', async () => {
    await shown.goTo('notes?span=recent');
    for (const status of ['Late', 'Unbillable']) {
      const rows = await site.tested.query(
        `SELECT ym, SUM(note_status = '${status}') AS n, COUNT(*) AS notes,
           ROUND(100 * SUM(note_status = '${status}') / COUNT(*), 2) AS share FROM notes GROUP BY ym ORDER BY ym DESC`,
      );
      const settled = new Set([...Object.keys(settledMonths), '2026-10']);
      expect(await shown.rows(`${status} notes by month`)).toEqual(
        rows.map((row) => [
          monthLabel(String(row['ym'])),
          counted(row['n']),
          counted(row['notes']),
          percent(row['share']),
          // Of the others one cycle is not loaded.
          settled.has(String(row['ym'])) ? 'settled' : 'preliminary',
        ]),
      );
    }
    expect(await shown.scope()).toContain('90 days, Aug 18 – Nov 15, 2026, 46 of them loaded');
    expect(await shown.scope()).toContain('Preliminary');
  });

  test('draws a trend through the settled months, and says how it goes', async () => {
    await shown.goTo('notes?span=recent');
    const [may, october] = await site.tested.query(
      `SELECT SUM(note_status = 'Late') AS n, COUNT(*) AS notes,
         ROUND(100 * SUM(note_status = 'Late') / COUNT(*), 2) AS share
       FROM notes WHERE ym IN ('2026-05', '2026-10') GROUP BY ym ORDER BY ym`,
    );
    const points = [...Object.values(settledMonths).entries(), [5, Number(october!['n'])] as const];
    const [middle, mean] = [0, 1].map(
      (at) => points.reduce((sum, point) => sum + point[at]!, 0) / points.length,
    );
    const slope =
      points.reduce((sum, [at, late]) => sum + (at - middle!) * (late - mean!), 0) /
      points.reduce((sum, [at]) => sum + (at - middle!) ** 2, 0);
    const late = shown.page
      .locator('.figure')
      .filter({ has: shown.page.getByRole('heading', { name: 'Late notes by month' }) });
    const [first, last] = [may!, october!].map(
      ({ n, notes, share }) => `${counted(n)} of ${counted(notes)} (${percent(share)})`,
    );
    expect(await late.locator('.sentence').innerText()).toContain(
      `Late notes fall by ${(-slope).toFixed(1)} a month over the settled months (least squares), from ${first} in May 2026 to ${last} in October 2026.`,
    );
    expect(await late.locator('svg').innerHTML()).toContain('Trend');
  });

  test('leads to a caregiver by a click in the treemap', async () => {
    await shown.goTo('notes?span=all');
    const [[most]] = (await shown.rows('Caregivers with late notes')) as [[string]];
    const map = shown.page
      .locator('.figure')
      .filter({ has: shown.page.getByRole('heading', { name: 'Caregivers with most late notes' }) })
      .locator('.chart');
    await map.click({ position: { x: 12, y: 12 } });
    await shown.drawnWith('#/caregiver');
    expect(await shown.scope()).toContain(`Caregiver ${most}`);
  });
});

describe('the caregiver details', () => {
  test('are those of the tables, of everyone and of one by the selector', async () => {
    await shown.goTo('caregiver?span=2026-10');
    const everyone = await notesOf(site.tested, 'employee_code', "ym = '2026-10'");
    expect(byCode(await shown.rows('All caregivers'))).toEqual(byCode(everyone));
    const key = await keyOf("SELECT MIN(caregiver_key) AS k FROM notes WHERE ym = '2026-10'");
    await shown.page.getByRole('combobox', { name: 'Caregiver' }).selectOption(key);
    await shown.drawnWith('caregiver=');
    const [own] = await notesOf(site.tested, "'own'", `ym = '2026-10' AND caregiver_key = '${key}'`);
    for (const [status, place] of [
      ['On time', 2],
      ['Late', 3],
      ['Unbillable', 4],
    ] as const) {
      const [row] = await shown.rows(`${status} notes`);
      expect(row?.slice(0, 3)).toEqual([status, own![place], own![1]]);
    }
    const byMonth = await notesOf(site.tested, 'ym', `caregiver_key = '${key}'`);
    expect(await shown.rows('Notes by month and status')).toEqual(namedMonths(byMonth));
  });

  test('keep two caregivers of one code apart', async () => {
    await shown.goTo('caregiver?span=2026-11');
    const labels = (await shown.rows('All caregivers')).map(([label]) => label);
    expect(labels).toHaveLength(2);
    expect(labels.every((label) => /^JAMJO [0-9a-f]{4}$/.test(label!))).toBe(true);
    expect(new Set(labels).size).toBe(2);
  });
});

describe('the data page', () => {
  beforeAll(() => shown.goTo('data'));

  test('lists every load as the ledger has it', async () => {
    const rows = await site.tested.query(
      `SELECT CONCAT(p.report, ' ', p.period_start, '..', p.period_end) AS period, p.run_id, p.row_count,
         s.state, r.rows_read, r.rows_excluded, r.rows_rejected
       FROM published_period AS p JOIN pipeline_run AS r ON r.run_id = p.run_id
       JOIN v_data_status AS s ON s.report = p.report AND s.period_start = p.period_start`,
    );
    const listed = await shown.rows('Last loads');
    const stateWords: Readonly<Record<string, string>> = {
      settled: 'Settled',
      preliminary: 'Preliminary',
      held: 'Held: the newest run is held; figures are of Nov 17, 2026, 3:30 AM',
    };
    const cells = listed.map((row) => [row[0], row[8], row[5], row[1], row[4], row[6], row[7]].join(' '));
    expect(cells.sort()).toEqual(
      rows
        .map((row) =>
          [
            periodLabel(String(row['period'])),
            row['run_id'],
            counted(row['row_count']),
            stateWords[String(row['state'])],
            counted(row['rows_read']),
            row['rows_excluded'],
            row['rows_rejected'],
          ].join(' '),
        )
        .sort(),
    );
  });

  test('shows what the supervisor rule moved, as the ledger has it, and saves it', async () => {
    const rows = await site.tested.query(
      `SELECT CONCAT(p.report, ' ', p.period_start, '..', p.period_end) AS period, r.moved_to_lincs, r.moved_dollars
       FROM published_period AS p JOIN pipeline_run AS r ON r.run_id = p.run_id WHERE r.moved_to_lincs > 0`,
    );
    expect(rows).toHaveLength(1);
    const moved = rows.map((row) => [
      periodLabel(String(row['period'])),
      counted(row['moved_to_lincs']),
      dollars(row['moved_dollars']),
    ]);
    expect(moved).toEqual([['Utilization, November 2026', '3', '$136,406.52']]);
    expect(await shown.rows('Moved by the supervisor rule')).toEqual(moved);
    await expect(
      shown.page
        .getByText('In 1 period the supervisor rule made rows of other people count for the LINCS QP.')
        .count(),
    ).resolves.toBe(1);
    expect(await csvRows(await saved('Moved by the supervisor rule', 'CSV'))).toEqual([
      ['Report and period', 'Rows moved', 'Authorized'],
      ['utilization 2026-11-01..2026-11-30', '3', '136406.52'],
    ]);
  });

  test('counts rejected rows by period, column and reason', async () => {
    const rows = await site.tested.query(
      `SELECT CONCAT(j.report, ' ', j.period_start, '..', j.period_end) AS period, column_name, reason, COUNT(*) AS n
       FROM rejected_row AS j JOIN published_period AS p ON p.run_id = j.run_id
       GROUP BY period, column_name, reason`,
    );
    expect(inOrder(await shown.rows('Rejected rows by reason'))).toEqual(
      inOrder(
        rows.map((row) => [
          periodLabel(String(row['period'])),
          row['column_name'],
          row['reason'],
          counted(row['n']),
        ]),
      ),
    );
  });

  test('says what the last loads changed, and why', async () => {
    const changes = await shown.rows('What the last loads changed, and why');
    const again = changes.find(([period]) => period === 'Utilization, October 2026');
    expect(again?.slice(2, 6)).toEqual(['1', '1', '0', '239']);
    expect(again?.[6]).toBe('billed dollars: $982,773.55 → $982,773.60');
    expect(again?.at(-1)).toBe('another file was handed in');
    expect(changes.filter((row) => row.at(-1) === 'first load of the period')).toHaveLength(
      changes.length - 1,
    );
  });

  test('names the run that waits for a decision', async () => {
    const [open] = await shown.rows('Newer runs that are not in the figures');
    expect(open?.slice(0, 2)).toEqual(['Utilization, October 2026', 'held']);
  });

  test('lists unknown service codes with their rows and dollars', async () => {
    const rows = await site.tested.query(
      `SELECT service_code, 'utilization' AS report, ym, COUNT(*) AS n, SUM(COALESCE(authorized_dollars, 0)) AS dollars
       FROM utilization WHERE grp = 0 GROUP BY service_code, ym
       UNION ALL
       SELECT service_code, 'notes', ym, COUNT(*), NULL FROM notes WHERE grp = 0 GROUP BY service_code, ym`,
    );
    expect(inOrder(await shown.rows('Unknown service codes'))).toEqual(
      inOrder(
        rows.map((row) => [
          // Without names, text that looks like no code is not shown.
          row['service_code'] === hostileService ? '(text, 4 characters)' : row['service_code'],
          row['report'],
          monthLabel(String(row['ym'])),
          counted(row['n']),
          row['dollars'] === null ? '–' : dollars(row['dollars']),
        ]),
      ),
    );
  });
});

test('a table sorts by any heading, with the keyboard too, and says so', async () => {
  await shown.goTo('under?month=2026-10');
  const table = shown.page.getByRole('table', { name: 'Under-utilization by QP' });
  await table.getByRole('button', { name: 'Used' }).focus();
  for (const direction of ['descending', 'ascending']) {
    await shown.page.keyboard.press('Enter');
    expect(await table.getByRole('columnheader', { name: 'Used' }).getAttribute('aria-sort')).toBe(direction);
    const used = (await shown.rows('Under-utilization by QP')).map((row) => Number(plain(row[4]!)));
    const sign = direction === 'ascending' ? 1 : -1;
    expect(used).toEqual(used.toSorted((one, other) => sign * (one - other)));
  }
});

describe('a table as a file', () => {
  test('has the figures of the page as CSV, those below zero as numbers', async () => {
    // Drawn anew, so that nothing is sorted.
    await shown.goTo('data');
    await shown.goTo('under?month=2026-10');
    const download = await saved('Under-utilization by QP', 'CSV');
    expect(download.suggestedFilename()).toBe('under-utilization-by-qp-under-utilization-2026-10.csv');
    const [heading, ...rows] = await csvRows(download);
    expect(heading).toEqual([
      'QP',
      'Authorizations',
      'Under-utilization',
      'Authorized',
      'Used',
      'Utilization (%)',
    ]);
    const onPage = [
      ...(await shown.rows('Under-utilization by QP')),
      await shown.total('Under-utilization by QP'),
    ];
    expect(rows).toEqual(onPage.map((row) => row.map((cell, place) => (place === 0 ? cell : plain(cell)))));
    expect(rows[0]?.[2]).toMatch(/^-\d+\.\d\d$/);
  });

  test('has them as numbers in Excel, and what they are of on a sheet of its own', async () => {
    await shown.goTo('under?month=2026-10');
    const download = await saved('Under-utilization by QP', 'Excel');
    const files = unzipped(readFileSync(await download.path()));
    const sheet = files.get('xl/worksheets/sheet1.xml')!;
    const figures = [...sheet.matchAll(/<c r="C\d+"[^>]*><v>(-\d[^<]*)<\/v>/g)].map((match) => match[1]!);
    const onPage = [
      ...(await shown.rows('Under-utilization by QP')),
      await shown.total('Under-utilization by QP'),
    ];
    expect(figures.map(Number)).toEqual(onPage.map((row) => Number(plain(row[2]!))));
    expect(sheet).not.toContain('<f>');
    const texts = [...files.values()].join('');
    expect(texts).toContain('Period: October 2026');
    expect(texts).toContain(
      'Figures: Held: the newest run of October 2026 is held; figures are of Nov 17, 2026, 3:30 AM',
    );
  });
});

describe('privacy', () => {
  test('without names a page holds none, and none is read', async () => {
    const html = textOfPage(await site.html());
    expect(allNames.filter((name) => html.includes(JSON.stringify(name).slice(1, -1)))).toEqual([]);
    const rows = await readDashboardRows(site.tested.warehouse, {
      names: false,
      figuresAre: 'authorization',
      days: (periods) => dashboardDays(periods, undefined),
    });
    expect([...rows!.qps, ...rows!.clients, ...rows!.caregivers].every(({ name }) => name === null)).toBe(
      true,
    );
  });

  test('with names it says so, and text stays text', async () => {
    const named = await site.open({ names: true });
    await named.goTo('under?month=2026-11');
    expect((await named.rows('Under-utilization by QP')).map(([label]) => label)).toContain(hostileNames.qp);
    expect(await named.page.locator('header').innerText()).toContain('protected health information');
    await named.page.getByRole('button', { name: hostileNames.qp }).click();
    await named.drawnWith('qp=');
    const clients = (await named.rows('Under-utilization by Client')).map(([label]) => label);
    for (const client of hostileNames.clients) expect(clients).toContain(client);
    await named.screenshot('names-hostile');
  });

  test('a QP’s page holds that QP’s clients and nobody else', async () => {
    const qps = await site.tested.query(
      'SELECT DISTINCT qp_key, qp_code FROM utilization WHERE qp_key IS NOT NULL ORDER BY qp_code LIMIT 3',
    );
    for (const { qp_key: key } of qps) {
      const html = await site.html({ names: true, onlyQp: String(key) });
      const text = textOfPage(html);
      const data = dataOfPage(html);
      expect(data.qps.map((qp) => qp.key)).toEqual([key]);
      const own = await site.tested.query(
        `SELECT DISTINCT client_key AS k FROM utilization WHERE qp_key = '${String(key)}' ORDER BY k`,
      );
      expect(data.clients.map((client) => client.key).sort()).toEqual(own.map((row) => row['k']));
      // Some clients are called like a caregiver, who may well be in it.
      const others = await site.tested.query(
        `SELECT client FROM utilization WHERE client NOT IN (SELECT caregiver FROM notes)
         GROUP BY client_key, client HAVING SUM(qp_key <=> '${String(key)}') = 0`,
      );
      expect(others.length).toBeGreaterThan(10);
      const found = others.filter(({ client }) => text.includes(JSON.stringify(client).slice(1, -1)));
      expect(found).toEqual([]);
    }
  });

  test('a QP’s page shows the QP’s own figures', async () => {
    const key = await keyOf("SELECT MIN(qp_key) AS k FROM utilization WHERE ym = '2026-10'");
    const own = await site.open({ onlyQp: key });
    await own.goTo('summary?month=2026-10');
    const [all] = await utilizationOf(site.tested, "'Total'", `ym = '2026-10' AND qp_key = '${key}'`);
    expect(await own.total('Utilization by Client')).toEqual(all);
    const clients = `client_key IN (SELECT client_key FROM utilization WHERE ym = '2026-10' AND qp_key = '${key}')`;
    await own.goTo('notes?span=2026-10');
    const [notes] = await notesOf(site.tested, "'Total'", `ym = '2026-10' AND ${clients}`);
    expect(await own.card('Notes', 'value')).toBe(notes![1]);
    await own.screenshot('one-qp');
    // What was moved is of all QPs.
    await own.goTo('data');
    expect(await own.page.getByRole('table', { name: 'Last loads' }).count()).toBe(1);
    expect(await own.page.getByRole('table', { name: 'Moved by the supervisor rule' }).count()).toBe(0);
  });
});

/** The captions of tables that the paper is too narrow or too short for. */
const cutTables = `[...document.querySelectorAll('.table-box')]
  .filter((box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight)
  .map((box) => box.querySelector('caption').textContent)`;

describe('everyone can use it', () => {
  const views = [
    'act?within=90',
    'follow',
    'summary?month=2026-10',
    'under?month=2026-10',
    'over?month=2026-11',
    'notes?span=recent',
    'caregiver?span=recent',
    'data',
    'all',
  ];

  test.each(views)('%s keeps WCAG A and AA', async (view) => {
    await shown.goTo(view);
    await shown.screenshot(view.split('?')[0]!);
    expect(await shown.violations()).toEqual([]);
  });

  test.each(['one QP', 'one supervisor', 'totals'])('each page of %s keeps WCAG A and AA', async (whose) => {
    const part = {
      'one QP': { onlyQp: await keyOf('SELECT MIN(qp_key) AS k FROM utilization') },
      'one supervisor': { onlySupervisor: await keyOf('SELECT MIN(supervisor_key) AS k FROM notes') },
      totals: { totals: true },
    }[whose];
    const own = await site.open(part);
    const addresses = await own.page
      .locator('.pages a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(addresses.length).toBeGreaterThanOrEqual(4);
    for (const address of addresses) {
      await own.goTo(address.slice(1));
      expect([address, await own.violations()]).toEqual([address, []]);
    }
    await own.page.close();
  });

  test('on a narrow screen and at 200 % nothing runs out of the page', async () => {
    await shown.page.setViewportSize({ width: 640, height: 900 });
    for (const view of views) {
      await shown.goTo(view);
      expect([view, await shown.page.evaluate('document.documentElement.scrollWidth')]).toEqual([view, 640]);
    }
    await shown.screenshot('narrow');
    await shown.page.setViewportSize({ width: 1366, height: 900 });
  });

  test.each([
    { paper: 'A4', widthPixels: 703 },
    { paper: 'Letter', widthPixels: 725 },
  ])(
    'on $paper every table is whole, and what only a screen can use is left out',
    async ({ paper, widthPixels }) => {
      await shown.page.emulateMedia({ media: 'print' });
      await shown.page.setViewportSize({ width: widthPixels, height: 1000 });
      await shown.goTo('all');
      expect(await shown.page.evaluate(cutTables)).toEqual([]);
      for (const part of ['.toolbar', '.pages', '.table-tools']) {
        expect(await shown.page.locator(part).first().isVisible()).toBe(false);
      }
      await shown.screenshot(`print-${paper}`);
      await shown.page.emulateMedia({ media: 'screen' });
      await shown.page.setViewportSize({ width: 1366, height: 900 });
    },
  );

  test('every picture has a sentence and, where there are figures, a table beside it', async () => {
    await shown.goTo('all');
    const figures = await shown.page.locator('.figure:has(.chart)').all();
    expect(figures.length).toBeGreaterThan(12);
    for (const figure of figures) {
      expect((await figure.locator('.sentence').innerText()).length).toBeGreaterThan(10);
      expect(await figure.getByRole('table').count()).toBe(1);
      const name = await figure.locator('.chart').getAttribute('aria-label');
      expect(name).toContain(await figure.locator('.sentence').innerText());
      expect(await figure.locator('svg path').count()).toBeGreaterThan(0);
    }
  });
});

test('of all this nothing asked the network or offended the page’s policy', () => {
  expect(site.complaints).toEqual([]);
});

async function saved(caption: string, format: 'CSV' | 'Excel'): Promise<Download> {
  const started = shown.page.waitForEvent('download');
  await shown.page.getByRole('button', { name: `Save as ${format}: ${caption}` }).click();
  return started;
}

async function csvRows(download: Download): Promise<string[][]> {
  return parse(readFileSync(await download.path()), { bom: true });
}

/** A figure of the page as files have it. */
function plain(cell: string): string {
  return cell === '–' ? '' : cell.replaceAll(/[$,%\s]/g, '');
}
