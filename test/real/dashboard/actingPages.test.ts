import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IsoDate } from '../../../src/domain/dates.ts';
import type { RunIdentity } from '../../../src/domain/runIdentity.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { aNote, anAuthorization, aPublish, aRun, type Row } from '../warehouse/aPublish.ts';
import { dataOfPage } from '../../dashboard/readPage.ts';
import { DashboardSite, type DashboardPage } from './openPage.ts';

/** The pages that somebody acts on, in a browser, over figures of December that fill every list. */
let site: DashboardSite;
let shown: DashboardPage;

beforeAll(async () => {
  site = await DashboardSite.start();
  await loadAuthorizations('2026-12-03', '10.00');
  await loadAuthorizations('2026-12-31', '110.00');
  await loadNotes('2026-12-20', false);
  await loadNotes('2026-12-21', true);
  shown = await site.open();
}, 600_000);
afterAll(() => site.stop());

const ends: readonly (readonly [number: string, change: Row])[] = [
  ['000100', { start_date: '2026-12-01', end_date: '2027-01-20' }],
  ['000200', { start_date: '2026-10-01', end_date: '2027-02-28', authorized_dollars: '9000.00' }],
  ['000300', { start_date: '2026-12-01', end_date: '2027-03-31', authorized_dollars: '50000.00' }],
  ['000400', { start_date: '2026-11-01', end_date: '2027-04-30', authorized_dollars: '70000.00' }],
  ['000500', { start_date: '2026-11-01', end_date: '2027-01-31', authorized_dollars: '130.00' }],
  ['000600', { start_date: '2026-11-01', end_date: '2027-01-31', authorized_dollars: null }],
  ['000700', { start_date: '2026-11-01', end_date: '2026-12-30', authorized_dollars: '500.00' }],
  ['000800', { start_date: '2026-11-01', end_date: '2027-01-31', authorized_dollars: '77.00' }],
];

async function loadAuthorizations(on: string, billed: string): Promise<void> {
  const period = { from: '2026-12-01' as IsoDate, to: '2026-12-31' as IsoDate };
  const rows = ends.map(([authorization_number, change], index) =>
    anAuthorization(2 + index, {
      authorization_number,
      ym: '2026-12',
      in_process_dollars: null,
      authorized_dollars: '1000.00',
      billed_dollars: authorization_number === '000800' ? '0.00' : billed,
      ...change,
    }),
  );
  await publishExport(aRun('utilization', { period }), rows, on);
}

/** Publishes what the export of a day had. */
async function publishExport(
  run: RunIdentity,
  rows: Parameters<typeof aPublish>[1],
  on: string,
): Promise<void> {
  const versions = {
    exportSha256: on.slice(-2).repeat(32),
    rulesSha256: 'a'.repeat(64),
    codeVersion: 'test',
  };
  await publishPeriod(
    site.tested.warehouse,
    aPublish(run, rows, { versions, exportedOn: on as IsoDate, exportedAt: `${on}T12:00:00.000Z` }),
  );
}

/** Notes of the cycle by age on December 21, of which one is signed between the two exports. */
async function loadNotes(on: string, signed: boolean): Promise<void> {
  const period = { from: '2026-12-16' as IsoDate, to: '2026-12-31' as IsoDate };
  const rows = noteDays.map(([date_of_service, supervisor], index) => {
    const isSigned = index === 0 && signed;
    return aNote(2 + index, {
      date_of_service,
      ...supervisor,
      staff_sign_date: isSigned ? '2026-12-20' : null,
      staff_signed_at: isSigned ? '2026-12-20 17:05:00' : null,
      days_to_sign: isSigned ? '2' : null,
      note_status: isSigned ? 'On Time' : 'Unbillable',
      billing_cycle: '16-eom',
      ym: '2026-12',
    });
  });
  await publishExport(aRun('notes', { period }), rows, on);
}

const ada = {
  client_supervisor: 'WINTER, ADA',
  supervisor_code: 'ADAWI',
  supervisor_key: 'abababababababab',
};

/** Of no QP in December. */
const otherClient = { client: 'OAK, ORRIN', client_code: 'ORROA', client_key: '7777777777777777' };

const noteDays: readonly (readonly [date: string, supervisor: Row])[] = [
  ['2026-12-18', {}],
  ['2026-12-20', { ...ada, ...otherClient }],
  ['2026-12-19', {}],
  ['2026-12-18', ada],
  ['2026-12-17', { ...ada, ...otherClient }],
  ['2026-12-16', {}],
];

/** The dollars and rows of one condition, as the view has them. */
async function viewSum(column: string, where: string): Promise<string> {
  const [row] = await site.tested.query(
    `SELECT COALESCE(SUM(${column}), 0.00) AS dollars, COUNT(*) AS n FROM v_authorization_outlook WHERE ${where}`,
  );
  const dollars = Number(row!['dollars']).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
  return `${dollars} in ${String(row!['n'])} authorization${Number(row!['n']) === 1 ? '' : 's'}`;
}

const going = 'end_date >= as_of';

describe('Act now', () => {
  test('is one click or key away, and has every card as the view has it', async () => {
    await shown.goTo('summary?month=2026-12&span=recent');
    await shown.page.getByRole('link', { name: 'Act now' }).click();
    await shown.drawnWith('#/act');
    await shown.goTo('summary?month=2026-12&span=recent');
    await shown.page.getByRole('link', { name: 'Act now' }).focus();
    await shown.page.keyboard.press('Enter');
    await shown.drawnWith('#/act');
    for (const days of ['30', '60', '90']) {
      expect(await shown.card(`Unused, ending within ${days} days`)).toEqual(
        await viewSum('not_utilized', `${going} AND days_left <= ${days} AND not_utilized > 0`),
      );
    }
    expect(await shown.card('Behind target')).toEqual(
      await viewSum('-off_target', `${going} AND off_target < 0`),
    );
    expect(await shown.card('Nothing used yet')).toEqual(
      await viewSum(
        'authorized_dollars',
        `${going} AND used_dollars = 0 AND time_gone > 0 AND authorized_dollars > 0`,
      ),
    );
    expect(await shown.card('Exhausted before the end')).toEqual(
      await viewSum('-projected_unspent', `${going} AND projected_exhaustion < figures_to`),
    );
    expect(await shown.card('Without authorization')).toEqual(
      await viewSum('used_dollars', 'COALESCE(authorized_dollars, 0) = 0 AND used_dollars <> 0'),
    );
  });

  test('lists what ends soon by dollars, for as many days as chosen', async () => {
    await shown.goTo('act?month=2026-12&span=recent');
    const numbers = async (days: string) =>
      (await shown.rows(`Ending within ${days} days with unused money`)).map((row) => row[4]);
    expect(await numbers('60')).toEqual(['000200', '000100', '000800', '000500']);
    await shown.page.locator('#select-within').selectOption('90');
    await shown.drawnWith('within=90');
    expect(await numbers('90')).toEqual(['000300', '000200', '000100', '000800', '000500']);
    expect(await shown.rows('Unused money that ends soon, by QP')).toEqual([
      ['TAMYA fedc', '5', '$890.00', '$9,877.00', '$59,767.00'],
    ]);
  });

  test('leads to one authorization and its loads by mouse and keyboard, and back', async () => {
    await shown.goTo('act?month=2026-12&span=recent');
    const open = shown.page
      .getByRole('table', { name: 'Ending within 60 days with unused money' })
      .getByRole('button', { name: 'CLELA' })
      .first();
    await open.focus();
    await shown.page.keyboard.press('Enter');
    await shown.drawnWith('authorization=000200');
    expect(await shown.page.evaluate('document.activeElement.textContent')).toBe('Authorization 000200');
    expect(await shown.rows('Authorization 000200 over the loads')).toEqual([
      ['Dec 31, 2026', '$9,000.00', '$110.00', '$100.00'],
      ['Dec 3, 2026', '$9,000.00', '$10.00', '–'],
    ]);
    await shown.page.getByRole('button', { name: 'Back to the lists' }).click();
    await shown.drawnWithout('authorization=');
    expect(await shown.hasTable('Authorization 000200 over the loads')).toBe(false);
  });

  test.each([1280, 390])('fits a screen of %i pixels', async (width) => {
    await shown.page.setViewportSize({ width, height: 844 });
    await shown.goTo('act?month=2026-12&span=recent');
    await shown.screenshot(`act-${String(width)}`);
    expect(await shown.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });

  test('says of what the dollars are, and as of which day', async () => {
    await shown.goTo('act?month=all&span=recent');
    expect(await shown.scope()).toContain('Dollars of whole authorizations');
    expect(await shown.scope()).toContain('Days are counted from Dec 31, 2026');
    // Not as they are laid out: what is out of sight is not.
    const sentences = await shown.page.locator('.sentence').allTextContents();
    for (const sentence of sentences) expect(sentence).toMatch(/Dollars are of whole authorizations\.$/);
  });
});

/** How many open notes the table has. */
async function openNotes(where: string): Promise<string> {
  const [row] = await site.tested.query(
    `SELECT COUNT(*) AS n FROM notes WHERE staff_sign_date IS NULL AND ${where}`,
  );
  return String(row!['n']);
}

describe('Follow up', () => {
  const age = "DATEDIFF('2026-12-21', date_of_service)";

  test('is one click or key away, and counts open notes by age', async () => {
    await shown.goTo('summary?month=2026-12&span=recent');
    await shown.page.getByRole('link', { name: 'Follow up' }).click();
    await shown.drawnWith('#/follow');
    expect(await shown.scope()).toContain('Today Dec 21, 2026, the day of the newest export');
    expect(await shown.card('Open notes', 'value')).toBe(await openNotes('1 = 1'));
    const clients = (await shown.rows('Open notes, the most urgent first')).map((row) => row[5]);
    for (const client of clients) expect(client).toMatch(/^[A-Z]{1,5}( [0-9a-f]{4})?$/);
    expect(await shown.card('0–2 days old', 'value')).toBe(await openNotes(`${age} <= 2`));
    expect(await shown.card('3–7 days old', 'value')).toBe(await openNotes(`${age} BETWEEN 3 AND 7`));
    expect(await shown.card('8+ days old', 'value')).toBe(await openNotes(`${age} > 7`));
  });

  test('says of which days no notes are loaded, and counts none of them as 0', async () => {
    await shown.goTo('follow?month=2026-12&span=recent');
    expect(await shown.scope()).toContain('Not loaded notes of Nov 16 – Dec 15, 2026');
    // Those of December 14.
    expect(await shown.card('Unbillable tomorrow', 'value')).toBe('no figures yet');
    expect(await shown.card('3–7 days old')).toContain('some days are not loaded');
    expect(await shown.card('0–2 days old')).not.toContain('not loaded');
    const sentences = await shown.page.locator('.sentence').allTextContents();
    const said = sentences.filter((each) => each.endsWith('are not loaded and not counted.'));
    expect(said).toHaveLength(3);
  });

  test('says what the last load changed, with its shares', async () => {
    await shown.goTo('follow?month=2026-12&span=recent');
    expect(await shown.rows('Since the last load')).toEqual([
      ['Newly late', '1', '16.67%'],
      ['Newly unbillable', '0', '0.00%'],
      ['Newly signed', '1', '16.67%'],
    ]);
  });

  test.each([
    {
      who: 'the clients of one QP',
      part: { onlyQp: 'fedcba9876543210' },
      where:
        "client_key IN (SELECT client_key FROM utilization WHERE ym = '2026-12' AND qp_key = 'fedcba9876543210')",
      notes: 4,
    },
    {
      who: 'one supervisor',
      part: { onlySupervisor: 'abababababababab' },
      where: "supervisor_key = 'abababababababab'",
      notes: 3,
    },
  ])('says what the last load changed for $who, and nobody else', async ({ part, where, notes }) => {
    const own = await site.open(part);
    await own.goTo('follow?month=2026-12&span=recent');
    // The export before was taken on the 20th at 7 in the morning, where the organisation is.
    const before = "DATEDIFF('2026-12-20', date_of_service)";
    const [expected] = await site.tested.query(
      `SELECT COUNT(*) AS n,
         SUM(staff_sign_date IS NULL AND ${age} BETWEEN 3 AND 7 AND ${before} <= 2) AS late,
         SUM(staff_sign_date IS NULL AND ${age} > 7 AND ${before} <= 7) AS unbillable,
         SUM(COALESCE(staff_signed_at > '2026-12-20 07:00:00', 0)) AS signed_
       FROM notes WHERE period_start = '2026-12-16' AND ${where}`,
    );
    expect(Number(expected!['n'])).toBe(notes);
    const share = (count: unknown) => `${((100 * Number(count)) / notes).toFixed(2)}%`;
    const row = (name: string, count: unknown) => [name, String(count), share(count)];
    expect(await own.rows('Since the last load')).toEqual([
      row('Newly late', expected!['late']),
      row('Newly unbillable', expected!['unbillable']),
      row('Newly signed', expected!['signed_']),
    ]);
    expect(Number(expected!['late'])).toBe(1);
    expect(await own.card('Open notes', 'value')).toBe(await openNotes(where));
    await own.page.close();
  });

  test('lists the most urgent first, of one supervisor as chosen by keyboard', async () => {
    await shown.goTo('follow?month=2026-12&span=recent');
    await shown.page
      .getByRole('table', { name: 'Open notes by supervisor' })
      .getByRole('button', { name: 'ADAWI' })
      .focus();
    await shown.page.keyboard.press('Enter');
    await shown.drawnWith('supervisor=abababababababab');
    const rows = await shown.rows('Open notes, the most urgent first');
    expect(rows.map((row) => row.slice(1, 6))).toEqual([
      ['3', '4', 'Dec 17, 2026', 'late, billable if signed today', 'ORROA'],
      ['4', '3', 'Dec 18, 2026', 'late, billable if signed today', 'CLELA 0123'],
      ['6', '1', 'Dec 20, 2026', 'on time if signed today', 'ORROA'],
    ]);
    expect(await shown.rows('Open notes by supervisor')).toEqual([['ADAWI', '3', '1', '2', '0', '–', '3']]);
  });

  test.each([1280, 390])('fits a screen of %i pixels', async (width) => {
    await shown.page.setViewportSize({ width, height: 844 });
    await shown.goTo('follow?month=2026-12&span=recent');
    await shown.screenshot(`follow-${String(width)}`);
    expect(await shown.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });
});

test('Follow up counts what becomes unbillable tomorrow once the notes of all its days are loaded', async () => {
  const cycles = [
    ['2026-11-16', '2026-11-30', ['2026-11-30']],
    ['2026-12-01', '2026-12-15', ['2026-12-13', '2026-12-14', '2026-12-14', '2026-12-14', '2026-12-15']],
  ] as const;
  for (const [from, to, days] of cycles) {
    const rows = days.map((date_of_service, index) => {
      const isSigned = index === 3;
      return aNote(2 + index, {
        date_of_service,
        staff_sign_date: isSigned ? '2026-12-15' : null,
        staff_signed_at: isSigned ? '2026-12-15 17:05:00' : null,
        days_to_sign: isSigned ? '1' : null,
        note_status: isSigned ? 'On Time' : 'Unbillable',
        billing_cycle: from.endsWith('16') ? '16-eom' : '1-15',
        ym: from.slice(0, 7),
      });
    });
    const period = { from: from as IsoDate, to: to as IsoDate };
    await publishExport(aRun('notes', { period }), rows, '2026-12-21');
  }
  const loaded = await site.open();
  await loaded.goTo('follow?month=2026-12&span=recent');
  const age = "DATEDIFF('2026-12-21', date_of_service)";
  expect(await openNotes(`${age} = 7`)).toBe('2');
  expect(await loaded.card('Unbillable tomorrow', 'value')).toBe('2');
  expect(await loaded.card('8+ days old', 'value')).toBe(await openNotes(`${age} > 7`));
  await loaded.page.close();
});

test('a page of totals has what ends soon as the view has it, without spans that add few clients', async () => {
  const period = { from: '2027-01-01' as IsoDate, to: '2027-01-31' as IsoDate };
  const lasts = [...Array<string>(12).fill('2027-02-20'), ...Array<string>(5).fill('2027-03-12')];
  const rows = [...lasts, ...Array<string>(20).fill('2027-04-20')].map((end_date, index) =>
    anAuthorization(2 + index, {
      authorization_number: String(1000 + index),
      client_key: String(index).padStart(16, '0'),
      ym: '2027-01',
      start_date: '2026-12-01',
      end_date,
      authorized_dollars: '1000.00',
      in_process_dollars: null,
      billed_dollars: `${String(index * 10)}.25`,
    }),
  );
  await publishExport(aRun('utilization', { period }), rows, '2027-01-31');
  const totals = await site.open({ totals: true });
  await totals.goTo('summary?month=2027-01&span=recent');
  const within = async (days: number) => {
    const [row] = await site.tested.query(
      `SELECT COUNT(*) AS n, SUM(not_utilized) AS dollars FROM v_authorization_outlook WHERE ${going} AND days_left <= ${String(days)} AND not_utilized > 0`,
    );
    const dollars = Number(row!['dollars']).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
    return [`${String(days)} days`, String(row!['n']), dollars];
  };
  expect(await totals.rows('Ending soon with unused money')).toEqual([await within(30), await within(90)]);
  expect((await within(60))[1]).toBe('17');
});

test('an authorization of several QPs is named so, and is on the page of each, whole', async () => {
  const period = { from: '2027-02-01' as IsoDate, to: '2027-02-28' as IsoDate };
  const ivo = { qp: 'BRANT, IVO', qp_code: 'IVOBR', qp_key: '5555555555555555' };
  const nobody = { qp: null, qp_code: null, qp_key: null };
  const listed: readonly (readonly [number: string, change: Row])[] = [
    ['2001', {}],
    ['2002', ivo],
    ['2003', { authorized_dollars: '300.00' }],
    ['2003', { ...ivo, authorized_dollars: '500.00' }],
    ['2004', nobody],
  ];
  const rows = listed.map(([authorization_number, change], index) =>
    anAuthorization(2 + index, {
      authorization_number,
      ym: '2027-02',
      start_date: '2027-02-01',
      end_date: '2027-03-10',
      authorized_dollars: '100.00',
      in_process_dollars: null,
      billed_dollars: '10.25',
      ...change,
    }),
  );
  await publishExport(aRun('utilization', { period }), rows, '2027-02-28');
  const caption = 'Ending within 60 days with unused money';
  const summed = async (qp: string) => {
    const found = await site.tested.query(
      `SELECT authorization_number AS number, SUM(authorized_dollars - billed_dollars) AS unused
       FROM utilization WHERE ym = '2027-02' AND authorization_number IN
         (SELECT authorization_number FROM utilization WHERE ym = '2027-02' AND ${qp})
       GROUP BY authorization_number ORDER BY unused DESC, number`,
    );
    return found.map((row) => [String(row['number']), `$${String(row['unused'])}`]);
  };
  const ofQps = {
    "qp_key <> '5555555555555555'": 'fedcba9876543210',
    "qp_key = '5555555555555555'": ivo.qp_key,
  };

  const everyone = await site.open({});
  await everyone.goTo('act?month=2027-02&span=recent');
  expect((await everyone.rows(caption)).map((cells) => [cells[4], cells[1]])).toEqual(await summed('1 = 1'));
  const labels = (await everyone.rows(caption)).map((cells) => [cells[4], cells[6]]);
  expect(labels).toContainEqual(['2003', '(several QPs)']);
  expect(labels).toContainEqual(['2004', '(no QP)']);
  expect((await everyone.rows('Unused money that ends soon, by QP')).map(([label]) => label)).toContain(
    '(several QPs)',
  );
  expect(await everyone.scope()).not.toContain('Of several QPs');
  const sentenceOf = async () =>
    (await everyone.page.locator('.sentence').allTextContents()).find((each) =>
      /^\d+ QPs? with authorizations/.test(each),
    );
  // Nobody is no QP.
  expect(await sentenceOf()).toMatch(/^2 QPs with/);
  await everyone.goTo(`act?month=2027-02&span=recent&qp=${ivo.qp_key}`);
  expect(await sentenceOf()).toMatch(/^1 QP with/);

  for (const [where, key] of Object.entries(ofQps)) {
    const own = await site.open({ onlyQp: key });
    await own.goTo('act?month=2027-02&span=recent');
    const chosen = `act?month=2027-02&span=recent&qp=${key}`;
    await everyone.goTo(chosen);
    for (const page of [own, everyone]) {
      const shownRows = await page.rows(caption);
      expect(shownRows.map((cells) => [cells[4], cells[1]])).toEqual(await summed(where));
      expect(shownRows.find((cells) => cells[4] === '2003')?.[6]).toBe('(several QPs)');
      expect(await page.scope()).toContain('Of several QPs 1 authorization, with all of its dollars');
    }
    expect(dataOfPage(await site.html({ onlyQp: key })).qps.map((qp) => qp.key)).toEqual([key]);
    await own.page.close();
  }
  await everyone.page.close();
});

test('of all this nothing asked the network or offended the page’s policy', () => {
  expect(site.complaints).toEqual([]);
});
