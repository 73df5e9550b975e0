import type { LookAlikes } from '../domain/runWarnings.ts';
import { nameCode } from '../domain/nameCodes.ts';
import type { ColumnsOf } from './rollups.ts';
import type { Cell, ReportDefinition } from '../reports/report.ts';
import { ownText } from './remembering.ts';

/**
 * Names that differ only in ways that a reader overlooks stay two people, as exported, and are reported. The
 * differences: case, accents, spaces, the kind of apostrophe or hyphen, and invisible characters.
 */
export function lookAlikeGroups(names: Iterable<string>): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const folded = foldLookAlikes(name);
    const group = groups.get(folded);
    if (group === undefined) groups.set(folded, [name]);
    else group.push(name);
  }
  return Array.from(groups.values()).filter((group) => group.length > 1);
}

/** Look-alikes, and only they, have the same folded text. */
function foldLookAlikes(name: string): string {
  return name
    .normalize('NFKD')
    .replace(marksAndInvisible, '')
    .toUpperCase()
    .toLowerCase()
    .replace(stroked, (letter) => plainLetters[letter]!)
    .replace(apostrophes, "'")
    .replace(hyphens, '-');
}

/** Accents, white space, and characters that only control how a text is shown. */
const marksAndInvisible = /[\p{M}\p{White_Space}\p{Cf}\p{Cc}]/gu;
const apostrophes = /[`\u00B4\u02B9\u02BB\u02BC\u2018\u2019\u201B\u2032\uA78C]/g;
const hyphens = /[\u2010-\u2015\u2212]/g;

/** Letters whose stroke no decomposition removes. */
const plainLetters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
  æ: 'ae',
  œ: 'oe',
};
const stroked = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'g');

/** Finds the look-alikes of a run, column by column. Memory grows with the number of different names. */
export class NameLists<Row> {
  readonly #columns: readonly (readonly [column: string, of: (row: Row) => Cell, names: Set<string>])[];

  constructor({ people }: ReportDefinition, columnsOf: ColumnsOf<Row>) {
    this.#columns = people.map(({ column }) => [column, columnsOf(column), new Set()]);
  }

  add(row: Row): void {
    for (const [, of, names] of this.#columns) {
      const name = of(row);
      if (typeof name === 'string' && !names.has(name)) names.add(ownText(name));
    }
  }

  lookAlikes(): LookAlikes[] {
    return this.#columns.flatMap(([column, , names]) =>
      lookAlikeGroups(names).map((group) => ({ column, code: nameCode(group[0]!), names: group.length })),
    );
  }
}
