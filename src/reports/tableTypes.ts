import { scales, type Scale } from '../domain/decimals.ts';

/**
 * A column's type in MySQL. One with a scale holds figures: whole numbers in the code, with that many decimals in
 * tables and row files.
 */
export type TableType = TextType | FigureType;

export interface TextType {
  readonly sql: 'varchar' | 'char' | 'date' | 'datetime';
  /** In characters, for `varchar` and `char`. */
  readonly length?: number;
}

export interface FigureType {
  readonly sql: 'int' | 'int unsigned' | 'smallint' | 'decimal';
  /** The number of all of a decimal's digits. */
  readonly precision?: number;
  readonly scale: Scale;
  /** Its total over a period's rows is reconciled with the database. */
  readonly isSummed?: true;
}

/** Widths of names and codes. Longer text is rejected, never cut. */
export const textWidths = { name: 160, code: 64 } as const;

export const nameText: TextType = { sql: 'varchar', length: textWidths.name };
export const codeText: TextType = { sql: 'varchar', length: textWidths.code };
/** The first 16 hex digits of a name's HMAC. */
export const keyText: TextType = { sql: 'char', length: 16 };
/** `YYYY-MM`. */
export const monthText: TextType = { sql: 'char', length: 7 };
/** `YYYY-MM-DD`. */
export const dayText: TextType = { sql: 'date' };
/** `YYYY-MM-DD hh:mm:ss`. */
export const timeText: TextType = { sql: 'datetime' };

/** One of a few words of ours. */
export function wordText(length: number): TextType {
  return { sql: 'varchar', length };
}

export const wholeNumber: FigureType = { sql: 'int', scale: scales.days, isSummed: true };
export const groupNumber: FigureType = { sql: 'smallint', scale: scales.days };
/** The type of counts and line numbers. */
export const unsignedNumber: FigureType = { sql: 'int unsigned', scale: scales.days };
export const unitFigure: FigureType = { sql: 'decimal', precision: 14, scale: scales.units, isSummed: true };
export const dollarFigure: FigureType = {
  sql: 'decimal',
  precision: 14,
  scale: scales.dollars,
  isSummed: true,
};
export const ratioFigure: FigureType = { sql: 'decimal', precision: 14, scale: scales.ratio };

/** Digits of a sum's column: four more than those of what is added up. */
const sumDigits = 18;

/** The type of a sum of such figures over many rows. */
export function sumOf({ scale }: FigureType): FigureType {
  return { sql: 'decimal', precision: sumDigits, scale };
}

export function isFigure(type: TableType): type is FigureType {
  return 'scale' in type;
}
