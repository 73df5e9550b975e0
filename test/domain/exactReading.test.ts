import { array, assert, constantFrom, integer, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFault, readDate, readDays, readMoney, readSignTime, readUnits } from '../../src/domain/cells.ts';
import { decimalText, ratio, scales } from '../../src/domain/decimals.ts';
import { nameCode } from '../../src/domain/nameCodes.ts';
import { endsInBracketedDigits, plainServiceCode } from '../../src/domain/serviceCodes.ts';
import { isDamagedCode, isDamagedName } from '../../src/domain/spreadsheetDamage.ts';
import { storedText } from '../../src/domain/storedText.ts';
import * as oracle from '../mutations/oracle/cells.ts';
import * as textOracle from '../mutations/oracle/text.ts';

const runs = { numRuns: 5000 };

/** A cell made of pieces that numbers are made of, in any order: most are no number. */
const numberLike = array(
  oneof(
    constantFrom(
      '$',
      '-',
      '(',
      ')',
      ',',
      '.',
      ' ',
      '+',
      'e',
      '0',
      '00',
      '000',
      '1',
      '12',
      '123',
      '1,234',
      '.5',
      '\u2212',
      '１',
    ),
    integer({ min: 0, max: 999_999 }).map(String),
  ),
  { maxLength: 7 },
).map((pieces) => pieces.join(''));

/** An amount in one of the forms that exports write, and its cents. */
const written = tuple(
  integer({ min: 0, max: 10 ** 13 }),
  constantFrom('$', ''),
  constantFrom('plain', 'minus', 'parentheses'),
  constantFrom('en-US', undefined),
).map(([cents, dollar, sign, grouping]) => {
  const whole = Math.floor(cents / 100);
  const digits = grouping === undefined ? String(whole) : whole.toLocaleString(grouping);
  const amount = `${dollar}${digits}.${String(cents % 100).padStart(2, '0')}`;
  const negative = sign !== 'plain' && cents > 0;
  const text = sign === 'plain' ? amount : sign === 'minus' ? `-${amount}` : `(${amount})`;
  return { text, cents: negative ? -cents : cents };
});

/** The value that a second reader finds, its faults as `fault`. */
function told(reading: unknown): unknown {
  return isFault(reading) || reading === oracle.fault ? 'fault' : reading;
}

/** The second reader reckons in `bigint`. */
function exactly(reading: unknown): unknown {
  return typeof reading === 'number' ? BigInt(reading) : reading;
}

describe('a number is read exactly or is a fault', () => {
  test('every form is read as the amount that was written', () => {
    const checked = property(written, ({ text, cents }) => {
      expect(readMoney(text)).toBe(cents);
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });

  test('any text is to two readers the same amount, or to both a fault', () => {
    const checked = property(oneof(numberLike, string({ unit: 'binary' })), (text) => {
      const cell = text.trim();
      expect(told(exactly(readMoney(cell)))).toBe(told(oracle.amountOf(cell, 2)));
      expect(told(exactly(readUnits(cell)))).toBe(
        cell.includes('$') ? 'fault' : told(oracle.amountOf(cell, 4)),
      );
      expect(told(readDays(cell))).toBe(told(oracle.daysOf(cell)));
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });

  test('what is read has the digits that were written, and none besides', () => {
    const checked = property(numberLike, (text) => {
      const cents = readMoney(text);
      if (cents === null || isFault(cents)) return;
      const digits = text.replaceAll(/[^\d.]/g, '');
      expect(Number(decimalText(cents < 0 ? -cents : cents, scales.dollars))).toBe(Number(digits));
      expect(cents < 0).toBe(/[-(]/.test(text) && /[1-9]/.test(text));
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });

  test('a ratio is to two reckoners the same', () => {
    const amount = integer({ min: -(10 ** 12), max: 10 ** 12 }).map(BigInt);
    const divisor = amount.filter((cents) => cents !== 0n);
    const checked = property(amount, divisor, (over, under) => {
      expect(ratio(over, under, scales.ratio)).toBe(oracle.quotient(over, under, 6));
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });
});

const two = integer({ min: 0, max: 61 }).map((number) => String(number).padStart(2, '0'));
const year = constantFrom(
  '2026',
  '2028',
  '1900',
  '2000',
  '1899',
  '2100',
  '2101',
  '0999',
  '1000',
  '9999',
  '26',
  '20266',
);
const clock = tuple(
  two,
  two,
  constantFrom(' AM', ' PM', 'am', ' pm', '', ' XM'),
  constantFrom(' ', '  ', 'T', ''),
).map(([hour, minute, half, gap]) => `${gap}${hour}:${minute}${half}`);
const dateLike = tuple(two, constantFrom('/', '-', ''), two, year, oneof(constantFrom(''), clock)).map(
  ([month, mark, day, inYear, time]) => `${month}${mark}${day}${mark}${inYear}${time}`,
);

describe('a date is an existing day or a fault', () => {
  test('to two readers the same, with and without a time', () => {
    const checked = property(oneof(dateLike, string({ unit: 'binary' })), (text) => {
      const cell = text.trim();
      expect(told(readDate(cell))).toBe(told(oracle.dayOf(cell)));
      const ours = readSignTime(cell);
      const plain = ours === null || isFault(ours) ? ours : { day: ours.date, at: ours.at };
      expect(told(plain)).toEqual(told(oracle.stampOf(cell)));
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });
});

const codePieces = (
  'DS| |(|)|[|]|(08/01/2026)|08/01/2026|(8/1/2026)|Tra Supp|8/1/26|2026-08-01|-|–| to |8-1-2026|02/30/2026|' +
  '[8/1/26]|2026-13-01'
).split('|');
const damagePieces =
  '1|23|.|,|E|e|+|-|=|"|#|REF!|N/A|/|2026|26|0:00| |Mar|SEPT|12|1.5E+11|3/1/2026|Mar-26|2026-03-01| 12:00:00 AM'.split(
    '|',
  );

describe('codes are to two readers the same', () => {
  test('a service without its date', () => {
    const piece = constantFrom(...codePieces);
    const checked = property(array(piece, { maxLength: 7 }), (pieces) => {
      const cell = storedText(pieces.join(''));
      expect(plainServiceCode(cell)).toBe(textOracle.codeWithoutDate(cell));
      expect(endsInBracketedDigits(cell)).toBe(textOracle.endsInDigits(cell));
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });

  test('what a spreadsheet has made of an identifier', () => {
    const piece = constantFrom(...damagePieces);
    const checked = property(array(piece, { maxLength: 6 }), (pieces) => {
      const cell = storedText(pieces.join(''));
      expect(isDamagedCode(cell)).toBe(textOracle.isSpoiledCode(cell));
      expect(isDamagedName(cell)).toBe(textOracle.isSpoiledName(cell));
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });

  test('the label of any name', () => {
    const piece = oneof(
      string({ unit: 'binary', maxLength: 6 }),
      constantFrom('VAN DER MEER', 'NÚÑEZ', "D'ARCY", ', ', ' ', 'O’', 'ß', 'ǆ', 'İ', 'ʼ', 'Æ'),
    );
    const checked = property(array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
      const name = pieces.join('');
      expect(nameCode(name)).toBe(oracle.labelOf(name));
    });
    expect(() => assert(checked, runs)).not.toThrow();
  });
});
