import { describe, expect, test } from 'vitest';
import { mailDueOn } from '../../src/domain/dashboardMails.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { mostAttachedBytes, pageMail, type PagesToday } from '../../src/dashboard/mails.ts';

const today = '2026-11-27' as IsoDate;
const place = { today, link: 'https://files.example.org/ehr' };

function pages(changes: Partial<PagesToday> = {}): PagesToday {
  const files = [
    'dashboard.html',
    'dashboard.pdf',
    'dashboard-qp-tamya.html',
    'dashboard-supervisor-wrepe.html',
    'dashboard-totals.html',
  ].map((name) => ({
    path: `/var/dashboards/${name}`,
    bytes: 1_000,
  }));
  return { files, notCurrent: [], ...changes };
}

describe('the mail of a page', () => {
  test.each([
    { send: 'html', file: 'dashboard.html' },
    { send: 'pdf', file: 'dashboard.pdf' },
  ] as const)('has it attached as $send', ({ send, file }) => {
    expect(pageMail({ send, patientData: true }, pages(), place)).toEqual({
      name: 'dashboard',
      subject: '[EHR] Utilization and notes of everyone, 2026-11-27',
      text: 'The page of everyone is attached; save the file and open it.\n',
      attach: { path: `/var/dashboards/${file}`, bytes: 1_000 },
      isWhole: true,
    });
  });

  test('as a link says where the page is, and holds nothing of it', () => {
    expect(pageMail({ send: 'link', qp: 'TAMYA', patientData: true }, pages(), place)).toEqual({
      name: 'dashboard-qp-tamya',
      subject: '[EHR] Utilization and notes of QP TAMYA, 2026-11-27',
      text: 'The page of QP TAMYA is dashboard-qp-tamya.html in https://files.example.org/ehr\n',
      isWhole: true,
    });
  });

  test.each([
    { entry: {}, name: 'dashboard-totals', who: 'the agency, totals only' },
    // A permission that is missing counts for more than a person that is named; pipeline.yaml refuses both together.
    { entry: { qp: 'TAMYA' }, name: 'dashboard-totals', who: 'the agency, totals only' },
    { entry: { patientData: true }, name: 'dashboard', who: 'everyone' },
    {
      entry: { supervisor: 'WREPE', patientData: true },
      name: 'dashboard-supervisor-wrepe',
      who: 'supervisor WREPE',
    },
  ])('is that of $who for $entry', ({ entry, name, who }) => {
    const mail = pageMail({ send: 'html', patientData: false, ...entry }, pages(), place);
    expect(mail).toMatchObject({ name, attach: { path: `/var/dashboards/${name}.html` } });
    expect(mail.subject).toBe(`[EHR] Utilization and notes of ${who}, 2026-11-27`);
  });

  test('says in subject and text what is not up to date', () => {
    const notCurrent = Array.from({ length: 22 }, (_, nth) => `notes ${String(nth)} (failed)`);
    const mail = pageMail({ send: 'html', patientData: true }, pages({ notCurrent }), place);
    expect(mail.subject).toBe('[EHR] NOT UP TO DATE: utilization and notes of everyone, 2026-11-27');
    expect(mail.text).toMatch(
      /^NOT UP TO DATE\. .*:\n {2}notes 0 \(failed\)\n[^]* {2}and 2 more\n\nThe page/,
    );
    expect(mail.isWhole).toBe(false);
  });

  test.each([
    {
      title: 'nothing is loaded',
      of: pages({ files: [], missing: 'nothing is loaded yet' }),
      why: 'nothing is loaded yet',
    },
    {
      title: 'the QP has left, however old a file of theirs lies there',
      of: pages({ files: pages().files.slice(0, 2) }),
      why: 'no page of QP TAMYA was written',
    },
    {
      title: 'the file is larger than a mail takes',
      of: pages({
        files: [{ path: '/var/dashboards/dashboard-qp-tamya.html', bytes: mostAttachedBytes + 1 }],
      }),
      why: 'its file has 7000001 bytes, more than a mail takes (7000000); send a link instead',
    },
  ])('says that there is none if $title', ({ of, why }) => {
    expect(pageMail({ send: 'html', qp: 'TAMYA', patientData: true }, of, place)).toEqual({
      name: 'dashboard-qp-tamya',
      subject: '[EHR] NO PAGE: utilization and notes of QP TAMYA, 2026-11-27',
      text: `There is no page of QP TAMYA today: ${why}.\nOlder files are not of today.\n`,
      isWhole: false,
    });
  });
});

test.each([
  { every: 'day', due: '2026-11-27' },
  { every: 'friday', due: '2026-11-27' },
  { every: 'thursday', due: '2026-11-26' },
  { every: 'saturday', due: '2026-11-21' },
] as const)('on Friday 2026-11-27 the page of every $every is that of $due', ({ every, due }) => {
  expect(mailDueOn(every, today)).toBe(due);
});
