import { z } from 'zod';
import { amountRewriter } from '../../domain/amountForms.ts';
import { defaultBlankWords, longestBlankWord } from '../../domain/blankWords.ts';
import { isFault, readMoney, readUnits } from '../../domain/cells.ts';
import { dateLayout } from '../../domain/dateLayouts.ts';
import {
  encodings,
  formats,
  packings,
  plainFile,
  quotes,
  separators,
  type FileForm,
} from '../../domain/fileForm.ts';
import { reports as definitions, type ReportName } from '../../reports/index.ts';
import { section, wholeNumber, exportText, yesNo, oneOf, keysOf } from './kinds.ts';

const wantedBlankWord = 'a word that is not an amount: a cell of it has a value';

const blankWord = exportText('a word of at most 100 characters, in quotes', longestBlankWord).refine(
  isNoAmount,
  {
    error: wantedBlankWord,
  },
);

function isNoAmount(word: string): boolean {
  return isFault(readMoney(word)) && isFault(readUnits(word));
}

/** Words for blank that would be amounts in the form of the report's files. */
export function reportAmounts(
  { blankWords: words, file: form }: { readonly blankWords: readonly string[]; readonly file: FileForm },
  context: z.RefinementCtx,
): void {
  const rewrite = amountRewriter(form);
  const lists = Object.entries(form.blankWords).map(([column, own = []]) => ({
    list: own,
    path: ['file', 'blankWords', column],
  }));
  for (const { list, path } of [{ list: words, path: ['blankWords'] }, ...lists]) {
    for (const [index, word] of list.entries()) {
      const plain = rewrite(word);
      if (plain === undefined || isNoAmount(plain)) continue;
      context.addIssue({ code: 'custom', path: [...path, index], input: word, message: wantedBlankWord });
    }
  }
}

export const blankWords = z
  .array(blankWord, { error: 'a list of words, [] for none' })
  .max(50, { error: 'at most 50 words' })
  .default([...defaultBlankWords])
  .describe(
    'Words that mean blank where a cell holds nothing else, in columns of dates, days and amounts; [] for none.',
  );

/** A file with more lines than this before its header is another file. */
const mostLinesBeforeHeader = 50;

const wantedLayout =
  'a layout such as M/D/YYYY, YYYY-MM-DD or MM/DD/YYYY h:mm A, of YYYY YY MMMM MMM MM M DD D HH H hh h mm ss SSS A z Z, with something between those of one digit or two';

const layout = z
  .string({ error: wantedLayout })
  .refine((given) => dateLayout(given) !== undefined, { error: wantedLayout });

/** A mapping of some of these columns. */
function byColumn<Value extends z.ZodType>(columns: readonly string[], value: Value, wanted: string) {
  return z
    .strictObject(Object.fromEntries(columns.map((column) => [column, value.optional()])), {
      error: `a mapping of columns to ${wanted}`,
    })
    .default({});
}

const wantedCurrency =
  'a word of letters or a sign such as €, and neither CR nor DR: what it hides has no effect';

const currencyWord = exportText('a word, as text').refine(
  (word) => /^[\p{L}\p{Sc} ]+$/u.test(word) && !/^[CD]R$/i.test(word),
  { error: wantedCurrency },
);

function wordList(most: number, word = exportText('a word, as text')) {
  return z
    .array(word, { error: 'a list of words, [] for none' })
    .max(most, { error: `at most ${String(most)} words` })
    .default([]);
}

/** Each key is optional. */
export function file(report: ReportName) {
  const { columns, exportColumns } = definitions[report];
  const dated = columns.flatMap(({ name, cell }) => (cell.readDatesIn === undefined ? [] : [name]));
  return section({
    format: oneOf(formats)
      .default(plainFile.format)
      .describe(
        'xlsx: an Excel workbook. Of the settings for CSV only linesBeforeHeader and those of cells hold for it.',
      ),
    sheet: z
      .string({ error: 'the name of a sheet, as text' })
      .max(31, { error: 'the name of a sheet, of at most 31 characters' })
      .default(plainFile.sheet)
      .describe("The name of a workbook's sheet; '' for the first one."),
    packed: oneOf(packings)
      .default(plainFile.packed)
      .describe('gzip, or zip: an archive with one export in it.'),
    encoding: oneOf(encodings)
      .default(plainFile.encoding)
      .describe('The encoding of the text. A file in another one is refused.'),
    separator: oneOf(keysOf(separators))
      .default(plainFile.separator)
      .describe('What separates the cells of a row.'),
    quote: oneOf(keysOf(quotes))
      .default(plainFile.quote)
      .describe('The quotes around cells that contain a separator; none: quotes are characters like others.'),
    linesBeforeHeader: wholeNumber(0, mostLinesBeforeHeader, 'lines')
      .default(plainFile.linesBeforeHeader)
      .describe('Lines of other text, such as a title or sep=, before the header in every file.'),
    lastLineEnded: yesNo
      .default(plainFile.lastLineEnded)
      .describe(
        'false: this portal never ends the last line of a file. An export is then whole if the portal shows as many records.',
      ),
    emptyCellsAtEnd: yesNo
      .default(plainFile.emptyCellsAtEnd)
      .describe('true: rows may end with more separators than the header, with nothing between them.'),
    repeatedHeaders: yesNo
      .default(plainFile.repeatedHeaders)
      .describe(
        'true: the header stands again between the rows, as on each page. It is left out and counted.',
      ),
    totals: wordList(10).describe(
      'Words such as Total with which lines of totals begin at the end of the file. Their sums are checked; [] for none.',
    ),
    dates: byColumn(dated, layout, 'layouts of dates').describe(
      'How columns write their dates, where not as MM/DD/YYYY: M/D/YYYY, D.M.YYYY, YYYY-MM-DD HH:mm:ss, MM/DD/YYYY h:mm A z.',
    ),
    blankWords: byColumn(
      exportColumns,
      z.array(blankWord, { error: 'a list of words' }).max(50, { error: 'at most 50 words' }),
      'lists of words',
    ).describe('Words that mean blank in single columns, besides those of blankWords of the report.'),
    amounts: oneOf(['plain', 'accounting'])
      .default(plainFile.amounts)
      .describe('accounting: a cell of nothing but $ and a dash is zero, as spreadsheets show it.'),
    decimalMark: oneOf(['point', 'comma'])
      .default(plainFile.decimalMark)
      .describe('comma: amounts are written 1.234,56 or 1 234,56.'),
    credits: oneOf(['none', 'negative', 'positive'])
      .default(plainFile.credits)
      .describe('The sign of amounts that end in CR; DR is the other one. none: neither is read.'),
    currencyWords: wordList(10, currencyWord).describe(
      'Words beside amounts, such as USD, that change nothing; [] for none.',
    ),
  })
    .prefault({})
    .describe("What the portal's files are like, where they are not plain. Each key may be left out.");
}
