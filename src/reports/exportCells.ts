import {
  cellFaults,
  readDate,
  readDays,
  readInteger,
  readIntegerBytes,
  readMoney,
  readMoneyBytes,
  readSignTime,
  readText,
  readUnits,
  readUnitsBytes,
  type BytesReader,
  type CellFault,
  type SignTime,
} from '../domain/cells.ts';
import { amountRewriter, type AmountForm } from '../domain/amountForms.ts';
import { dateReader, signTimeReader, type DateLayout } from '../domain/dateLayouts.ts';
import type { IsoDate } from '../domain/dates.ts';
import { plainServiceCode } from '../domain/serviceCodes.ts';
import { isDamagedCode, isDamagedName } from '../domain/spreadsheetDamage.ts';
import {
  codeText,
  dayText,
  dollarFigure,
  nameText,
  textWidths,
  unitFigure,
  wholeNumber,
  type TableType,
} from './tableTypes.ts';

/** A kind of export cell: how it is read exactly, and how its value is stored. A blank cell reads as null. */
export interface ExportCell<Value, Stored = Value> {
  /** A name or a code is never a word that means blank, and may contain quotes. */
  readonly holds: 'name' | 'code' | 'value';
  /** Reads a cell in the form of storedText.ts. */
  readonly read: (cell: string) => Value | null | CellFault;
  /** Reads the cell's bytes in place, for amounts: they hardly ever repeat, so remembering them gains nothing. */
  readonly readBytes?: BytesReader<Value | null>;
  /** How amounts are read in another form, as pipeline.yaml may say. */
  readonly readAmountsIn?: (form: AmountForm) => (cell: string) => Value | null | CellFault;
  /** How dates are read in another layout. */
  readonly readDatesIn?: (layout: DateLayout) => (cell: string) => Value | null | CellFault;
  readonly type: TableType;
  /** What the table keeps of the value; default: the value itself. */
  stored?(this: void, value: Value): Stored;
  /** Dollars, which are accounted for to the cent. */
  readonly isMoney?: true;
}

export const name: ExportCell<string> = {
  holds: 'name',
  read: (cell) => (isDamagedName(cell) ? cellFaults.spreadsheetDamage : readText(cell, textWidths.name)),
  type: nameText,
};

export const code: ExportCell<string> = { holds: 'code', read: readCode, type: codeText };

/** Without the date that portals append to a service's code. */
export const serviceCode: ExportCell<string> = {
  holds: 'code',
  read: (cell) => readCode(plainServiceCode(cell)),
  type: codeText,
};

function readCode(cell: string): string | null | CellFault {
  return isDamagedCode(cell) ? cellFaults.spreadsheetDamage : readText(cell, textWidths.code);
}

/** `MM/DD/YYYY`. */
export const day: ExportCell<IsoDate> = {
  holds: 'value',
  read: readDate,
  readDatesIn: dateReader,
  type: dayText,
};

/** A day, optionally with a time on a 12-hour clock. The column keeps the day. */
export const signTime: ExportCell<SignTime, IsoDate> = {
  holds: 'value',
  read: readSignTime,
  readDatesIn: signTimeReader,
  type: dayText,
  stored: ({ date }) => date,
};

/** A whole number of days. */
export const days: ExportCell<number> = { holds: 'value', read: readDays, type: wholeNumber };

/** A whole number of anything: minutes, visits, miles. */
export const integer = amount(readInteger, readIntegerBytes, wholeNumber);

/** In ten-thousandths. */
export const units = amount(readUnits, readUnitsBytes, unitFigure);

/** In cents. */
export const dollars: ExportCell<number> = {
  ...amount(readMoney, readMoneyBytes, dollarFigure),
  isMoney: true,
};

type AmountReader = ExportCell<number>['read'];

function amount(
  read: AmountReader,
  readBytes: BytesReader<number | null>,
  type: TableType,
): ExportCell<number> {
  return { holds: 'value', read, readBytes, readAmountsIn: (form) => rewritten(form, read), type };
}

function rewritten(form: AmountForm, read: AmountReader): AmountReader {
  const rewrite = amountRewriter(form);
  return (cell) => {
    const plain = rewrite(cell);
    return plain === undefined ? cellFaults.notNumber : read(plain);
  };
}
