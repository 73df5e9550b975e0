import {
  isTextKind,
  type TableCell,
  type Column,
  type Table,
  type TableRow,
  type TextKind,
} from '../exports.ts';
import {
  countText,
  dayLabel,
  daysText,
  dollarsText,
  momentText,
  monthLabel,
  percentText,
  periodLabel,
} from '../figureText.ts';
import { save, tableFile, workbookFile, type FileFormat } from './tableFiles.ts';
import type { ScopedTable } from '../xlsx.ts';
import { h, wholeAmounts } from './dom.ts';

/** A longer table scrolls on the screen; in print all rows are there. */
const rowsInSight = 14;

/** Rows drawn when a view opens; those of a list of thousands follow. */
const rowsAtOnce = 50;

/** The tables of the current view, in order. */
let shownTables: ScopedTable[] = [];

/** Each draws the remaining rows of a table. */
let waiting: (() => void)[] = [];

/** Forgets the tables of the previous view. */
export function clearTables(): void {
  shownTables = [];
  waiting = [];
}

/** Draws all remaining rows: print and files need every one. */
export function drawAllRows(): void {
  for (const drawRest of waiting.splice(0)) drawRest();
}

/** Draws the remaining rows one table at a time, so that a click in between does not wait. */
export function drawRowsInTurn(onDone: () => void): void {
  const own = waiting;
  const next = () => {
    // Another view has tables of its own.
    if (own !== waiting) return;
    own.shift()?.();
    if (own.length === 0) onDone();
    else setTimeout(next);
  };
  if (own.length === 0) onDone();
  else setTimeout(next, afterPaintMilliseconds);
}

/** Time for the browser to show what is drawn so far. */
const afterPaintMilliseconds = 50;

/** Saves every table of the view as one workbook; null where there is none. */
export function workbookButton(): HTMLElement | null {
  const tables = shownTables;
  if (tables.length === 0) return null;
  const makeFile = () => workbookFile(tables);
  const button = h(
    'button',
    { type: 'button', class: 'tool', onClick: () => void makeFile().then(save) },
    'Save all tables here as one Excel workbook',
  );
  return h('p', { class: 'workbook' }, Object.assign(button, { makeFile }));
}

/** A table that can be sorted by any column and saved as it is. `scope` says what it is of, in a file of its own. */
export function tableElement(table: Table, scope: readonly string[]): HTMLElement {
  shownTables.push({ table, scope });
  let sorted: Sorting | undefined;
  const body = h('tbody');
  const head = h('tr');
  const draw = () => {
    head.replaceChildren(...table.columns.map((column, place) => headingCell(column, place)));
    const rows = sortedRows(table, sorted);
    const drawn = (from: number, to?: number) =>
      rows.slice(from, to).map((row) => bodyRow(row, table.columns));
    body.replaceChildren(...drawn(0, rowsAtOnce));
    return () => {
      body.append(...drawn(rowsAtOnce));
    };
  };
  const headingCell = (column: Column, place: number) => {
    const direction = sorted?.place === place ? sorted.direction : undefined;
    const sort = () => {
      // Those that wait are of the order before.
      drawAllRows();
      sorted = { place, direction: direction === 'descending' ? 'ascending' : 'descending' };
      draw()();
      head.querySelectorAll('button')[place]?.focus();
    };
    return h(
      'th',
      {
        scope: 'col',
        class: cellClass(column.kind),
        ...(direction === undefined ? {} : { 'aria-sort': direction }),
      },
      h('button', { type: 'button', class: 'sort', onClick: sort }, column.heading),
    );
  };
  const drawRest = draw();
  if (table.rows.length > rowsAtOnce) waiting.push(drawRest);
  const shown = h(
    'table',
    {},
    h('caption', {}, table.caption),
    h('thead', {}, head),
    body,
    table.total === undefined ? null : h('tfoot', {}, bodyRow({ cells: table.total }, table.columns)),
  );
  return h('div', { class: 'table-block' }, toolsOf(table, scope), boxed(shown, table));
}

function boxed(shown: HTMLElement, table: Table): HTMLElement {
  if (table.rows.length <= rowsInSight) return h('div', { class: 'table-box' }, shown);
  // What scrolls must be reachable with the keyboard.
  return h(
    'div',
    { class: 'table-box scrolls', tabindex: 0, role: 'region', 'aria-label': `${table.caption}, scrolls` },
    shown,
  );
}

function toolsOf(table: Table, scope: readonly string[]): HTMLElement {
  const about = `${table.caption} ${scope[0] ?? ''}`;
  const button = (format: FileFormat) => {
    const makeFile = () => tableFile(format, { table, about, scope });
    const shown = h(
      'button',
      {
        type: 'button',
        class: 'tool',
        onClick: () => void makeFile().then(save),
        'aria-label': `Save as ${format}: ${table.caption}`,
      },
      format,
    );
    // The command that saves all tables has the same files made, without a download for each.
    return Object.assign(shown, { makeFile });
  };
  return h('div', { class: 'table-tools' }, button('CSV'), button('Excel'));
}

function cellClass(kind: Column['kind']): string {
  return isTextKind(kind) && kind !== 'text' ? `text ${kind}` : kind;
}

function bodyRow({ cells, onOpen }: TableRow, columns: readonly Column[]): HTMLElement {
  return h(
    'tr',
    {},
    cells.map((cell, place) => {
      const { kind } = columns[place]!;
      const text = cellText(cell, kind);
      if (place > 0) return h('td', { class: cellClass(kind) }, kind === 'text' ? wholeAmounts(text) : text);
      return h(
        'th',
        { scope: 'row', class: cellClass(kind) },
        onOpen === undefined ? text : h('button', { type: 'button', class: 'open', onClick: onOpen }, text),
      );
    }),
  );
}

const written: Readonly<Record<TextKind, (text: string) => string>> = {
  text: (text) => text,
  month: monthLabel,
  day: dayLabel,
  moment: momentText,
  period: periodLabel,
};

/** A figure as people read it. */
function cellText(cell: TableCell, kind: Column['kind']): string {
  if (cell === null) return '–';
  // Words in place of a day, such as those of a last row, are words.
  if (typeof cell === 'string') return isTextKind(kind) && /\d/.test(cell) ? written[kind](cell) : cell;
  if (kind === 'dollars') return dollarsText(BigInt(cell));
  if (kind === 'percent') return percentText(BigInt(cell));
  return kind === 'days' ? daysText(BigInt(cell)) : countText(Number(cell));
}

interface Sorting {
  readonly place: number;
  readonly direction: 'ascending' | 'descending';
}

function sortedRows({ rows }: Table, sorting: Sorting | undefined): readonly TableRow[] {
  if (sorting === undefined) return rows;
  const { place, direction } = sorting;
  const sign = direction === 'ascending' ? 1 : -1;
  return rows.toSorted((one, other) => {
    const [left, right] = [one.cells[place]!, other.cells[place]!];
    // What has no figure comes last, whichever way.
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * compare(left, right);
  });
}

function compare(left: string | number | bigint, right: string | number | bigint): number {
  if (typeof left === 'string' || typeof right === 'string') return String(left).localeCompare(String(right));
  return left < right ? -1 : Number(left > right);
}
