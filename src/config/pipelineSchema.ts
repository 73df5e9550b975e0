import { z } from 'zod';
import { amountRewriter } from '../domain/amountForms.ts';
import { defaultBlankWords, longestBlankWord } from '../domain/blankWords.ts';
import { isFault, readMoney, readUnits } from '../domain/cells.ts';
import { checkLevels } from '../domain/checks.ts';
import { dateLayout } from '../domain/dateLayouts.ts';
import { columnName } from '../domain/headings.ts';
import {
  encodings,
  formats,
  packings,
  plainFile,
  quotes,
  separators,
  type FileForm,
} from '../domain/fileForm.ts';
import type { IsoDate } from '../domain/dates.ts';
import { figureMeanings } from '../domain/figuresAre.ts';
import { dateFormOf, parsePattern, type FilePattern } from '../domain/filePatterns.ts';
import { mailDays } from '../domain/dashboardMails.ts';
import { sourceNamePattern } from '../domain/fileSources.ts';
import { byReport, reportNames, reports as definitions, type ReportName } from '../reports/index.ts';
import { isLoopback } from '../domain/loopback.ts';
import { foldCode } from '../domain/rules.ts';
import { plainServiceCode } from '../domain/serviceCodes.ts';
import { storedText } from '../domain/storedText.ts';
import type { SeeAlso } from './checkedYaml.ts';
import { nearestWord } from '../domain/nearestWord.ts';

/**
 * What config/pipeline.yaml may say: the only source of its check, its type and the JSON Schema that editors read. Keys
 * are required, so that the file alone shows how the pipeline is set. Keys added later are optional; their defaults are
 * in domain.md. Each `error` says what was wanted, and is read after "got …, wanted".
 */

/** The length of the tables' name columns, VARCHAR(160). */
const nameLimit = 160;

function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: `a mapping with the keys ${Object.keys(shape).join(', ')}` });
}

/** `most` catches typing mistakes: no real setting is larger. */
function wholeNumber(least: number, most: number, unit: string) {
  const error = `a whole number of ${unit} from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

function text(error: string, most = 100) {
  return z.string({ error }).trim().min(1, { error }).max(most, { error });
}

/** Names, codes and words that are compared with cells, and headings: in the form in which cells are read. */
function exportText(error: string, most = 100) {
  return text(error, most).overwrite(storedText);
}

const yesNo = z.boolean({ error: 'true or false' });

/** IANA zone names are case-sensitive: this machine ignores that, the Temporal server does not. */
const timeZone = z
  .string({ error: wantedZone })
  .refine(isTimeZone, { error: wantedZone })
  .describe('IANA name of the zone whose calendar days count, such as America/New_York.');

/** Whether it is an IANA name, written as this machine lists it; an alias such as US/Eastern is one too. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name)) return false;
  const known = knownZone(name);
  return known !== undefined && (known === name || known.toLowerCase() !== name.toLowerCase());
}

/** The name under which this machine lists the zone; for an alias such as US/Eastern it differs. */
function knownZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function wantedZone({ input }: { readonly input?: unknown }): string {
  const near = typeof input === 'string' ? nearestWord(input, Intl.supportedValuesOf('timeZone')) : undefined;
  const wanted = 'an IANA time zone such as America/New_York';
  return near === undefined ? wanted : `${wanted}; did you mean ${near}?`;
}

const effectiveDate = /\(\d{1,2}\/\d{1,2}\/\d{4}\)/;
const wantedCode = 'a service code without its effective date, as text (in quotes if it looks like a number)';

const serviceCode = exportText(wantedCode).refine((code) => !effectiveDate.test(code), { error: wantedCode });

const wantedGroup = 'a group number from 1 to 9 (0 is kept for services that no group names)';

const markedService = section({
  code: serviceCode,
  respite: yesNo.describe(
    'Whether the service is respite, which dashboards can hide. Once one service says so, true or false, all others are not.',
  ),
});

/** The code alone, or with further facts about the service. */
const service = z.union([serviceCode, markedService], { error: wantedCode });

const group = section({
  name: text('the name that dashboards show').describe('What dashboards call the group.'),
  services: z
    .array(service, { error: 'a list of service codes' })
    .min(1, { error: 'at least one service code' })
    .describe('Service codes, compared whole and ignoring case. Each may be in one group only.'),
});

const groups = z
  .record(z.string().regex(/^[1-9]$/), group, {
    error: (issue) => (issue.code === 'invalid_key' ? wantedGroup : 'a mapping of group numbers, 1 to 9'),
  })
  .superRefine((given, context) => {
    const codes = Object.entries(given).flatMap(([number, { services }]) =>
      services.map((each, index) => ({
        code: codeOf(each),
        place: `group ${number}`,
        path: [number, 'services', index],
      })),
    );
    reportDoubles(codes, context, ['groups']);
  })
  .describe('The groups that dashboards show services by.');

export function codeOf(given: z.output<typeof service>): string {
  return typeof given === 'string' ? given : given.code;
}

const excludedServices = z
  .array(serviceCode, { error: 'a list of service codes, [] for none' })
  .superRefine((given, context) => {
    const codes = given.map((code, index) => ({ code, place: 'this list', path: [index] }));
    reportDoubles(codes, context, ['excludedServices']);
  })
  .describe('Services whose rows are left out and counted. Compared whole and ignoring case; [] for none.');

interface PlacedCode {
  readonly code: string;
  readonly place: string;
  readonly path: (string | number)[];
}

function reportDoubles(codes: readonly PlacedCode[], context: z.RefinementCtx, parent: string[]): void {
  const first = new Map<string, PlacedCode>();
  for (const placed of codes) {
    const code = foldCode(plainServiceCode(placed.code));
    const earlier = first.get(code);
    if (earlier === undefined) {
      first.set(code, placed);
      continue;
    }
    const places =
      earlier.place === placed.place
        ? `twice in ${placed.place}`
        : `in ${placed.place} and in ${earlier.place}`;
    context.addIssue({
      code: 'custom',
      path: placed.path,
      message: `this service code is ${places}; keep one`,
      params: { seeAlso: [...parent, ...earlier.path] } satisfies SeeAlso,
    });
  }
}

const supervisors = section({
  lincsQp: exportText('the name of a QP as the portal exports it, LAST, FIRST', nameLimit).describe(
    'The QP that DS authorizations count for which PARTNERS does not pay.',
  ),
  deepCreekQp: exportText('the name of a QP as the portal exports it, LAST, FIRST', nameLimit).describe(
    'The QP who keeps those authorizations that name this person.',
  ),
});

const headings = z
  .array(exportText('a heading, as text'), { error: 'a list of headings' })
  .min(1, { error: 'at least one heading' })
  .describe('Other headings of this column, compared ignoring case and the number of spaces.')
  .optional();

function columnAliases(report: ReportName) {
  const columns = definitions[report].exportColumns;
  return z
    .strictObject(Object.fromEntries(columns.map((column) => [column, headings])), {
      error: 'a mapping of columns to lists of other headings, {} for none',
    })
    .superRefine((given, context) => {
      const parent = ['reports', report, 'columnAliases'];
      reportUnclear(placedHeadings(given), { columns, parent }, context);
    })
    .describe('Other headings under which the portal may export a column; {} for none.');
}

interface PlacedHeading {
  readonly heading: string;
  readonly column: string;
  readonly path: (string | number)[];
}

function placedHeadings(given: Readonly<Record<string, readonly string[] | undefined>>): PlacedHeading[] {
  return Object.entries(given).flatMap(([column, list = []]) =>
    list.map((heading, index) => ({ heading, column, path: [column, index] })),
  );
}

/** A heading must lead to exactly one column. */
function reportUnclear(
  placed: readonly PlacedHeading[],
  { columns, parent }: { columns: readonly string[]; parent: string[] },
  context: z.RefinementCtx,
): void {
  const first = new Map<string, PlacedHeading>(
    columns.map((column) => [column, { heading: column, column, path: [] }]),
  );
  for (const { heading, column, path } of placed) {
    const earlier = first.get(columnName(heading));
    if (earlier === undefined) {
      first.set(columnName(heading), { heading, column, path });
      continue;
    }
    const issue = { code: 'custom', path } as const;
    if (earlier.path.length === 0) {
      const message = `a heading that is not itself a column of the report, as ${earlier.column} is`;
      context.addIssue({ ...issue, input: heading, message });
      continue;
    }
    const places =
      earlier.column === column ? `twice under ${column}` : `under ${column} and under ${earlier.column}`;
    const params: SeeAlso = { seeAlso: [...parent, ...earlier.path] };
    context.addIssue({ ...issue, message: `this heading is ${places}; keep one`, params });
  }
}

const level = z.enum(checkLevels, { error: '"error" (the row is put aside) or "warning" (it is counted)' });

function checks(report: ReportName) {
  const names = Object.keys(definitions[report].checks);
  return section(Object.fromEntries(names.map((name) => [name, level]))).describe(
    'What becomes of a row that a check finds fault with: error puts it aside, warning loads and counts it.',
  );
}

const wantedBlankWord = 'a word that is not an amount: a cell of it has a value';

const blankWord = exportText('a word of at most 100 letters, in quotes', longestBlankWord).refine(
  isNoAmount,
  {
    error: wantedBlankWord,
  },
);

function isNoAmount(word: string): boolean {
  return isFault(readMoney(word)) && isFault(readUnits(word));
}

/** Words for blank that would be amounts in the form of the report's files. */
function reportAmounts(
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

const blankWords = z
  .array(blankWord, { error: 'a list of words, [] for none' })
  .max(50, { error: 'at most 50 words' })
  .default([...defaultBlankWords])
  .describe(
    'Words that mean blank where a cell holds nothing else, in columns of dates, days and amounts; [] for none.',
  );

function percent(most: number) {
  return wholeNumber(0, most, 'percent');
}

const gates = section({
  rejectedPercent: percent(100).describe(
    'A run is held if more than this share of its rows, those left out not counted, was put aside.',
  ),
  smallestRows: wholeNumber(0, 100_000, 'rows').describe(
    'Where both sides of a comparison have fewer rows than this, percentages of rows and dollars are not judged.',
  ),
  sameRejects: section({
    rows: wholeNumber(1, 100_000, 'rows'),
    percent: percent(100),
  })
    .default({ rows: 3, percent: 2 })
    .describe(
      'A run is held if all rows put aside have the same fault in the same column, from so many rows and such a share on.',
    ),
  statusSharePoints: wholeNumber(0, 100, 'percentage points')
    .default(8)
    .describe(
      'A run is held if the rows put aside could change the share of a status, such as Late, by more percentage points.',
    ),
  lastLoad: section({
    fewerPercent: percent(100),
    morePercent: percent(10_000),
  }).describe(
    'A run is held if its rows or dollars are so much fewer or more than the last load of the period.',
  ),
  median: section({
    periods: wholeNumber(1, 24, 'periods').describe(
      'How many earlier periods the median is of; with fewer in the tables it is not judged.',
    ),
    fewerPercent: percent(100),
    morePercent: percent(10_000),
  }).describe(
    'A run of an ended period is held if its rows or dollars are so far from the median of earlier periods.',
  ),
}).describe('When a run is held instead of loaded, until a person approves or rejects it.');

/** A file with more lines than this before its header is another file. */
const mostLinesBeforeHeader = 50;

function oneOf<const Word extends string>(words: readonly Word[]) {
  const list = words.map((word) => `"${word}"`);
  return z.enum(words, { error: `${list.slice(0, -1).join(', ')} or ${list.at(-1)!}` });
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[];
}

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
function file(report: ReportName) {
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
      .max(31, { error: 'the name of a sheet, of at most 31 letters' })
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
      .describe('The quotes around cells that contain a separator; none: quotes are letters like others.'),
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

const figuresAre = oneOf(figureMeanings)
  .default('authorization')
  .describe(
    'What the dollars of a row are of: the whole authorization, which each month that lists it repeats, or the part of the month.',
  );

interface Meaning extends z.ZodRawShape {
  readonly figuresAre: z.ZodOptional<typeof figuresAre>;
}

/** Only a report of authorizations can mean either: others do not have the key. */
function meaningOf(name: ReportName): Meaning {
  const given: z.ZodRawShape = definitions[name].history === undefined ? {} : { figuresAre };
  return given as Meaning;
}

function reportSection(name: ReportName) {
  return section({
    inUse: yesNo
      .optional()
      .describe('false: this portal has no such report. The daily run, doctor and alerts leave it out.'),
    ...meaningOf(name),
    refreshPeriods: wholeNumber(1, 24, 'periods').describe(
      'Periods that the daily run loads again: the due one and those before it, since staff go on signing and billing.',
    ),
    columnAliases: columnAliases(name),
    blankWords,
    decodeHtmlEntities: yesNo
      .default(false)
      .describe(
        'Whether HTML entities in cells, such as &eacute;, are decoded; they are counted in any case.',
      ),
    checks: checks(name),
    file: file(name),
    gates,
  }).superRefine(reportAmounts);
}

const reports = section(byReport(reportSection)).refine(
  (given) => reportNames.some((name) => given[name].inUse !== false),
  { error: 'at least one report with inUse: true' },
);

/** Clocks change between midnight and 03:00, in a few zones a little later. */
const earliestStart = '03:30';
const wantedStart =
  `a time from "${earliestStart}" to "23:59"; before that, a clock change makes the time happen twice or not ` +
  'at all on some days';

const schedule = section({
  at: z
    .string({ error: wantedStart })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: wantedStart })
    .refine((time) => time >= earliestStart, { error: wantedStart })
    .describe('When the daily run starts, HH:MM in the time zone of the organisation, 03:30 or later.'),
  catchUpDays: wholeNumber(1, 30, 'days').describe(
    'How far back runs are made up for that were due while the Temporal server was down.',
  ),
  executionTimeoutHours: wholeNumber(1, 168, 'hours').describe('A daily run that takes longer is ended.'),
  overlap: z
    .enum(['BUFFER_ONE', 'BUFFER_ALL', 'SKIP'], { error: '"BUFFER_ONE", "BUFFER_ALL" or "SKIP"' })
    .describe(
      'What becomes of a daily run that is due while one is running: one waits, all wait, it is left out.',
    ),
});

const wantedOrigin = 'an address of scheme and host alone, such as https://login.example.com';

const signInOrigin = z
  .string({ error: wantedOrigin })
  .refine(isProtectedOrigin, { error: `${wantedOrigin}; http:// on this machine only` });

function isProtectedOrigin(origin: string): boolean {
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(origin);
  const isBare = pathname === '/' && `${search}${hash}${username}${password}` === '';
  return isBare && (protocol === 'https:' || isLoopback(hostname));
}

function portal(recipeExists: (path: string) => boolean) {
  const wantedRecipe = 'the path of an existing recipe, counted from the folder of this file';
  const recipe = text(wantedRecipe, 4096)
    .refine(recipeExists, { error: wantedRecipe })
    .describe(
      'How to get the reports out of the portal: a recipe, its path counted from the folder of this file.',
    );
  const signInOrigins = z
    .array(signInOrigin, { error: `a list of origins, each ${wantedOrigin}` })
    .max(20, { error: 'at most 20 origins' })
    .optional()
    .describe(
      "Further origins where the sign-in may be entered and sent, such as a single sign-on's; beside the origin of EHR_PORTAL_URL.",
    );
  return section({
    recipe,
    signInOrigins,
    reports: section(
      byReport(() =>
        section({ recipe, signInOrigins })
          .optional()
          .describe(
            'A report with a recipe of its own, or in another portal: EHR_PORTAL_<REPORT>_URL and so on.',
          ),
      ),
    )
      .optional()
      .describe('Reports that need another recipe than the rest.'),
    idleSeconds: wholeNumber(1, 900, 'seconds').describe(
      'How long a session is kept for the next period before logging out.',
    ),
    attempts: wholeNumber(1, 10, 'attempts').describe(
      'How often a download is tried in all. A rejected password is never tried again.',
    ),
    retrySeconds: wholeNumber(1, 3600, 'seconds').describe(
      'The pause before the second attempt; each further one is twice as long.',
    ),
    showPatientData: yesNo.describe(
      'Whether the evidence of a failed step shows patient data instead of masking it.',
    ),
    exportMegabytes: wholeNumber(1, 100_000, 'megabytes')
      .optional()
      .describe(
        'The largest export that is taken; a larger one is broken off while it comes. 2048 unless said otherwise.',
      ),
    headless: yesNo.describe('false shows the browser window, to watch a recipe at work.'),
  });
}

/** One address and nothing around it; the mail server knows whether it exists. */
const mailAddress = /^[^\s@<>,;]+@[^\s@<>,;]+$/;
const wantedAddress = 'one mail address such as ops@example.org';
const wantedWebUi =
  "an address that begins with http:// or https://, without user and password, or '' for none";

function address() {
  return z
    .string({ error: wantedAddress })
    .max(320, { error: wantedAddress })
    .regex(mailAddress, { error: wantedAddress });
}

const dashboards = section({
  folder: text('the path of a folder, counted from the folder of this file', 4096).describe(
    'Where the files are written: a path counted from the folder of this file, which every worker reaches.',
  ),
  months: wholeNumber(1, 24, 'months').describe('How many months they show, up to the newest loaded one.'),
  perQp: yesNo.describe('Whether each QP gets a page of their own clients, besides the page of everyone.'),
  pdf: z
    .enum(['none', 'Letter', 'A4'], { error: '"none", "Letter" or "A4"' })
    .describe('The paper that each page is printed on as a PDF too, or none.'),
  names: yesNo.describe('true shows people by name, patient data, instead of by name code.'),
  mail: dashboardMail().optional(),
})
  .superRefine(({ perQp, pdf, mail }, context) => {
    for (const [index, recipient] of (mail?.recipients ?? []).entries()) {
      const { qp, send, patientData } = recipient;
      const wrong = (key: 'qp' | 'send', message: string) =>
        context.addIssue({
          code: 'custom',
          path: ['mail', 'recipients', index, key],
          input: recipient[key],
          message,
        });
      if (qp !== undefined && !perQp) wrong('qp', 'no qp, or perQp: true');
      if (send === 'pdf' && pdf === 'none') wrong('send', 'link or html, or pdf: Letter or A4');
      if (send !== 'link' && !patientData) {
        wrong('send', 'link, or patientData: true, since a page holds single authorizations and notes');
      }
    }
  })
  .describe('Dashboards that are written after each daily run. Without this section there are none.');

function dashboardMail() {
  const recipient = section({
    to: z
      .array(address(), { error: 'a list of mail addresses' })
      .min(1, { error: 'at least one mail address' })
      .max(20, { error: 'at most 20 mail addresses' })
      .describe('Who gets it, each in a mail of their own.'),
    qp: text('the code of a QP', 40)
      .optional()
      .describe('The code of the QP whose page it is. Without it: the page of everyone.'),
    send: z
      .enum(['link', 'html', 'pdf'], { error: '"link", "html" or "pdf"' })
      .describe('A link to the folder, or the page itself.'),
    every: z
      .enum(mailDays, { error: '"day", or a weekday such as "monday"' })
      .describe('After the daily run of every day, or of that weekday.'),
    patientData: yesNo
      .default(false)
      .describe(
        'true lets the mail hold the page, with its single authorizations and notes, and with names where names is true.',
      ),
  });
  return section({
    link: text('where people find the folder, such as an https address or a share', 1000).describe(
      'Where people find the folder: what a mail with a link says.',
    ),
    recipients: z
      .array(recipient, { error: 'a list of recipients' })
      .max(100, { error: 'at most 100 recipients' })
      .describe('Who gets which page. The mails go through the server that EHR_ALERT_SMTP_URL names.'),
  }).describe('Mails of the pages: docs/dashboards.md. From alerts.mail.from.');
}

/** Longer than any run may take, so that no file of one under way is old enough. */
const leastKeptDays = 7;

function keptDays() {
  return wholeNumber(leastKeptDays, 3650, 'days').describe('Days from the end of the run.');
}

function kept(what: string) {
  return section({
    days: keptDays(),
    versions: wholeNumber(1, 1000, 'versions').describe(
      'The newest published versions of each period keep theirs, however old.',
    ),
  }).describe(what);
}

const retention = section({
  exports: kept('Exports: `rerun` and `reload` read them again.'),
  intermediates: kept('Row files: `rollback` needs them. Those of runs without changes go at once.'),
  rejects: kept('Rejected rows, in the files and in the table: `rejects` shows them.'),
  ledgerDetail: kept('The rows that a load changed: `diff` shows them.'),
  refused: section({ days: keptDays() }).describe('Downloads that were refused.'),
  evidence: section({
    days: wholeNumber(leastKeptDays, 3650, 'days').describe('Days from the failure.'),
  })
    .optional()
    .describe('What the portal showed when a step failed. Without this they stay.'),
  dashboards: section({
    days: wholeNumber(leastKeptDays, 3650, 'days').describe('Days for which newer ones lie beside them.'),
  })
    .optional()
    .describe(
      'Files in dashboards.folder that the daily run no longer writes, such as the page of a QP who left. Without this they stay.',
    ),
}).describe(
  'How long files are kept; the last step of the daily run removes the others. Without this section nothing is removed. Figures, their history and the ledger stay for good.',
);

const alerts = section({
  webhook: z
    .enum(['none', 'slack', 'teams'], { error: '"none", "slack" or "teams"' })
    .describe('Whose incoming webhook EHR_ALERT_WEBHOOK_URL is the address of; none: no webhook.'),
  mail: section({
    from: address().describe('The sender of the mails.'),
    to: z
      .array(address(), { error: 'a list of mail addresses' })
      .max(20, { error: 'at most 20 mail addresses' })
      .describe('Who gets mail, through the server that EHR_ALERT_SMTP_URL names; []: no mail.'),
  }),
  everyMinutes: wholeNumber(1, 60, 'minutes').describe('How often the alert conditions are evaluated.'),
  missingAfterHours: wholeNumber(1, 20, 'hours').describe(
    'A run of a due period that has not ended so long after schedule.at is reported as missing.',
  ),
  remindAfterHours: wholeNumber(0, 720, 'hours').describe(
    'The interval of reminders while a condition lasts; 0: none.',
  ),
  webUi: z
    .string({ error: wantedWebUi })
    .refine(isWebUi, { error: wantedWebUi })
    .describe("Address of Temporal's Web UI, for a link to the run in each message; '': no link."),
}).describe('Who gets alerts, and when: docs/alerts.md. Off while there is no channel.');

function isWebUi(url: string): boolean {
  if (url === '') return true;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username === '' && password === '';
}

const wantedSourceName = 'a name of at most 32 letters a-z, digits and hyphens';
const wantedHostKey =
  "the fingerprint of the server's host key as ssh-keygen -l shows it: SHA256: and 43 characters";
const wantedPlace = 'either folder or sftp';

const sftp = section({
  host: text('the name or address of the SFTP server', 255)
    .regex(/^[\w.:-]+$/, { error: 'the name or address of the SFTP server, without sftp:// and port' })
    .describe('The name or address of the SFTP server.'),
  port: wholeNumber(1, 65_535, '').default(22).describe('22 unless said otherwise.'),
  user: text('the name to log in with', 100).describe('The name to log in with.'),
  folder: text('the path of a folder on the server', 1000).describe(
    "The folder that files are left in: a path as the server's user sees it.",
  ),
  hostKey: z
    .string({ error: wantedHostKey })
    .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, { error: wantedHostKey })
    .describe("The fingerprint of the server's host key. A server with another key is sent no password."),
});

const wantedPattern = 'the pattern of a name, such as notes-{YYYY-MM-DD}*.csv:';

const fileRule = z
  .strictObject(
    {
      pattern: z
        .string({ error: `${wantedPattern} a name` })
        .trim()
        .min(1, { error: `${wantedPattern} a name` })
        .superRefine((given, context) => {
          const pattern = parsePattern(given);
          if (typeof pattern !== 'string') return;
          context.addIssue({ code: 'custom', input: given, message: `${wantedPattern} a name ${pattern}` });
        })
        .describe(
          'What the names of the files are like, ignoring case: * is any text, and one of {YYYY-MM-DD}, {YYYYMMDD}, {MM-DD-YYYY}, {YYYY-MM}, {YYYYMM} a day or the month of the period.',
        ),
      report: z
        .enum(reportNames as [ReportName, ...ReportName[]], { error: `one of ${reportNames.join(', ')}` })
        .describe('The report that these files hold.'),
    },
    { error: 'a mapping with the keys pattern, report' },
  )
  .superRefine(({ pattern: given, report }, context) => {
    const pattern = parsePattern(given);
    const mistake = typeof pattern === 'string' ? undefined : dateMistake(pattern, report);
    if (mistake === undefined) return;
    context.addIssue({ code: 'custom', path: ['pattern'], input: given, message: mistake });
  });

/** Why the names that a pattern fits do not tell the period, if they have to. */
function dateMistake(pattern: FilePattern, report: ReportName): string | undefined {
  const form = dateFormOf(pattern);
  const { first, last } = definitions[report].dates;
  if (form === undefined) {
    return first === last
      ? undefined
      : `a pattern with the date of a day, such as {YYYY-MM-DD}: the rows of ${report} do not tell their period`;
  }
  return form.includes('DD') || isMonth(report)
    ? undefined
    : `a pattern with a day, such as {YYYY-MM-DD}: ${report} has more than one period in a month`;
}

/** Whether a month's first day is of the same period as all others. */
function isMonth(report: ReportName): boolean {
  const { from, to } = definitions[report].period.containing('2026-01-01' as IsoDate);
  return from <= '2026-01-01' && to >= '2026-01-31';
}

const source = z
  .strictObject(
    {
      name: z
        .string({ error: wantedSourceName })
        .regex(sourceNamePattern, { error: wantedSourceName })
        .describe('What messages and variables call it: EHR_SOURCE_<NAME>_PASSWORD.'),
      folder: text('the path of a folder, counted from the folder of this file', 4096)
        .optional()
        .describe('A folder that every worker reaches: a path counted from the folder of this file.'),
      sftp: sftp.optional().describe('A folder on an SFTP server.'),
      files: z
        .array(fileRule, { error: 'a list of patterns with their reports' })
        .min(1, { error: 'at least one pattern' })
        .max(20, { error: 'at most 20 patterns' })
        .describe(
          'Which files are taken, and as what. The first pattern that fits a name counts; others stay.',
        ),
    },
    { error: 'a mapping with the keys name, folder or sftp, files' },
  )
  .refine(({ folder, sftp: server }) => (folder === undefined) !== (server === undefined), {
    error: wantedPlace,
  });

const sources = section({
  everyMinutes: wholeNumber(1, 1440, 'minutes').describe('How often the places are looked at.'),
  quietSeconds: wholeNumber(1, 600, 'seconds')
    .default(10)
    .describe('A file is taken when its size and time have not changed for so long.'),
  places: z
    .array(source, { error: 'a list of places, [] for none' })
    .max(20, { error: 'at most 20 places' })
    .superRefine((given, context) => {
      const first = new Map<string, number>();
      for (const [index, { name }] of given.entries()) {
        const earlier = first.get(name);
        if (earlier === undefined) {
          first.set(name, index);
          continue;
        }
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: 'this name is there twice; keep one',
          params: { seeAlso: ['sources', 'places', earlier, 'name'] } satisfies SeeAlso,
        });
      }
    })
    .describe('Where files are left.'),
}).describe('Files that others leave for the pipeline: docs/files.md. Without this section none are taken.');

/** `recipeExists` gets `portal.recipe` as written. */
export function pipelineSchema(recipeExists: (path: string) => boolean) {
  return section({
    organisation: section({
      name: text('the name of the agency', 100)
        .optional()
        .describe('What dashboards call the agency; otherwise its id, where it has one.'),
      timeZone,
    }),
    groups,
    excludedServices,
    supervisors: supervisors.optional(),
    reports,
    portal: portal(recipeExists),
    backfill: section({
      concurrency: wholeNumber(1, 10, 'periods').describe(
        'Periods in work at the same time; the portal login is used by one at a time.',
      ),
      periodsPerRun: wholeNumber(1, 100, 'periods').describe(
        'Periods after which a backfill continues as a new run, to keep its history short.',
      ),
    }),
    schedule,
    dashboards: dashboards.optional(),
    sources: sources.optional(),
    retention: retention.optional(),
    alerts,
    runTimeoutHours: wholeNumber(1, 72, 'hours').describe(
      'A run of one report and period that takes longer is ended.',
    ),
    worker: section({
      shutdownGraceSeconds: wholeNumber(1, 3600, 'seconds').describe(
        'How long a worker that was asked to stop lets its steps finish.',
      ),
    }),
  }).refine(fitsRunInDailyRun, {
    path: ['schedule', 'executionTimeoutHours'],
    error: 'a daily run waits for the runs it starts, so it needs at least the hours of runTimeoutHours',
    params: { seeAlso: ['runTimeoutHours'] } satisfies SeeAlso,
    // Runs even if other settings are wrong, so that all mistakes are reported at once.
    when: ({ value }) => timeouts.safeParse(value).success,
  });
}

const timeouts = z.object({
  schedule: z.object({ executionTimeoutHours: z.number() }),
  runTimeoutHours: z.number(),
});

function fitsRunInDailyRun({ schedule: daily, runTimeoutHours }: z.output<typeof timeouts>): boolean {
  return daily.executionTimeoutHours >= runTimeoutHours;
}
