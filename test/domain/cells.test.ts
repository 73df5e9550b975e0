import { assert, boolean, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cellFaults,
  isFault,
  readDate,
  readDays,
  readInteger,
  readMoney,
  readSignTime,
  readText,
  readUnits,
} from '../../src/domain/cells.ts';
import { plainAmounts } from '../../src/domain/amountForms.ts';
import { decimalText, scales } from '../../src/domain/decimals.ts';
import { dollars } from '../../src/reports/exportCells.ts';

describe('money, as cents', () => {
  test.each([
    { title: 'dollars and cents', cell: '$1,234.56', cents: 123_456 },
    { title: 'brackets are less than nothing', cell: '($1,234.56)', cents: -123_456 },
    { title: 'so is a minus before the dollar', cell: '-$1,234.56', cents: -123_456 },
    { title: 'and one after it', cell: '$-1,234.56', cents: -123_456 },
    { title: 'without a dollar sign', cell: '1,234.56', cents: 123_456 },
    { title: 'brackets without a dollar sign', cell: '(1234.56)', cents: -123_456 },
    { title: 'without commas', cell: '$1234567.89', cents: 123_456_789 },
    { title: 'millions', cell: '$1,234,567.89', cents: 123_456_789 },
    { title: 'whole dollars', cell: '$500', cents: 50_000 },
    { title: 'one decimal', cell: '$0.5', cents: 50 },
    { title: 'nothing', cell: '$0.00', cents: 0 },
    { title: 'minus nothing is nothing', cell: '-$0.00', cents: 0 },
    { title: 'leading zeros', cell: '$0012.30', cents: 1_230 },
    { title: 'zeros beyond the cents', cell: '$1,234.5600', cents: 123_456 },
    { title: 'nothing before the point', cell: '.50', cents: 50 },
    { title: 'nothing before the point, less than nothing', cell: '-$.50', cents: -50 },
    { title: 'a minus behind', cell: '1.00-', cents: -100 },
    { title: 'a minus behind, with a dollar sign', cell: '$1,234.56-', cents: -123_456 },
    { title: 'a dollar sign before brackets', cell: '$(1.00)', cents: -100 },
    { title: 'spaces behind the dollar sign', cell: '$   1,234.56', cents: 123_456 },
    { title: 'spaces before brackets', cell: '$ (1,234.56)', cents: -123_456 },
    { title: 'an apostrophe against formulas', cell: "'-$1.00", cents: -100 },
    { title: 'the largest that the column holds', cell: '$999,999,999,999.99', cents: 99_999_999_999_999 },
  ])('$title: $cell', ({ cell, cents }) => {
    expect(readMoney(cell)).toBe(cents);
  });

  test.each([
    { title: 'three decimals are not rounded', cell: '$1.005', fault: cellFaults.tooManyDecimals },
    { title: 'nor are zeros and another digit', cell: '$1.0001', fault: cellFaults.tooManyDecimals },
    { title: 'a comma out of place', cell: '$12,34.50', fault: cellFaults.notNumber },
    { title: 'a comma for the point', cell: '$1.234,56', fault: cellFaults.notNumber },
    { title: 'some commas, not all', cell: '$1,234567.00', fault: cellFaults.notNumber },
    { title: 'an exponent', cell: '1e3', fault: cellFaults.notNumber },
    { title: 'a point without decimals', cell: '$12.', fault: cellFaults.notNumber },
    { title: 'a point alone', cell: '$.', fault: cellFaults.notNumber },
    { title: 'two signs', cell: '(-$5.00)', fault: cellFaults.notNumber },
    { title: 'a sign on either side', cell: '-$5.00-', fault: cellFaults.notNumber },
    { title: 'brackets and a sign behind', cell: '($5.00-)', fault: cellFaults.notNumber },
    { title: 'two signs behind', cell: '$5.00--', fault: cellFaults.notNumber },
    { title: 'a minus before brackets', cell: '-($5.00)', fault: cellFaults.notNumber },
    { title: 'a space behind a minus', cell: '- $5.00', fault: cellFaults.notNumber },
    { title: 'two apostrophes', cell: "''$5.00", fault: cellFaults.notNumber },
    { title: 'an apostrophe alone', cell: "'", fault: cellFaults.notNumber },
    { title: 'a dash for nothing, where no one says that it is', cell: '$-', fault: cellFaults.notNumber },
    { title: 'the same with spaces', cell: '$ -', fault: cellFaults.notNumber },
    { title: 'half a bracket', cell: '($5.00', fault: cellFaults.notNumber },
    { title: 'two dollar signs', cell: '$$5', fault: cellFaults.notNumber },
    { title: 'a dollar sign alone', cell: '$', fault: cellFaults.notNumber },
    { title: 'a minus alone', cell: '-', fault: cellFaults.notNumber },
    { title: 'empty brackets', cell: '()', fault: cellFaults.notNumber },
    { title: 'words', cell: 'N/A', fault: cellFaults.notNumber },
    { title: 'not a number', cell: 'NaN', fault: cellFaults.notNumber },
    { title: 'masked', cell: '***', fault: cellFaults.notNumber },
    { title: 'a space inside', cell: '$1 234.56', fault: cellFaults.notNumber },
    { title: 'another currency', cell: '€5.00', fault: cellFaults.notNumber },
    { title: 'digits of another script', cell: '$١٢', fault: cellFaults.notNumber },
    { title: 'a zero before thousands', cell: '0,500', fault: cellFaults.notNumber },
    { title: 'zeros before thousands', cell: '($012,345.00)', fault: cellFaults.notNumber },
    { title: 'more than the column holds', cell: '$1,000,000,000,000.00', fault: cellFaults.tooLarge },
  ])('is not guessed: $title, $cell', ({ cell, fault }) => {
    expect(readMoney(cell)).toBe(fault);
  });

  test('blank is NULL, not zero', () => {
    expect(readMoney('')).toBeNull();
  });

  test.each([
    { cell: '$-', cents: 0 },
    { cell: '$   -', cents: 0 },
    { cell: '$ (1.00)', cents: -100 },
    { cell: '', cents: null },
    { cell: '-', cents: cellFaults.notNumber },
    { cell: '$ - -', cents: cellFaults.notNumber },
  ])('in accounting form "$cell" is $cents', ({ cell, cents }) => {
    expect(dollars.readAmountsIn!({ ...plainAmounts, amounts: 'accounting' })(cell)).toBe(cents);
  });

  test('money never meets a float: ten cents and twenty cents are thirty cents', () => {
    const sum = (readMoney('$0.10') as number) + (readMoney('$0.20') as number);
    expect(decimalText(sum, scales.dollars)).toBe('0.30');
    expect(0.1 + 0.2).not.toBe(0.3);
  });

  test('money never meets a float: a cent beside 90 billion dollars counts', () => {
    const [large, cent] = [readMoney('$90,071,992,547.41'), readMoney('$0.01')];
    expect(decimalText((large as number) + (cent as number), scales.dollars)).toBe('90071992547.42');
  });

  test('money never meets a float: a thousand dimes are a hundred dollars', () => {
    const dimes = Array.from({ length: 1000 }, () => readMoney('$0.10') as number);
    expect(dimes.reduce((sum, dime) => sum + dime, 0)).toBe(10_000);
  });

  test('any amount in any form comes back to the cent', () => {
    const amounts = integer({ min: 0, max: 10 ** 14 - 1 });
    const checked = property(amounts, boolean(), boolean(), (cents, commas, minus) => {
      const [whole = '', decimals = ''] = decimalText(cents, scales.dollars).split('.');
      const grouped = commas ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
      const expected = minus ? 0 - cents : cents;
      const text = `${grouped}.${decimals}`;
      const cells = minus ? [`($${text})`, `-$${text}`, `$-${text}`, `-${text}`] : [`$${text}`, text];
      for (const cell of cells) expect(readMoney(cell)).toBe(expected);
    });
    expect(() => assert(checked)).not.toThrow();
  });
});

describe('units, as ten-thousandths', () => {
  test.each([
    { title: 'thousands', cell: '2,600', units: 26_000_000 },
    { title: 'quarters', cell: '12.25', units: 122_500 },
    { title: 'an adjustment', cell: '-3', units: -30_000 },
    { title: 'an adjustment in brackets', cell: '(3.5)', units: -35_000 },
    { title: 'four decimals', cell: '0.0001', units: 1 },
    { title: 'zeros beyond the fourth decimal', cell: '1.500000', units: 15_000 },
    { title: 'nothing before the point', cell: '.25', units: 2_500 },
    { title: 'a minus behind', cell: '3-', units: -30_000 },
    { title: 'nothing', cell: '0', units: 0 },
  ])('$title: $cell', ({ cell, units }) => {
    expect(readUnits(cell)).toBe(units);
  });

  test.each([
    { title: 'money', cell: '$12.00', fault: cellFaults.notNumber },
    { title: 'five decimals', cell: '1.00001', fault: cellFaults.tooManyDecimals },
    { title: 'a zero before thousands', cell: '-0,500', fault: cellFaults.notNumber },
    { title: 'more than the column holds', cell: '10,000,000,000', fault: cellFaults.tooLarge },
    { title: 'a measure', cell: '12 h', fault: cellFaults.notNumber },
  ])('is not guessed: $title, $cell', ({ cell, fault }) => {
    expect(readUnits(cell)).toBe(fault);
  });

  test('blank is NULL', () => {
    expect(readUnits('')).toBeNull();
  });
});

describe('whole numbers', () => {
  test.each([
    { title: 'thousands', cell: '1,440', number: 1440 },
    { title: 'zeros behind the point', cell: '12.00', number: 12 },
    { title: 'an adjustment', cell: '-3', number: -3 },
    { title: 'an adjustment in brackets', cell: '(3)', number: -3 },
    { title: 'nothing', cell: '-0', number: 0 },
    { title: 'nine digits', cell: '999,999,999', number: 999_999_999 },
  ])('$title: $cell', ({ cell, number }) => {
    expect(readInteger(cell)).toBe(number);
  });

  test.each([
    { title: 'a part', cell: '1.5', fault: cellFaults.notWhole },
    { title: 'ten digits', cell: '1000000000', fault: cellFaults.tooLarge },
    { title: 'ten digits below zero', cell: '-1,000,000,000', fault: cellFaults.tooLarge },
    { title: 'more than a number holds exactly', cell: '9'.repeat(30), fault: cellFaults.tooLarge },
    { title: 'money', cell: '$12', fault: cellFaults.notNumber },
    { title: 'a measure', cell: '12 min', fault: cellFaults.notNumber },
    { title: 'a power of ten', cell: '1e3', fault: cellFaults.notNumber },
  ])('is not guessed: $title, $cell', ({ cell, fault }) => {
    expect(readInteger(cell)).toBe(fault);
  });

  test('blank is NULL', () => {
    expect(readInteger('')).toBeNull();
  });
});

describe('dates', () => {
  test.each([
    { title: 'month first', cell: '07/01/2026', date: '2026-07-01' },
    { title: 'a leap day', cell: '02/29/2028', date: '2028-02-29' },
    { title: 'a year end', cell: '12/31/2026', date: '2026-12-31' },
    { title: 'the first day', cell: '01/01/1900', date: '1900-01-01' },
    { title: 'the last day', cell: '12/31/2100', date: '2100-12-31' },
  ])('$title: $cell', ({ cell, date }) => {
    expect(readDate(cell)).toBe(date);
  });

  test.each([
    { title: 'the day first', cell: '31/12/2026' },
    { title: 'a leap day in a common year', cell: '02/29/2026' },
    { title: 'a leap day in 2100', cell: '02/29/2100' },
    { title: 'one digit', cell: '7/1/2026' },
    { title: 'two digits of a year', cell: '07/01/26' },
    { title: 'ISO', cell: '2026-07-01' },
    { title: 'nothing but zeros', cell: '00/00/0000' },
    { title: 'a time behind it', cell: '07/01/2026 08:00 AM' },
    { title: 'the number a spreadsheet makes of it', cell: '46204' },
  ])('is not guessed: $title, $cell', ({ cell }) => {
    expect(readDate(cell)).toBe(cellFaults.notDate);
  });

  test.each(['12/31/1899', '01/01/2101', '02/04/5025', '12/31/9999', '01/01/1000'])(
    'in no year of ours: %s',
    (cell) => {
      expect(readDate(cell)).toBe(cellFaults.dateOutOfRange);
      expect(readSignTime(cell)).toBe(cellFaults.dateOutOfRange);
      expect(readSignTime(`${cell} 03:15 PM`)).toBe(cellFaults.dateOutOfRange);
    },
  );

  test.each([
    { cell: '36500', days: 36_500 },
    { cell: '-36500', days: -36_500 },
    { cell: '36501', days: cellFaults.daysOutOfRange },
    { cell: '-36501', days: cellFaults.daysOutOfRange },
    { cell: '1000000', days: cellFaults.daysOutOfRange },
    { cell: '999999999', days: cellFaults.daysOutOfRange },
  ])('days of a hundred years at the most: $cell', ({ cell, days }) => {
    expect(readDays(cell)).toBe(days);
  });

  test('blank is NULL', () => {
    expect(readDate('')).toBeNull();
  });
});

describe('times of signing', () => {
  test.each([
    { title: '03:15 PM is not 03:15', cell: '10/02/2026 03:15 PM', at: '2026-10-02 15:15:00' },
    { title: '03:15 AM is 03:15', cell: '10/02/2026 03:15 AM', at: '2026-10-02 03:15:00' },
    { title: '12:30 PM is afternoon', cell: '10/02/2026 12:30 PM', at: '2026-10-02 12:30:00' },
    {
      title: '12:30 AM is half an hour after midnight',
      cell: '10/02/2026 12:30 AM',
      at: '2026-10-02 00:30:00',
    },
    { title: '12:00 AM begins the day', cell: '10/02/2026 12:00 AM', at: '2026-10-02 00:00:00' },
    { title: '12:00 PM is noon', cell: '10/02/2026 12:00 PM', at: '2026-10-02 12:00:00' },
    { title: '11:59 PM ends it', cell: '10/02/2026 11:59 PM', at: '2026-10-02 23:59:00' },
    { title: 'small letters', cell: '10/02/2026 03:15 pm', at: '2026-10-02 15:15:00' },
    { title: 'no space before PM', cell: '10/02/2026 03:15PM', at: '2026-10-02 15:15:00' },
    { title: 'seconds', cell: '10/02/2026 03:15:09 PM', at: '2026-10-02 15:15:09' },
    {
      title: 'an hour that New York’s clocks skipped stays as written',
      cell: '03/08/2026 02:30 AM',
      at: '2026-03-08 02:30:00',
    },
  ])('$title', ({ cell, at }) => {
    expect(readSignTime(cell)).toEqual({ date: at.slice(0, 10), at });
  });

  test('a date alone has no time', () => {
    expect(readSignTime('10/02/2026')).toEqual({ date: '2026-10-02', at: null });
  });

  test('blank is NULL: the note is not signed', () => {
    expect(readSignTime('')).toBeNull();
  });

  test.each([
    { title: 'a 24-hour clock', cell: '10/02/2026 15:15' },
    { title: 'a 24-hour clock with PM', cell: '10/02/2026 15:15 PM' },
    { title: 'hour 0 of a 12-hour clock', cell: '10/02/2026 00:15 AM' },
    { title: 'hour 13', cell: '10/02/2026 13:00 AM' },
    { title: 'minute 60', cell: '10/02/2026 03:60 PM' },
    { title: 'second 60', cell: '10/02/2026 03:15:60 PM' },
    { title: 'one digit for the hour', cell: '10/02/2026 3:15 PM' },
    { title: 'neither AM nor PM', cell: '10/02/2026 03:15' },
    { title: 'half of PM', cell: '10/02/2026 03:15 P' },
    { title: 'a day that does not exist', cell: '02/30/2026 03:15 PM' },
    { title: 'a time without a day', cell: '03:15 PM' },
    { title: 'ISO', cell: '2026-10-02T15:15:00' },
  ])('is not guessed: $title, $cell', ({ cell }) => {
    expect(readSignTime(cell)).toBe(cellFaults.notTime);
  });
});

describe('days to sign', () => {
  test.each([
    { cell: '0', days: 0 },
    { cell: '-0', days: 0 },
    { cell: '12', days: 12 },
    { cell: '-1', days: -1 },
    { cell: '007', days: 7 },
  ])('$cell is $days', ({ cell, days }) => {
    expect(readDays(cell)).toBe(days);
  });

  test.each(['1.5', '1.0', '1,000', '2 days', '+1', '--1', '1e2', '12345678901'])(
    '%s is not guessed',
    (cell) => {
      expect(readDays(cell)).toBe(cellFaults.notWhole);
    },
  );

  test('blank is NULL', () => {
    expect(readDays('')).toBeNull();
  });
});

describe('text', () => {
  test('leading zeros survive', () => {
    expect(readText('00012', 64)).toBe('00012');
  });

  test.each([
    { title: 'an identifier that looks like an exponent', cell: '1E5' },
    { title: 'an identifier of digits beyond a float', cell: '90071992547409930' },
    { title: 'quotes, apostrophes and accents', cell: `D'ARCY, "INÉS"` },
    { title: 'an accent typed as a letter of its own', cell: 'NU\u0301N\u0303EZ' },
    { title: 'what a spreadsheet would take for a formula', cell: '=SUM(A1)' },
    { title: 'spaces inside', cell: 'VAN  DER MEER' },
  ])('$title stays as it is', ({ cell }) => {
    expect(readText(cell, 160)).toBe(cell);
  });

  test('as long as the column is taken, one more is not cut', () => {
    expect(readText('x'.repeat(160), 160)).toBe('x'.repeat(160));
    expect(readText('x'.repeat(161), 160)).toBe(cellFaults.tooLong);
  });

  test('length counts characters as the database does', () => {
    expect(readText('\u{1F600}'.repeat(160), 160)).toBe('\u{1F600}'.repeat(160));
    expect(readText('\u{1F600}'.repeat(161), 160)).toBe(cellFaults.tooLong);
  });

  test('blank is NULL', () => {
    expect(readText('', 160)).toBeNull();
  });
});

test('a fault never holds the cell: it is one of the constants', () => {
  const faults = [readMoney('FERNHOLLOW'), readUnits('x'), readDate('x'), readSignTime('x'), readDays('x')];
  for (const fault of faults) {
    expect(isFault(fault)).toBe(true);
    expect(Object.values(cellFaults)).toContain(fault);
  }
});
