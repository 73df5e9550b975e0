import { cellFaults, rowFaults } from '../domain/cells.ts';
import { scales } from '../domain/decimals.ts';
import { columnsOfMeasure, type Condition, type Measure } from './measures.ts';
import {
  isSummed,
  tableColumn,
  type DerivedColumn,
  type ExportColumn,
  type ReportDefinition,
  type TableColumn,
} from './report.ts';
import {
  addedColumns,
  idWords,
  productTables,
  productWarnings,
  sumNames,
  viewPrefix,
} from './reservedNames.ts';
import { sqlWords } from './sqlWords.ts';
import { isFigure, sumOf, type TableType } from './tableTypes.ts';

/**
 * Refuses a definition that could be written but not carried out: its names stand in tables, ids, settings and files,
 * and what adds up there must be able to. All mistakes at once, each with its place and what to do.
 * @throws TypeError
 */
export function assertDefinition(report: ReportDefinition, derived: Readonly<Record<string, DerivedColumn>>) {
  const mistakes = [
    ...reportNameMistakes(report),
    ...columnNameMistakes(report),
    ...repeatedColumns(report),
    ...personMistakes(report),
    ...derivedMistakes(report, derived),
    ...unknownColumns(report),
    ...dateAndServiceMistakes(report),
    ...moneyMistakes(report),
    ...reassignedMistakes(report),
    ...checkMistakes(report),
    ...warningMistakes(report),
    ...Object.keys(report.dimensions).flatMap((name) => dimensionMistakes(name, report)),
    ...measureColumnNames(report).flatMap(([place, name]) => rollupColumnMistakes(place, name, report)),
    ...repeatedMeasures(report),
    ...Object.entries(report.measures).flatMap(([name, measure]) => measureMistakes(name, measure, report)),
    ...historyMistakes(report),
    ...widthMistakes(report),
  ];
  if (mistakes.length === 0) return;
  const lines = mistakes.map((mistake) => `\n- ${mistake}`);
  throw new TypeError(
    `the definition of the report ${JSON.stringify(report.name)} cannot work:${lines.join('')}`,
  );
}

/**
 * Refuses reports whose tables would be the same.
 * @throws TypeError
 */
export function assertTablesApart(definitions: readonly ReportDefinition[]): void {
  const tables = definitions.flatMap(tablesOf);
  const [table] = repeated(tables);
  if (table !== undefined) {
    throw new TypeError(
      `two reports of src/reports/index.ts have the table ${table}: list each report once, and name its tables otherwise`,
    );
  }
}

function tablesOf({ name, history }: ReportDefinition): string[] {
  return [name, `${name}_summary`, ...(history === undefined ? [] : [history.table])];
}

/** Length of the name of a table or column in MySQL, and of `rejected_row.column_name`. */
const mostCharacters = 64;
/** Length of the columns that name a report, such as `pipeline_run.report`. */
const mostReportCharacters = 20;
/** Length of `dimension` in a roll-up table. */
const mostDimensionCharacters = 16;
/** Length of the name of a history's table, whose index adds `_item`. */
const mostHistoryCharacters = mostCharacters - '_item'.length;
/** Length of `rejected_row.rule`; the next is that of its reason. */
const mostRuleCharacters = 64;
const mostReasonCharacters = 500;
/** Length of a name that stands in a cell of a table on the screen. */
const mostPersonCharacters = 40;
/** Bytes of a row in MySQL and MariaDB, whatever the storage engine. */
const mostRowBytes = 65_535;

const wordForm = /^[a-z][a-z0-9_]*$/;
const ruleForm = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What is wrong with the name of a table or column. */
function sqlNameMistakes(place: string, name: string, most: number): string[] {
  return sqlWords.has(name)
    ? [`${place}: ${name} is a word of SQL, which every query would have to quote: choose another name`]
    : nameMistakes(place, name, most);
}

function nameMistakes(place: string, name: string, most: number): string[] {
  if (wordForm.test(name) && name.length <= most) return [];
  return [
    `${place}: ${JSON.stringify(name)} is no name that tables and ids can hold: write 1 to ${String(most)} small letters, digits and _, a letter first`,
  ];
}

function reportNameMistakes({ name, settledAfterDays, history }: ReportDefinition): string[] {
  const reserved: readonly string[] = idWords;
  return [
    ...sqlNameMistakes('name', name, mostReportCharacters),
    ...(reserved.includes(name)
      ? [`name: ${name} begins ids of the product's own: choose another name`]
      : []),
    ...tableMistakes('name', name),
    ...(history === undefined
      ? []
      : [
          ...sqlNameMistakes('history.table', history.table, mostHistoryCharacters),
          ...tableMistakes('history.table', history.table),
        ]),
    ...(Number.isInteger(settledAfterDays) && settledAfterDays >= 0
      ? []
      : ['settledAfterDays: must be a whole number of days, 0 or more']),
  ];
}

function tableMistakes(place: string, table: string): string[] {
  const taken = (productTables as readonly string[]).includes(table) || table.startsWith(viewPrefix);
  return taken ? [`${place}: ${table} is a table or a view of the product: choose another name`] : [];
}

function columnNameMistakes({ columns, rowColumns }: ReportDefinition): string[] {
  const reserved: readonly string[] = addedColumns.rows;
  const own = rowColumns.filter((column) => column !== 'source_line');
  const exported = columns.map((column) => column.name).filter((column) => !own.includes(column));
  return [...own, ...exported].flatMap((column) => {
    const place = columns.some(({ name }) => name === column) ? `columns.${column}` : `column ${column}`;
    const form = sqlNameMistakes(place, column, mostCharacters).map(
      (mistake) => `${mistake}; pipeline.yaml's columnAliases can give it any other heading of the export`,
    );
    const taken = reserved.includes(column) || sumNames.test(column);
    return form.concat(
      taken ? [`${place}: the load itself adds ${column} to the rows: give the column another name`] : [],
    );
  });
}

function repeatedColumns({ rowColumns }: ReportDefinition): string[] {
  return repeated(rowColumns).map(
    (column) => `column ${column}: two columns of the table have this name: give one of them another`,
  );
}

function personMistakes({ columns }: ReportDefinition): string[] {
  return columns.flatMap(({ name, cell, person, stored, also }) => {
    const further = Object.entries({ person, also }).filter(([, each]) => each !== undefined);
    if (stored === false && further.length > 0) {
      const words = further.map(([key]) => key).join(' and ');
      return [`columns.${name}: nothing is stored of it, so it has no ${words}: remove stored: false`];
    }
    return person !== undefined && cell.holds !== 'name'
      ? [`columns.${name}.person: only a name has a code and a key: use the cell kind name, or remove person`]
      : [];
  });
}

/** A derived column may replace one of the export, which keeps its place and its type. */
function derivedMistakes(
  { people, storedCells }: ReportDefinition,
  derived: Readonly<Record<string, DerivedColumn>>,
): string[] {
  const personal = new Set(people.flatMap(({ code, key }) => [code, key]));
  return Object.entries(derived).flatMap(([name, { type, required }]) => {
    const replaced = storedCells.find((cell) => cell.name === name);
    if (personal.has(name)) {
      return [`derived.${name}: a person's code and key are made already: remove it`];
    }
    if (replaced !== undefined && !isSameType(replaced.type, type)) {
      return [
        `derived.${name}: replaces a column of another type: give it that column's type, or another name`,
      ];
    }
    return replaced?.required === true && required !== true
      ? [`derived.${name}: replaces a required column: add required: true`]
      : [];
  });
}

function isSameType(one: TableType, other: TableType): boolean {
  return JSON.stringify(one, Object.keys(one).sort()) === JSON.stringify(other, Object.keys(other).sort());
}

/** Every place of a definition that names a column of the table. */
function columnsNamed(report: ReportDefinition): (readonly [place: string, column: string])[] {
  const { dates, service, key, history, ownedBy, dimensions, measures, gateOn, reassigned } = report;
  return [
    ...Object.entries(dates).flatMap(([end, column]) => placed(`dates.${end}`, column)),
    ...placed('service', service),
    ...placed('key', ...key),
    ...placed('gateOn', gateOn),
    ...placed('reassigned.column', reassigned?.column),
    ...placed('reassigned.dollars', reassigned?.dollars),
    ...placed('ownedBy.column', ownedBy?.column),
    ...placed('ownedBy.ownerKey', ownedBy?.ownerKey),
    ...placed('history.key', ...(history?.key ?? [])),
    ...placed('history.lastDay', history?.lastDay),
    ...placed('history.figures', ...(history?.figures ?? [])),
    ...Object.entries(dimensions).flatMap(([name, column]) => placed(`rollups.dimensions.${name}`, column)),
    ...Object.entries(measures).flatMap(([name, measure]) =>
      placed(`rollups.measures.${name}`, ...columnsOfMeasure(measure)),
    ),
  ];
}

function placed(
  place: string,
  ...columns: readonly (string | null | undefined)[]
): (readonly [place: string, column: string])[] {
  return columns.flatMap((column) => (typeof column === 'string' ? [[place, column] as const] : []));
}

function unknownColumns(report: ReportDefinition): string[] {
  const { rowColumns, columns, key } = report;
  const unknown = columnsNamed(report).filter(([, column]) => !rowColumns.includes(column));
  return [
    ...new Set(
      unknown.map(([place, column]) => {
        const isExported = columns.some(({ name }) => name === column);
        return isExported
          ? `${place}: the column ${column} is not stored: remove its stored: false, or name another`
          : `${place}: there is no column ${column}: name one of ${rowColumns.join(', ')}`;
      }),
    ),
    ...(key.length === 0 ? ['key: is empty, so that any two rows would be the same one: name a column'] : []),
  ];
}

function dateAndServiceMistakes({ columns, dates, service }: ReportDefinition): string[] {
  const columnOf = (name: string) => columns.find((column) => column.name === name);
  const noDays = Object.entries(dates).filter(([, name]) => {
    const column = columnOf(name);
    return column !== undefined && !isDay(column);
  });
  const services = service === null ? undefined : columnOf(service);
  return [
    ...noDays.map(([end, name]) => `dates.${end}: ${name} holds no days: name a column of the cell kind day`),
    ...(services !== undefined && services.cell.holds !== 'code'
      ? [`service: ${services.name} holds no codes: name a column of the cell kind serviceCode`]
      : []),
  ];
}

function isDay({ cell }: ExportColumn): boolean {
  return cell.type.sql === 'date' && cell.stored === undefined;
}

function moneyMistakes(report: ReportDefinition): string[] {
  const { gateOn, ownedBy, people } = report;
  const gated = gateOn === null ? undefined : tableColumn(report, gateOn);
  return [
    ...(gated !== undefined && !(isSummed(gated) && scaleOf(gated) === scales.dollars)
      ? [`gateOn: ${gated.name} holds no dollars: name a column of dollars, or null`]
      : []),
    ...(ownedBy !== undefined && people.every(({ key }) => key !== ownedBy.ownerKey)
      ? [`ownedBy.ownerKey: ${ownedBy.ownerKey} is no person's key: name the key column of a person`]
      : []),
    ...(ownedBy === undefined ? [] : ruleMistakes('ownedBy.warning', ownedBy.warning)),
  ];
}

function reassignedMistakes({ reassigned, people, moneyColumns }: ReportDefinition): string[] {
  if (reassigned === undefined) return [];
  const { column, countsFor, dollars } = reassigned;
  return [
    ...(people.some((person) => person.column === column)
      ? []
      : [`reassigned.column: ${column} names no person: name a column that has person`]),
    ...wordsMistakes('reassigned.countsFor', countsFor, mostPersonCharacters),
    ...(moneyColumns.includes(dollars)
      ? []
      : [`reassigned.dollars: ${dollars} is no column of dollars of the export: name one`]),
  ];
}

const productRules: ReadonlySet<string> = new Set([
  ...Object.values({ ...cellFaults, ...rowFaults }).map(({ rule }) => rule),
  ...productWarnings,
]);

function ruleMistakes(place: string, rule: string): string[] {
  if (!ruleForm.test(rule) || rule.length > mostRuleCharacters) {
    return [
      `${place}: ${JSON.stringify(rule)} is no name of a rule: write 1 to ${String(mostRuleCharacters)} small letters, digits and single hyphens`,
    ];
  }
  return productRules.has(rule) ? [`${place}: ${rule} is a rule of every report: choose another name`] : [];
}

function checkMistakes({ checks }: ReportDefinition): string[] {
  return Object.entries(checks).flatMap(([rule, { reason }]) =>
    ruleMistakes(`checks.${rule}`, rule).concat(
      wordsMistakes(`checks.${rule}.reason`, reason, mostReasonCharacters),
    ),
  );
}

function warningMistakes({ warnings = {} }: ReportDefinition): string[] {
  return Object.entries(warnings).flatMap(([rule, words]) =>
    ruleMistakes(`warnings.${rule}`, rule).concat(
      wordsMistakes(`warnings.${rule}`, words, mostReasonCharacters),
    ),
  );
}

function wordsMistakes(place: string, words: string, most: number): string[] {
  const fits = words.length >= 1 && words.length <= most;
  return fits ? [] : [`${place}: must have 1 to ${String(most)} characters`];
}

function dimensionMistakes(name: string, report: ReportDefinition): string[] {
  const place = `rollups.dimensions.${name}`;
  const column = tableColumn(report, report.dimensions[name]!);
  return [
    ...nameMistakes(place, name, mostDimensionCharacters),
    ...(name === 'total'
      ? [`${place}: every report has the dimension total: remove it, or name it otherwise`]
      : []),
    ...(column !== undefined && (scaleOf(column) ?? 0) > 0
      ? [
          `${place}: ${column.name} holds amounts, which are no members: name a column of text or whole numbers`,
        ]
      : []),
  ];
}

/** A count may have two names. */
function measureColumnNames({ measures }: ReportDefinition): (readonly [place: string, column: string])[] {
  return Object.entries(measures).flatMap(([name, measure]) => {
    const place = `rollups.measures.${name}`;
    return measure.kind === 'count' && measure.alsoAs !== undefined
      ? [[place, name] as const, [`${place}.alsoAs`, measure.alsoAs] as const]
      : [[place, name] as const];
  });
}

function rollupColumnMistakes(place: string, name: string, { measures }: ReportDefinition): string[] {
  // A word of SQL is an old name, beside one that needs no quotes.
  const measure = measures[name];
  const isOldName = measure?.kind === 'count' && measure.alsoAs !== undefined;
  const added: readonly string[] = addedColumns.rollups;
  return [
    ...(isOldName ? nameMistakes : sqlNameMistakes)(place, name, mostCharacters),
    ...(added.includes(name) || sumNames.test(name)
      ? [`${place}: every roll-up has ${name} already: give the measure another name`]
      : []),
  ];
}

function repeatedMeasures(report: ReportDefinition): string[] {
  return repeated(measureColumnNames(report).map(([, name]) => name)).map(
    (name) =>
      `rollups.measures.${name}: two columns of the roll-ups have this name: give one of them another`,
  );
}

function measureMistakes(name: string, measure: Measure, report: ReportDefinition): string[] {
  const place = `rollups.measures.${name}`;
  const where = 'where' in measure ? measure.where : undefined;
  const added = figuresOf(measure).flatMap((column) => tableColumn(report, column) ?? []);
  const texts = added.filter(({ type }) => !isFigure(type));
  const figureScales = new Set(added.map(scaleOf));
  return [
    ...texts.map((column) => `${place}: ${column.name} holds no figures: name a column of figures`),
    ...(texts.length === 0 && figureScales.size > 1
      ? [
          `${place}: adds up ${added.map((column) => column.name).join(', ')}, which have other decimals: name columns of one kind`,
        ]
      : []),
    ...(where === undefined ? [] : conditionMistakes(place, where, report)),
  ];
}

function figuresOf(measure: Measure): string[] {
  switch (measure.kind) {
    case 'count':
      return [];
    case 'sum':
      return Object.keys(measure.of);
    case 'average':
      return [measure.of];
    case 'ratio':
      return [...measure.of, measure.to];
  }
}

/** The step compares a cell as it is, the database by its type: both must mean the same. */
function conditionMistakes(place: string, where: Condition, report: ReportDefinition): string[] {
  const column = tableColumn(report, where.column);
  if (column === undefined) return [];
  if ('is' in where) {
    return isFigure(column.type)
      ? [`${place}: ${column.name} is numeric, and \`is\` compares text: use has: 'something'`]
      : [];
  }
  const isSigned = where.has === 'below zero' || where.has === 'above zero';
  return isSigned && !isFigure(column.type)
    ? [`${place}: ${column.name} holds text, and has: '${where.has}' compares numbers: name a numeric column`]
    : [];
}

/** The history outlives the rows, so nobody could remove or rename a person in it. */
function historyMistakes(report: ReportDefinition): string[] {
  const { history, people, summedColumns, rowColumns } = report;
  if (history === undefined) return [];
  const { table, key, lastDay, figures } = history;
  const personal = new Set(people.flatMap((person) => [person.column, person.code, person.key]));
  const named = [...key, lastDay].filter((column) => personal.has(column));
  const blank = key.filter((column) => tableColumn(report, column)?.required === false);
  const unsummed = figures.filter((column) => rowColumns.includes(column) && !summedColumns.includes(column));
  const last = tableColumn(report, lastDay);
  const added: readonly string[] = addedColumns.history;
  const columns = [...key, lastDay, ...figures];
  return [
    ...named.map(
      (column) => `history: ${table} outlives the rows and must not hold people: remove ${column}`,
    ),
    ...blank.map((column) => `history.key: ${column} may be blank, which no key may be: make it required`),
    ...unsummed.map((column) => `history.figures: ${column} has no total: name a column that adds up`),
    ...(last !== undefined && last.type.sql !== 'date'
      ? [`history.lastDay: ${lastDay} holds no days: name a column of the cell kind day`]
      : []),
    ...(key.length === 0
      ? ['history.key: is empty: name what makes rows of several days the same item']
      : []),
    ...repeated(columns).map((column) => `history: ${column} is there twice: name it once`),
    ...columns
      .filter((column) => added.includes(column))
      .map((column) => `history: ${table} has a column ${column} of its own: give the report's another name`),
  ];
}

function widthMistakes({ name, tableColumns }: ReportDefinition): string[] {
  const bytes = tableColumns.reduce((sum, { type }) => sum + bytesOf(type), 0);
  return bytes <= mostRowBytes
    ? []
    : [
        `columns: a row of ${name} could take ${String(bytes)} bytes, more than the ${String(mostRowBytes)} of MySQL: leave columns out`,
      ];
}

/** At most, with four bytes a letter and what MySQL adds. */
function bytesOf(type: TableType): number {
  return isFigure(type) ? (type.precision ?? sumOf(type).precision!) : (type.length ?? 2) * 4 + 2;
}

function scaleOf({ type }: TableColumn): number | undefined {
  return isFigure(type) ? type.scale : undefined;
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
