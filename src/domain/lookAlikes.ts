import type { CategorizedRows } from './categorize.ts';
import { nameCode } from './nameCodes.ts';
import { ownText } from '../rows/remembering.ts';
import type { ReportName } from './reports.ts';

/**
 * Names that differ only in what a reader overlooks stay two people, as exported, and are reported: by case, accents,
 * spaces, the kind of an apostrophe or a hyphen, or by characters that cannot be seen.
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

/** Look-alikes have the same folded text, and only they. */
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

/** Accents, white space, and characters that only steer how a text is shown. */
const marksAndInvisible = /[\p{M}\p{White_Space}\p{Cf}\p{Cc}]/gu;
const apostrophes = /[`\u00B4\u02B9\u02BB\u02BC\u2018\u2019\u201B\u2032\uA78C]/g;
const hyphens = /[\u2010-\u2015\u2212]/g;

/** Letters whose stroke no decomposition takes off. */
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

type NameOf<Report extends ReportName> = (row: CategorizedRows[Report]) => string | null;

/** The columns of people, by report. */
const nameColumns: { [Report in ReportName]: Readonly<Record<string, NameOf<Report>>> } = {
  utilization: { client: (row) => row.client, qp: (row) => row.qp },
  notes: {
    client: (row) => row.client,
    caregiver: (row) => row.caregiver,
    client_supervisor: (row) => row.clientSupervisor,
  },
};

/** Names of one column that look alike, by the code that they share or the first one's. */
export interface LookAlikes {
  readonly column: string;
  readonly code: string;
  readonly names: number;
}

/** Finds the look-alikes of a run, column by column. Memory grows with the number of different names. */
export class NameLists<Report extends ReportName> {
  readonly #columns: readonly (readonly [column: string, of: NameOf<Report>, names: Set<string>])[];

  constructor(report: Report) {
    const columns: Readonly<Record<string, NameOf<Report>>> = nameColumns[report];
    this.#columns = Object.entries(columns).map(([column, of]) => [column, of, new Set()]);
  }

  add(row: CategorizedRows[Report]): void {
    for (const [, of, names] of this.#columns) {
      const name = of(row);
      if (name !== null && !names.has(name)) names.add(ownText(name));
    }
  }

  lookAlikes(): LookAlikes[] {
    return this.#columns.flatMap(([column, , names]) =>
      lookAlikeGroups(names).map((group) => ({ column, code: nameCode(group[0]!), names: group.length })),
    );
  }
}
