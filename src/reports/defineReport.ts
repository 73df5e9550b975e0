import { assertDefinition } from './definitionMistakes.ts';
import {
  isSummed,
  sourceLine,
  type Cell,
  type ColumnSource,
  type ColumnSources,
  type DerivedColumn,
  type ExportColumn,
  type PersonColumn,
  type ReportDefinition,
  type ReportSource,
  type StoredCell,
  type TableColumn,
} from './report.ts';
import { codeText, keyText } from './tableTypes.ts';

/**
 * Derives everything that follows from a report's source.
 * @throws TypeError that lists what in the source could not be carried out
 */
export function defineReport<const Name extends string, const Columns extends ColumnSources>(
  source: ReportSource<Name, Columns>,
): ReportDefinition<Name> {
  const { columns: columnSources, derived, derive, rollups, ...asGiven } = source;
  const columns = Object.entries<ColumnSource>(columnSources).map(([column, columnSource]): ExportColumn =>
    Object.assign({ name: column }, columnSource),
  );
  const storedCells = columns.flatMap(storedCellsOf);
  const people = columns.flatMap(({ name: column, person }) =>
    person === undefined ? [] : [{ column, ...person }],
  );
  const tableColumns = tableColumnsOf(columns, derived);
  const rowColumns = tableColumns.map((column) => column.name);
  const definition: ReportDefinition<Name> = {
    ...asGiven,
    ...rollups,
    columns,
    exportColumns: columns.map((column) => column.name),
    storedCells,
    tableColumns,
    rowColumns,
    people,
    summedColumns: tableColumns.flatMap((column) => (isSummed(column) ? [column.name] : [])),
    moneyColumns: columns.flatMap((column) => (column.cell.isMoney === true ? [column.name] : [])),
    derivedColumns: Object.keys(derived),
    derive: derive as ReportDefinition['derive'],
    comparedColumns: rowColumns.filter((column) => isCompared(column, people)),
    rollupColumns: ['ym', 'dimension', 'member', 'member_key', 'row_count', ...Object.keys(rollups.measures)],
  };
  assertDefinition(definition, derived);
  return definition;
}

function storedCellsOf({ name, cell, required, stored, also = {} }: ExportColumn): StoredCell[] {
  if (stored === false) return [];
  const of = cell.stored === undefined ? (value: unknown) => value as Cell : storing(cell.stored);
  return [
    { name, from: name, of, type: cell.type, required: required === true },
    ...Object.entries(also).map(([column, further]) => ({
      name: column,
      from: name,
      of: storing(further.of),
      type: further.type,
      required: false,
    })),
  ];
}

function storing(stored: (value: never) => unknown): (value: unknown) => Cell {
  const of = stored as (value: unknown) => Cell;
  return (value) => (value === null ? null : of(value));
}

/** Each person's code and key follow the name; derived columns are at the end, or in place of their column. */
function tableColumnsOf(
  columns: readonly ExportColumn[],
  derived: Readonly<Record<string, DerivedColumn>>,
): TableColumn[] {
  const stored = columns.flatMap((column): TableColumn[] => [
    ...storedCellsOf(column).map(({ name, type, required }) => ({ name, type, required })),
    ...personColumns(column),
  ]);
  const further = Object.entries(derived).filter(([column]) => stored.every(({ name }) => name !== column));
  return [
    sourceLine,
    ...stored,
    ...further.map(([name, { type, required }]) => ({ name, type, required: required === true })),
  ];
}

function personColumns({ person, required }: ExportColumn): TableColumn[] {
  if (person === undefined) return [];
  return [
    { name: person.code, type: codeText, required: required === true },
    { name: person.key, type: keyText, required: required === true },
  ];
}

/** Codes and keys are made from the names, the keys with a secret that may change. */
function isCompared(column: string, people: readonly PersonColumn[]): boolean {
  return column !== sourceLine.name && people.every(({ code, key }) => column !== code && column !== key);
}
