import type { ColumnsOf } from '../../src/rows/rollups.ts';
import type { Row } from '../../src/reports/report.ts';

/** Reads the columns of rows that are written out as objects. */
export const plainColumns: ColumnsOf<Row> = (column) => (row) => row[column] ?? null;
