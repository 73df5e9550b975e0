import { plainAmounts, type AmountForm } from './amountForms.ts';

/** The form of a portal's files, if it is not the plain one; pipeline.yaml, reports.<name>.file. */
export interface FileForm extends AmountForm {
  readonly format: Format;
  /** The name of a workbook's sheet; empty: the first that can be seen. */
  readonly sheet: string;
  /** How the file is packed. */
  readonly packed: Packing;
  readonly encoding: Encoding;
  /** What separates the cells of a record. */
  readonly separator: Separator;
  /** What surrounds a cell that contains a separator or a line break. */
  readonly quote: Quote;
  /** Lines of other text, such as a title or `sep=,`, before the header of every file. */
  readonly linesBeforeHeader: number;
  /** False for a portal that never ends the last line of a file. */
  readonly lastLineEnded: boolean;
  /** Whether rows may end with more separators than the header, and nothing between them. */
  readonly emptyCellsAtEnd: boolean;
  /** Whether the header stands again between the rows, as on each page. */
  readonly repeatedHeaders: boolean;
  /** Words in the first cell of lines of totals, which stand at the end; none: there are no such lines. */
  readonly totals: readonly string[];
  /** Layouts of date columns, by column; see dateLayouts.ts. */
  readonly dates: Readonly<Record<string, string | undefined>>;
  /** Words that mean blank in one column, besides those of all. */
  readonly blankWords: Readonly<Record<string, readonly string[] | undefined>>;
}

export const formats = ['csv', 'xlsx'] as const;
export type Format = (typeof formats)[number];

export const packings = ['none', 'gzip', 'zip'] as const;
export type Packing = (typeof packings)[number];

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

export const separators = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
export type Separator = keyof typeof separators;

export const quotes = { double: '"', single: "'", none: undefined } as const;
export type Quote = keyof typeof quotes;

export const plainFile: FileForm = {
  format: 'csv',
  sheet: '',
  packed: 'none',
  encoding: 'utf-8',
  separator: 'comma',
  quote: 'double',
  linesBeforeHeader: 0,
  lastLineEnded: true,
  emptyCellsAtEnd: false,
  repeatedHeaders: false,
  totals: [],
  dates: {},
  blankWords: {},
  ...plainAmounts,
};

/** Settings that decide only whether a file can be read, not what is read from it. */
const withoutEffect: ReadonlySet<string> = new Set(['linesBeforeHeader', 'lastLineEnded']);

/** The settings by which a form differs from the plain one, by name. */
export function deviations(form: FileForm): Partial<FileForm> {
  const plain: Readonly<Record<string, unknown>> = { ...plainFile };
  return Object.fromEntries(
    Object.entries(form).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(plain[key])),
  );
}

/** Those of them that can change what is read from a file. */
export function readingDeviations(form: FileForm): [setting: string, value: unknown][] {
  return Object.entries(deviations(form))
    .filter(([key]) => !withoutEffect.has(key))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
