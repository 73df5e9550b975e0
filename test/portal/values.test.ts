import { describe, expect, test } from 'vitest';
import { parseIsoDate, type IsoDate } from '../../src/domain/dates.ts';
import { plainEnding } from '../../src/portal/download.ts';
import { isKept } from '../../src/portal/fields.ts';
import { millisecondsToWait, OneTimeCodes } from '../../src/portal/oneTimeCode.ts';
import { reportValues, resolveEntry, resolvePlain, type PlainValues } from '../../src/portal/placeholders.ts';
import { countIn, percentIn } from '../../src/portal/shownNumbers.ts';
import { partOfText, wholeText } from '../../src/portal/textPatterns.ts';
import { safeCause } from '../../src/portal/trouble.ts';

const day = (text: string): IsoDate => parseIsoDate(text)!;

const values: PlainValues = {
  portalUrl: 'https://portal.example/',
  report: { period: { from: day('2026-09-01'), to: day('2026-09-30') }, values: { title: 'Use (all)' } },
};

describe('placeholders', () => {
  test.each([
    { title: 'MMDDYYYY', template: '${period.start|MMDDYYYY}', text: '09012026' },
    { title: 'MM/DD/YYYY', template: '${period.end|MM/DD/YYYY}', text: '09/30/2026' },
    { title: 'M/D/YYYY', template: '${period.start|M/D/YYYY}', text: '9/1/2026' },
    { title: 'YYYY-MM-DD', template: '${period.end|YYYY-MM-DD}', text: '2026-09-30' },
    { title: 'MMMM YYYY', template: '${period.start|MMMM YYYY}', text: 'September 2026' },
    { title: 'MMM-YY', template: '${period.start|MMM-YY}', text: 'Sep-26' },
    { title: 'YYYY-MM', template: '${period.start|YYYY-MM}', text: '2026-09' },
    { title: 'D', template: '${period.start|D}', text: '1' },
    { title: 'DD.MM.YYYY', template: '${period.end|DD.MM.YYYY}', text: '30.09.2026' },
    { title: 'MMMM D, YYYY', template: '${period.end|MMMM D, YYYY}', text: 'September 30, 2026' },
    { title: 'M/D/YY', template: '${period.start|M/D/YY}', text: '9/1/26' },
    {
      title: 'dddd, MMMM Do, YYYY',
      template: '${period.start|dddd, MMMM Do, YYYY}',
      text: 'Tuesday, September 1st, 2026',
    },
    { title: 'ddd Do', template: '${period.end|ddd Do}', text: 'Wed 30th' },
    { title: 'a quarter', template: 'Q${period.end|Q YYYY}', text: 'Q3 2026' },
    {
      title: 'an address without a doubled slash',
      template: '${portal.url}/login',
      text: 'https://portal.example/login',
    },
    {
      title: 'two in one text',
      template: '${report.title}: ${period.start|M/D/YYYY}',
      text: 'Use (all): 9/1/2026',
    },
    {
      title: 'a value in a pattern is taken literally',
      template: '/^${report.title}$/',
      text: '/^Use \\(all\\)$/',
    },
  ])('$title', ({ template, text }) => {
    expect(resolvePlain(template, values)).toBe(text);
  });

  test.each([
    { day: '2026-01-01', text: 'Thu 1st Q1' },
    { day: '2026-03-02', text: 'Mon 2nd Q1' },
    { day: '2026-04-03', text: 'Fri 3rd Q2' },
    { day: '2026-06-11', text: 'Thu 11th Q2' },
    { day: '2026-07-12', text: 'Sun 12th Q3' },
    { day: '2026-10-13', text: 'Tue 13th Q4' },
    { day: '2026-12-22', text: 'Tue 22nd Q4' },
  ])('$day is $text', ({ day: from, text }) => {
    const report = { period: { from: day(from), to: day(from) }, values: {} };
    expect(resolvePlain('${period.start|ddd Do} Q${period.start|Q}', { ...values, report })).toBe(text);
  });

  test('the portal’s name of a period depends on the day it starts', () => {
    const recipe = {
      reports: { utilization: {}, notes: {} },
      periodNames: {
        utilization: '${period.start|MMMM YYYY}',
        notes: { 1: '${period.start|MMMM YYYY} A', 16: '${period.start|MMMM YYYY} B' },
      },
    };
    const nameOf = (report: 'utilization' | 'notes', from: string, to: string) =>
      resolvePlain('${period.name}', {
        portalUrl: '',
        report: reportValues(recipe, report, { from: day(from), to: day(to) }),
      });
    expect(nameOf('utilization', '2025-03-01', '2025-03-31')).toBe('March 2025');
    expect(nameOf('notes', '2025-03-01', '2025-03-15')).toBe('March 2025 A');
    expect(nameOf('notes', '2025-03-16', '2025-03-31')).toBe('March 2025 B');
  });

  test('a password that looks like a placeholder or a replacement stays what it is', async () => {
    const secrets = { user: 'u', password: '${secret.user}$&$1', totp: async () => '1' };
    expect(await resolveEntry('${secret.password}', values, secrets)).toBe('${secret.user}$&$1');
  });

  test('a one-time code is made only where one is entered', async () => {
    let made = 0;
    const secrets = { user: 'u', password: 'p', totp: async () => String((made += 1)) };
    await resolveEntry('${secret.user}', values, secrets);
    expect(made).toBe(0);
    expect(await resolveEntry('${secret.totp}', values, secrets)).toBe('1');
  });
});

describe('a name is compared as a whole', () => {
  test.each([
    { title: 'case does not matter', name: 'run report', shown: 'Run Report', same: true },
    { title: 'white space does not matter', name: 'Run Report', shown: ' Run \n Report ', same: true },
    {
      title: 'a colon and a star at the end are decoration',
      name: 'Start Date',
      shown: 'Start Date:*',
      same: true,
    },
    { title: 'a longer name is another name', name: 'Export', shown: 'Export settings', same: false },
    { title: 'signs are taken literally', name: 'Use (all)', shown: 'Use (all)', same: true },
    { title: 'a pattern is a pattern', name: '/^Export/i', shown: 'export settings', same: true },
  ])('$title', ({ name, shown, same }) => {
    expect(wholeText(name).test(shown)).toBe(same);
  });

  test('a phrase is looked for within a text', () => {
    expect(partOfText('records  found').test('1,234 Records found.')).toBe(true);
  });
});

describe('what a field shows after an entry', () => {
  test.each([
    { title: 'the same text', shown: 'a b', entered: 'a b', expected: undefined, kept: true },
    {
      title: 'digits that the field grouped',
      shown: '08/01/2026',
      entered: '08012026',
      expected: undefined,
      kept: true,
    },
    {
      title: 'digits that ran elsewhere',
      shown: '0801',
      entered: '08012026',
      expected: undefined,
      kept: false,
    },
    { title: 'nothing', shown: '', entered: '08012026', expected: undefined, kept: false },
    { title: 'signs only, kept', shown: '***', entered: '***', expected: undefined, kept: true },
    { title: 'signs only, lost', shown: '', entered: '***', expected: undefined, kept: false },
    {
      title: 'just what was expected',
      shown: ' 08/01/2026',
      entered: '08012026',
      expected: '08/01/2026',
      kept: true,
    },
    {
      title: 'digits where a format was expected',
      shown: '08012026',
      entered: '08012026',
      expected: '08/01/2026',
      kept: false,
    },
  ])('$title', ({ shown, entered, expected, kept }) => {
    expect(isKept(shown, entered, expected)).toBe(kept);
  });
});

describe('numbers that leave the page', () => {
  test.each([
    { title: 'a percent', text: 'Exporting SMITH, JOHN: 45 %', percent: 45 },
    { title: 'a percent with decimals', text: '99.5%', percent: 99 },
    { title: 'no percent', text: 'Please wait', percent: undefined },
    { title: 'more than all', text: '450 %', percent: undefined },
  ])('$title', ({ text, percent }) => {
    expect(percentIn(text)).toBe(percent);
  });

  test.each([
    { title: 'the first number', text: '1,234 records found', pattern: 'records found', count: 1234 },
    {
      title: 'the group of a pattern',
      text: 'Page 1: rows 1 - 50 of 977',
      pattern: '/of ([0-9,]+)/',
      count: 977,
    },
    { title: 'none', text: 'No records to display', pattern: 'records', count: undefined },
    { title: 'nought', text: '0 records found', pattern: 'records', count: 0 },
  ])('$title', ({ text, pattern, count }) => {
    expect(countIn(text, [{ text: pattern }])).toBe(count);
  });

  test('is not looked for without end by a pattern that an author wrote badly', () => {
    expect(() => countIn(`${'1'.repeat(60)} of many`, [{ text: '/(\\d+)+$/' }])).toThrow(
      "takes more than 1 s on the portal's text",
    );
  });
});

describe('one-time codes', () => {
  test.each([
    { title: 'at once in the middle of a half minute', now: 15_000, lastStep: -1, wait: 0 },
    { title: 'not at its very end', now: 28_000, lastStep: -1, wait: 2_000 },
    { title: 'not twice in one half minute', now: 35_000, lastStep: 1, wait: 25_000 },
    { title: 'again in the next', now: 61_000, lastStep: 1, wait: 0 },
    {
      title: 'not the next one, if a worker with another clock may have used it',
      now: 58_000,
      lastStep: 2,
      wait: 32_000,
    },
    { title: 'not for hours, if the clock was set back', now: 35_000, lastStep: 500, wait: 60_000 },
  ])('$title', ({ now, lastStep, wait }) => {
    expect(millisecondsToWait(now, lastStep)).toBe(wait);
  });

  test('the half minute in which a session begins may have served the session before it', async () => {
    const asked = new OneTimeCodes('KVXGS5DFMRAWY3BA').next(AbortSignal.timeout(20));
    await expect(asked).rejects.toThrow('timeout');
  });

  test.each([
    { title: 'no secret', secret: undefined, says: 'no TOTP secret is set' },
    { title: 'a secret that is none', secret: 'not base 32!', says: 'not in base 32' },
  ])('$title is a missing second factor', async ({ secret, says }) => {
    const asked = async () => new OneTimeCodes(secret).next(new AbortController().signal);
    await expect(asked()).rejects.toMatchObject({
      type: 'PortalMfaRequired',
      message: expect.stringContaining(says),
    });
  });
});

test('a cause keeps class and code, and no text', () => {
  const cause = safeCause(new RangeError('net::ERR_CONNECTION_REFUSED at SMITH, JOHN'));
  expect(cause.message).toBe('RangeError ERR_CONNECTION_REFUSED');
  expect(cause.stack).not.toContain('SMITH');
});

test('a cause keeps no class and no code that a page’s script has made up', () => {
  const named = Object.assign(new Error('x'), { name: 'Grace', code: 'DOE, JANE' });
  expect(safeCause(named)).toMatchObject({ name: 'Error', message: 'Error' });
  expect(safeCause(safeCause(new TypeError('x')))).toMatchObject({ name: 'TypeError' });
});

test.each([
  { title: 'an ordinary ending', name: 'Report Export (3).CSV', ending: '.csv' },
  { title: 'a path in the name', name: '../../etc/passwd', ending: '' },
  { title: 'a person’s name', name: 'report.Grace', ending: '' },
  { title: 'an ending with a path in it', name: 'a.b/../c', ending: '' },
])('a file name gives its ending and no more: $title', ({ name, ending }) => {
  expect(plainEnding(name)).toBe(ending);
});
