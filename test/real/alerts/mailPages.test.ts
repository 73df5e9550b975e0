import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MailEntry, PagesToday } from '../../../src/dashboard/mails.ts';
import type { IsoDate } from '../../../src/domain/dates.ts';
import { mailPages } from '../../../src/wiring/mailPages.ts';
import { mailPassword, mailUser, startMailReceiver, type MailReceiver } from '../../alerts/mailReceiver.ts';

const page = '<!doctype html><p>the page of everyone</p>\n';
const totals = '<!doctype html><p>sums of nobody</p>\n';
const today = '2026-11-27' as IsoDate;
let receiver: MailReceiver;
let folder: string;

beforeEach(async () => {
  receiver = await startMailReceiver();
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-mails-'));
  await writeFile(path.join(folder, 'dashboard.html'), page);
  await writeFile(path.join(folder, 'dashboard-totals.html'), totals);
});
afterEach(async () => {
  await receiver.close();
  await rm(folder, { recursive: true });
});

const everyone: MailEntry = {
  to: ['ann@example.org', 'bob@example.org'],
  send: 'html',
  every: 'day',
  patientData: true,
};

function mail(
  recipients: readonly MailEntry[],
  { pages = {}, day = today, port = receiver.port }: MailOptions = {},
) {
  const url = `smtp://${mailUser}:${encodeURIComponent(mailPassword)}@127.0.0.1:${String(port)}`;
  const files = [
    { path: path.join(folder, 'dashboard.html'), bytes: page.length },
    { path: path.join(folder, 'dashboard-totals.html'), bytes: totals.length },
  ];
  return mailPages(
    { url, from: 'ehr@example.org', link: 'https://files.example.org/ehr', recipients },
    { files, notCurrent: [], ...pages },
    { folder, today: day, signal: new AbortController().signal, pauseMilliseconds: 10 },
  );
}

interface MailOptions {
  readonly pages?: Partial<PagesToday>;
  readonly day?: IsoDate;
  readonly port?: number;
}

const days = (...dates: string[]) => dates as IsoDate[];

/** Long ones are folded. */
const subjects = () =>
  receiver.mails.map(({ source }) =>
    /^Subject: (.*(?:\r?\n[ \t].*)*)/m.exec(source)?.[1]?.replaceAll(/\r?\n(?=[ \t])/g, ''),
  );

describe('the pages by mail', () => {
  test('go to each address by itself, with the page attached', async () => {
    const result = await mail([everyone]);
    expect(result).toEqual({ sent: 2, sentBefore: 0, notSent: 0, why: [] });
    expect(receiver.mails.map(({ to }) => to)).toEqual([['ann@example.org'], ['bob@example.org']]);
    expect(subjects()[0]).toBe('[EHR] Utilization and notes of everyone, 2026-11-27');
    const [first] = receiver.mails;
    expect(first!.source).toMatch(/filename=dashboard\.html/);
    expect(first!.source.replaceAll(/\s/g, '')).toContain(
      Buffer.from(page).toString('base64').replaceAll(/\s/g, ''),
    );
  });

  test('are that of totals for whom nothing else is allowed', async () => {
    await mail([{ ...everyone, patientData: false }]);
    expect(receiver.mails).toHaveLength(2);
    for (const { source } of receiver.mails) {
      expect(source).toMatch(/filename=dashboard-totals\.html/);
      const text = source.replaceAll(/\s/g, '');
      expect(text).toContain(Buffer.from(totals).toString('base64'));
      expect(text).not.toContain(Buffer.from(page).toString('base64'));
    }
  });

  test('as a link hold nothing of the page', async () => {
    await mail([{ ...everyone, send: 'link' }]);
    expect(receiver.mails).toHaveLength(2);
    for (const { source } of receiver.mails) {
      expect(source).toContain('https://files.example.org/ehr');
      expect(source).not.toMatch(/filename|the page of everyone<|base64/);
    }
  });

  test('go once a day, whatever is run again', async () => {
    await mail([everyone]);
    expect(await mail([everyone])).toEqual({ sent: 0, sentBefore: 2, notSent: 0, why: [] });
    expect(receiver.mails).toHaveLength(2);
    await mail([everyone], { day: '2026-11-28' as IsoDate });
    expect(receiver.mails).toHaveLength(4);
    await mail([everyone], { day: '2026-12-04' as IsoDate });
    // No weekday asks for the marks of a week ago, and none names anybody.
    expect((await readdir(folder)).filter((name) => name.startsWith('.mailed-'))).toEqual([
      '.mailed-2026-11-28',
      '.mailed-2026-12-04',
    ]);
    for (const mark of await readdir(path.join(folder, '.mailed-2026-11-28'))) {
      expect(mark).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  test('that were missing or not up to date go once more when they are there', async () => {
    const [one] = everyone.to;
    const entry = { ...everyone, to: [one!] };
    await mail([entry], { pages: { files: [], missing: 'the pages could not be written' } });
    await mail([entry], { pages: { notCurrent: ['notes 2026-11-01..2026-11-15 (failed)'] } });
    await mail([entry]);
    await mail([entry]);
    expect(subjects()).toEqual([
      '[EHR] NO PAGE: utilization and notes of everyone, 2026-11-27',
      '[EHR] Utilization and notes of everyone, 2026-11-27',
    ]);
    expect(receiver.mails[0]!.source).not.toMatch(/filename/);
  });

  describe('of a weekday', () => {
    const monday = '2026-11-23' as IsoDate;
    const weekly: MailEntry = { ...everyone, to: ['ann@example.org'], every: 'monday' };

    test.each([
      { title: 'on that day, and no other one of the week', on: days(monday, '2026-11-24', '2026-11-29') },
      { title: 'once where its daily run ended after midnight', on: days('2026-11-24', '2026-11-24') },
      { title: 'with the next run where its own never came', on: days('2026-11-26', '2026-11-27') },
      { title: 'on the next such day again', on: days(monday, '2026-11-30', '2026-12-01'), mails: 2 },
    ])('go $title', async ({ on, mails = 1 }) => {
      for (const day of on) await mail([weekly], { day });
      expect(receiver.mails).toHaveLength(mails);
    });

    test('that the server refused go the day after', async () => {
      receiver.refusals.push(550);
      expect(await mail([weekly], { day: monday })).toMatchObject({ sent: 0, notSent: 1 });
      expect(await mail([weekly], { day: '2026-11-24' as IsoDate })).toMatchObject({ sent: 1 });
    });

    test('that were whole are not followed by one that is not, and those that were not by one that is', async () => {
      const pages = { notCurrent: ['notes 2026-11-01..2026-11-15 (failed)'] };
      await mail([weekly], { day: monday, pages });
      await mail([weekly], { day: '2026-11-24' as IsoDate, pages });
      await mail([weekly], { day: '2026-11-25' as IsoDate });
      expect(await mail([weekly], { day: '2026-11-26' as IsoDate, pages })).toMatchObject({ sentBefore: 1 });
      expect(subjects()).toEqual([
        '[EHR] NOT UP TO DATE: utilization and notes of everyone, 2026-11-23',
        '[EHR] Utilization and notes of everyone, 2026-11-25',
      ]);
    });

    test('that an address got as those of a day since are no second mail', async () => {
      await mail([{ ...weekly, every: 'day' }, weekly], { day: '2026-11-24' as IsoDate });
      expect(receiver.mails).toHaveLength(1);
    });
  });

  test('that a server is too busy for are tried again at once, and by the next run', async () => {
    receiver.refusals.push(451, 451, 451);
    const result = await mail([everyone]);
    // The second attempt for the first address is refused too, the second for the second one is taken.
    expect(result).toMatchObject({ sent: 1, notSent: 1 });
    expect(result.why).toEqual(['recipients[0]: it answered 451 (EMESSAGE)']);
    expect(await mail([everyone])).toMatchObject({ sent: 1, sentBefore: 1, notSent: 0 });
    expect(new Set(receiver.mails.map(({ to }) => to[0]))).toEqual(new Set(everyone.to));
  });

  test('that a server refuses are told without address, login or its words', async () => {
    receiver.refusals.push(550, 550);
    const result = await mail([everyone]);
    expect(result).toMatchObject({ sent: 0, notSent: 2 });
    expect(JSON.stringify(result)).not.toMatch(/example\.org|not from|alert-bot|Passw0rd/);
    expect(receiver.mails).toEqual([]);
  });

  test('whose server is away are not marked as sent', async () => {
    await receiver.close();
    const result = await mail([{ ...everyone, to: ['ann@example.org'] }], { port: receiver.port });
    expect(result).toMatchObject({ sent: 0, notSent: 1 });
    expect(result.why[0]).toMatch(/^recipients\[0\]: no answer \(E[A-Z]+\)$/);
    receiver = await startMailReceiver();
    expect(await mail([{ ...everyone, to: ['ann@example.org'] }])).toMatchObject({ sent: 1, sentBefore: 0 });
  });

  test('that may have been taken before the connection broke are not sent again', async () => {
    receiver.refusals.push(0);
    const result = await mail([{ ...everyone, to: ['ann@example.org'] }]);
    expect(result.why[0]).toContain('it may have arrived, and is not sent again');
    expect(await mail([{ ...everyone, to: ['ann@example.org'] }])).toMatchObject({ sent: 0, sentBefore: 1 });
    expect(receiver.mails).toHaveLength(1);
  });
});
