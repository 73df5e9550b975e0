import { reportNames, reports } from '../reports/index.ts';
import type { productWarnings } from '../reports/reservedNames.ts';

/** What each warning that any report may have counts; the part after a colon names the column or dimension. */
const meaningsOfAll: Readonly<Record<(typeof productWarnings)[number], string>> = {
  'unknown-service': 'rows of services that no group of pipeline.yaml names: they count in group 0',
  'service-code-brackets':
    'rows whose service code still ends in digits in brackets: add the code, or ask the portal vendor',
  'look-alike-names':
    'names that differ only by case, accents, spaces or the kind of an apostrophe: client lookalikes lists them',
  'html-entities':
    'rows with HTML entities such as &eacute; in this column; decodeHtmlEntities in pipeline.yaml decodes them',
  'ratio-too-large': 'members whose ratio of totals is NULL, since it fits no column',
  'extra-column': 'a column that the contract does not name: left out',
  'blank-rows': 'records of nothing but blanks: passed over, and in no other count',
  'repeated-headers': 'headers between the rows, as on each page: left out',
  'totals-lines': 'lines of totals at the end: their sums were compared with the rows',
  'totals-unchecked':
    'a column whose total could not be compared, since some row has no amount there; (line): a line with nothing to compare',
  'duplicate-row': 'rows that equal an earlier one',
};

const meanings: ReadonlyMap<string, string> = new Map(
  [meaningsOfAll, ...reportNames.map((name) => reports[name].warnings ?? {})].flatMap((each) =>
    Object.entries(each),
  ),
);

/** `warning unknown-service: 3 (rows of services …)`. */
export function warningLine(warning: string, count: number): string {
  const [kind = warning] = warning.split(':');
  const meaning = meanings.get(kind);
  const words = meaning === undefined ? '' : ` (${meaning})`;
  return `warning ${warning}: ${String(count)}${words}`;
}
