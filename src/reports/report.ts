import type { CellFault } from '../domain/cells.ts';
import type { PeriodKind } from '../domain/periodKinds.ts';
import type { SupervisorRule } from '../domain/supervisorRule.ts';
import type { ExportCell } from './exportCells.ts';
import type { Measure } from './measures.ts';
import { isFigure, unsignedNumber, type FigureType, type TableType } from './tableTypes.ts';

/**
 * What a report is: everything particular to it, as data and small pure functions. All other code is written once, for
 * any report, and takes what it needs from here. docs/add-a-report.md adds one step by step.
 */

/** A cell of a row: text as text, a figure as a whole number with its column's decimals, null for blank. */
export type Cell = string | number | null;

/** A row of a row file, by the columns of its table. */
export type Row = Readonly<Record<string, Cell>>;

/** A record's cells as read, by export column: a value, null for a blank cell, or a fault. */
export type Readings = Readonly<Record<string, unknown>>;

/** One column of the export, by its heading in the form of `columnName` (rows/exportHeader.ts). */
export interface ColumnSource {
  readonly cell: ExportCell<unknown>;
  /** A blank cell rejects the row. */
  readonly required?: true;
  /** The column names a person, whose name code and name key are stored in these columns. */
  readonly person?: { readonly code: string; readonly key: string };
  /** false: the column is read but stored in no table. */
  readonly stored?: false;
  /** Further columns stored from the same cell. */
  readonly also?: Readonly<
    Record<string, { readonly type: TableType; of(this: void, value: unknown): Cell }>
  >;
}

export type ColumnSources = Readonly<Record<string, ColumnSource>>;

type OrBlank<Source, Value> = Source extends { required: true } ? Value : Value | null;

/** A record's cells as read, by export column. */
export type ValuesOf<Columns extends ColumnSources> = {
  readonly [Column in keyof Columns]: Columns[Column]['cell'] extends ExportCell<infer Value, infer _>
    ? OrBlank<Columns[Column], Value>
    : never;
};

/** A record's cells as read, by export column; each may be a fault. */
export type ReadingsOf<Columns extends ColumnSources> = {
  readonly [Column in keyof Columns]: ValuesOf<Columns>[Column] | CellFault;
};

/** A clean row's cells of those columns. */
type CleanRowOf<Columns extends ColumnSources> = {
  readonly [
    Column in keyof Columns as Columns[Column] extends { stored: false } ? never : Column
  ]: Columns[Column]['cell'] extends ExportCell<infer _, infer Stored>
    ? OrBlank<Columns[Column], Stored>
    : never;
};

/**
 * Something that every single cell allows but the row as a whole should not be. pipeline.yaml gives each check its
 * level.
 */
export interface Check<Values = Readings, Column extends string = string> {
  /** Read after the column's name, like the reasons of cellFaults. */
  readonly reason: string;
  /** The column at fault; undefined if there is none. */
  columnAtFault(this: void, values: Values): Column | undefined;
}

/** The inputs of a row's derived figures apart from the row itself. */
interface DeriveTerms {
  /** `YYYY-MM` of the period's start. */
  readonly ym: string;
  /** The group of a service code. */
  readonly groupOf: (serviceCode: string) => number;
}

export interface DerivedColumn {
  readonly type: TableType;
  /** Every row has a value. */
  readonly required?: true;
}

interface Derived {
  readonly values: Row;
  /** Names of warnings to count for the row, such as days that differ from the dates. */
  readonly warnings: readonly string[];
}

/** What a status gate checks: the share of rows in each status, and the statuses that the rejected rows could have. */
export interface Statuses<Values = Readings, Faulty = Readings> {
  readonly all: readonly string[];
  of(this: void, values: Values): string;
  /**
   * Every status that a rejected row could have; undefined readings are of a row that could not be split into cells.
   */
  possible(this: void, readings: Faulty | undefined): Iterable<string>;
}

/** A person that a row is stored under instead of the one that the export names. */
export interface Reassigned<Values = Readings> {
  readonly column: string;
  /** That person as text, as they stand after "moved to". */
  readonly countsFor: string;
  /** @param rawServiceCode as exported, with what follows the code */
  to(
    this: void,
    values: Values,
    terms: { readonly rawServiceCode: string; readonly supervisor: SupervisorRule | undefined },
  ): string | null;
  /** The money column whose total over those rows is reported. */
  readonly dollars: string;
}

/**
 * What every load adds to a table of its own, where it stays: figures can be followed over days that no period shows
 * any more. Neither names of people nor their keys may be in it.
 */
interface History<Column extends string = string> {
  readonly table: string;
  /** What makes rows of several days the same item; rows of one load that share it are added up. */
  readonly key: readonly Column[];
  /** The column of the item's last day; of several rows, the latest day counts. */
  readonly lastDay: Column;
  /** Summed columns. */
  readonly figures: readonly Column[];
}

export interface ReportSource<Name extends string, Columns extends ColumnSources> {
  /** Its table, and its name in inputs, ids and settings; its roll-ups are in `<name>_summary`. */
  readonly name: Name;
  readonly period: PeriodKind;
  /** Words by which a portal's own name of the report is recognised where a recipe is recorded. */
  readonly titleWords?: RegExp;
  /** Days after a period's last one during which the passing of days alone may still change its figures. */
  readonly settledAfterDays: number;
  /** In the contract's order, which is also the table's. None may be missing from an export. */
  readonly columns: Columns;
  /** The first and the last day that a row is about. A row whose days all lie outside the period is rejected. */
  readonly dates: { readonly first: keyof Columns & string; readonly last: keyof Columns & string };
  /** The column of the service code, by which rows are excluded and grouped. Null in reports without services. */
  readonly service: (keyof Columns & string) | null;
  readonly checks: Readonly<Record<string, Check<ValuesOf<Columns>, keyof Columns & string>>>;
  /** Why a row cannot be stored exactly; checked once everything else is in order. */
  unfit?(
    this: void,
    values: ValuesOf<Columns>,
  ): { column: keyof Columns & string; fault: CellFault } | undefined;
  readonly reassigned?: Reassigned<ValuesOf<Columns>>;
  readonly statuses?: Statuses<ValuesOf<Columns>, ReadingsOf<Columns>>;
  /** Columns that `derive` makes: after those of the export, or in place of one of the same name. */
  readonly derived: Readonly<Record<string, DerivedColumn>>;
  derive(this: void, row: CleanRowOf<Columns>, terms: DeriveTerms): Derived;
  /** What makes two rows the same one, though their figures may differ. */
  readonly key: readonly (keyof Columns & string)[];
  readonly history?: History<keyof Columns & string>;
  /** A column whose value belongs to one person: rows that share it with another person's are counted as a warning. */
  readonly ownedBy?: { readonly column: string; readonly ownerKey: string; readonly warning: string };
  /** What each warning of `derive` and `ownedBy` counts, by its name: people read it beside the number. */
  readonly warnings?: Readonly<Record<string, string>>;
  readonly rollups: {
    /** By name, the column by whose values rows are added up. `total` always exists. */
    readonly dimensions: Readonly<Record<string, string>>;
    /** By the column of the roll-up table. */
    readonly measures: Readonly<Record<string, Measure>>;
  };
  /** The money column that gates compare and that is reported for unknown services; null if there is none. */
  readonly gateOn: string | null;
}

/** A column of the export, as the steps read it. */
export interface ExportColumn extends Omit<ColumnSource, 'cell'> {
  readonly name: string;
  readonly cell: ExportCell<unknown>;
}

/** A column of the table. */
export interface TableColumn {
  readonly name: string;
  readonly type: TableType;
  readonly required: boolean;
}

/** Columns of the table that represent one person. */
export interface PersonColumn {
  readonly column: string;
  readonly code: string;
  readonly key: string;
}

/** What `clean` stores of a record's cell. */
export interface StoredCell extends TableColumn {
  readonly from: string;
  readonly of: (value: unknown) => Cell;
}

/** A report, with everything derived from its source. */
export interface ReportDefinition<Name extends string = string> {
  readonly name: Name;
  readonly period: PeriodKind;
  readonly titleWords?: RegExp;
  readonly settledAfterDays: number;
  readonly columns: readonly ExportColumn[];
  /** Names of `columns`. */
  readonly exportColumns: readonly string[];
  /** What is stored of the export's columns, in the order of the file that `clean` writes after `source_line`. */
  readonly storedCells: readonly StoredCell[];
  /**
   * The columns of the file that goes to the database, in its order; the load sets `period_start`, `period_end` and
   * `run_id`.
   */
  readonly tableColumns: readonly TableColumn[];
  /** Names of `tableColumns`. */
  readonly rowColumns: readonly string[];
  readonly people: readonly PersonColumn[];
  /** Columns whose totals are computed from the file and again in the database, and must be equal. */
  readonly summedColumns: readonly string[];
  /** Money columns of the export, accounted for to the cent in every run. */
  readonly moneyColumns: readonly string[];
  readonly dates: { readonly first: string; readonly last: string };
  readonly service: string | null;
  readonly checks: Readonly<Record<string, Check>>;
  unfit?(this: void, values: Readings): { column: string; fault: CellFault } | undefined;
  readonly reassigned?: Reassigned;
  readonly statuses?: Statuses;
  /** Names of the columns that `derive` makes. */
  readonly derivedColumns: readonly string[];
  derive(this: void, row: Row, terms: DeriveTerms): Derived;
  readonly key: readonly string[];
  /** The columns by which two rows are equal. A row may be on another line of a newer export. */
  readonly comparedColumns: readonly string[];
  readonly history?: History;
  readonly ownedBy?: { readonly column: string; readonly ownerKey: string; readonly warning: string };
  readonly warnings?: Readonly<Record<string, string>>;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly measures: Readonly<Record<string, Measure>>;
  /** The columns of the roll-up file; the load sets the others. */
  readonly rollupColumns: readonly string[];
  readonly gateOn: string | null;
}

/** The line of the export on which a row's record starts: it distinguishes the rows of a period. */
export const sourceLine: TableColumn = { name: 'source_line', type: unsignedNumber, required: true };

/** The column of the service's group, in reports that derive one. */
export const groupColumn = 'grp';

/** The table's column of that name. */
export function tableColumn({ tableColumns }: ReportDefinition, name: string): TableColumn | undefined {
  return tableColumns.find((column) => column.name === name);
}

/**
 * The type of a column that measures and sums are made from.
 * @throws TypeError if the column holds no figures
 */
export function figureTypeOf(report: ReportDefinition, column: string): FigureType {
  const type = tableColumn(report, column)?.type;
  if (type === undefined || !isFigure(type)) throw new TypeError(`${column} holds no figures`);
  return type;
}

/** A ratio has no total; a group's or a line's number is no figure. */
export function isSummed({ type }: TableColumn): boolean {
  return isFigure(type) && type.isSummed === true;
}
