import { z } from 'zod';

/** The places where a person, and a recipe, passes through the portal, in order. */
export const steps = [
  'login',
  'app',
  'navigation',
  'billing',
  'reports',
  'query',
  'export',
  'progress',
  'download',
  'logout',
] as const;
export type Step = (typeof steps)[number];

/**
 * How a fault is set. `switch`: on or off. `step`: the step it strikes, `true` for whichever comes next.
 * `number`: a size, null for off. `permission`: what the account may not do, `true` for seeing the reports.
 * `factor`: what the portal asks for besides the password, `true` for a code by e-mail. `often`: at the first
 * chance on each page, or at each chance; `true` for the former.
 */
const kinds = {
  switch: z.boolean(),
  step: z.union([z.boolean(), z.enum(steps)]),
  number: z.number().int().min(0).nullable(),
  permission: z.union([z.boolean(), z.enum(['report', 'export', 'cells'])]),
  factor: z.union([z.boolean(), z.enum(['email', 'sms', 'push', 'question'])]),
  often: z.union([z.boolean(), z.enum(['first', 'each'])]),
} as const;

/** Once: it is off again after it has struck. Always: until someone turns it off. */
type Frequency = 'once' | 'always';

/** The file that makes it happen. */
type Place =
  | 'serve.ts'
  | 'guard.ts'
  | 'sign-in.ts'
  | 'pages.ts'
  | 'app-api.ts'
  | 'export-jobs.ts'
  | 'delivery.ts'
  | 'browser/app.js'
  | 'browser/ext.js'
  | 'browser/reports.js';

interface FaultRow {
  readonly kind: keyof typeof kinds;
  readonly frequency: Frequency;
  readonly place: Place;
  /** What a person at the screen would see. */
  readonly description: string;
}

function row<K extends FaultRow['kind'], P extends Place>(
  kind: K,
  frequency: Frequency,
  place: P,
  description: string,
) {
  return { kind, frequency, place, description } as const;
}

/**
 * Every way the portal can misbehave. A new fault is a line here and its behaviour in the file it names; the
 * settings, their check, the control API and the journal follow from the table. test/real/portal/faults.test.ts
 * walks it; test/real/portal/fixtures/stepFaults.ts or productFaults.ts must say how each fault has to end.
 */
// oxfmt-ignore
export const faults = {
  // Network and server
  slow:                  row('number', 'always', 'guard.ts', 'each answer takes this many milliseconds longer'),
  noConnection:          row('switch', 'always', 'serve.ts', 'every connection is closed before a request is heard'),
  connectionReset:       row('step', 'once', 'serve.ts', 'the connection breaks instead of an answer'),
  http500Once:           row('step', 'once', 'guard.ts', 'one request is answered with an error page (HTTP 500)'),
  http500Always:         row('step', 'always', 'guard.ts', 'the step is always answered with an error page (HTTP 500)'),
  maintenancePage:       row('switch', 'always', 'guard.ts', 'every page says that the system is under maintenance'),
  redirectLoop:          row('switch', 'always', 'guard.ts', 'the app sends a signed-in browser round in circles'),

  // Session
  logoutDuring:          row('step', 'once', 'guard.ts', 'the session ends in the middle of the step'),
  sessionTakenOver:      row('step', 'once', 'guard.ts', 'the same user signs in elsewhere and this session ends'),
  expiredPage:           row('step', 'once', 'guard.ts', 'the session ends, and a page with status 200 says so whatever was asked for'),

  // Signing in
  slowLogin:             row('number', 'always', 'sign-in.ts', 'the answer to the password takes this many milliseconds longer'),
  passwordRefused:       row('switch', 'always', 'sign-in.ts', 'no password is the right one'),
  accountLocked:         row('switch', 'always', 'sign-in.ts', 'every account is locked'),
  passwordExpired:       row('switch', 'always', 'sign-in.ts', 'a right password leads to a page that asks for a new one'),
  mfaAsked:              row('switch', 'always', 'sign-in.ts', 'a right password leads to a page that asks for a TOTP code'),
  otherFactorAsked:      row('factor', 'always', 'sign-in.ts', 'a right password leads to a page that asks for what no program has'),
  cookieBanner:          row('switch', 'always', 'pages.ts', 'a bar about cookies covers every page until it is answered'),

  // The account's rights
  permissionMissing:     row('permission', 'always', 'app-api.ts', 'the picker lacks our reports, there is no Export button, or cells show ***'),
  rowsHidden:            row('switch', 'always', 'delivery.ts', 'the account sees one record in three, on the screen and in the file'),

  // Another layout
  changedIds:            row('switch', 'always', 'browser/ext.js', 'every element id has another form after an update'),
  renamedLabel:          row('switch', 'always', 'app-api.ts', 'the field "Start Date" is called "From Date" after an update'),
  movedButtons:          row('switch', 'always', 'browser/reports.js', 'Run Report stands above the form, Export below the grid'),
  countNotShown:         row('switch', 'always', 'browser/reports.js', 'the result no longer says how many records there are'),

  // Windows
  dialogInTheWay:        row('switch', 'always', 'app-api.ts', 'a dialog "What\'s new" covers the page as Reports opens'),
  idleWarning:           row('switch', 'always', 'browser/app.js', 'a dialog warns that the session ends soon, in the middle of work'),
  popupWindow:           row('switch', 'always', 'browser/reports.js', 'a survey opens in a window of its own, before all others'),
  reportsInNewTab:       row('switch', 'always', 'browser/app.js', 'Reports opens in a new tab'),
  alertShown:            row('switch', 'always', 'browser/reports.js', 'an alert says that the report is ready'),
  confirmAsked:          row('switch', 'always', 'browser/reports.js', 'the browser asks whether to go on with the export'),
  leaveQuestion:         row('switch', 'always', 'browser/reports.js', 'the browser asks whether to leave the page'),

  // The form
  pickerLoadsLate:       row('switch', 'always', 'browser/ext.js', 'the picker\'s list stays empty until it is opened again'),
  focusJumps:            row('often', 'always', 'browser/reports.js', 'the focus leaves the start date while it is being typed'),
  dateFieldIgnoresTyping: row('switch', 'always', 'browser/reports.js', 'the date fields take a date from their calendar only'),
  dateFieldReformats:    row('switch', 'always', 'browser/reports.js', 'the date fields show the day before the month'),
  dateFieldResets:       row('switch', 'always', 'browser/reports.js', 'the start date falls back to its default as the end date is left'),
  pageReloads:           row('switch', 'once', 'browser/reports.js', 'the page loads itself again in the middle of the form'),

  // The query
  tooBusy:               row('switch', 'once', 'app-api.ts', 'the report is not run: "the report server is busy"'),
  loadingNeverEnds:      row('switch', 'always', 'browser/reports.js', 'the mask "Loading..." stays over the result'),
  unfilteredFirst:       row('switch', 'always', 'browser/reports.js', 'the result of other dates, with its Export, shows before the one asked for'),
  noRows:                row('switch', 'always', 'delivery.ts', 'nothing is found, and the file has a header only'),
  firstRowsOnly:         row('number', 'always', 'delivery.ts', 'only this many rows are shown and exported, and a line says so'),

  // The export
  neverFinishes:         row('switch', 'always', 'export-jobs.ts', 'the export stops at 45 %'),
  exportQueued:          row('number', 'always', 'export-jobs.ts', 'the export waits in a queue for this many milliseconds'),
  exportFails:           row('switch', 'always', 'app-api.ts', 'the export ends with "The export could not be created."'),
  duplicateDownload:     row('switch', 'always', 'browser/reports.js', 'one click brings the file twice'),
  strayDownload:         row('switch', 'always', 'browser/reports.js', 'a leaflet (PDF) comes before the file'),

  // The file on its way
  cutAtByte:             row('number', 'always', 'delivery.ts', 'the connection breaks after this many bytes of the file'),
  cutUnannounced:        row('number', 'always', 'delivery.ts', 'the file, whose length was not announced, ends after this many bytes'),
  downloadStalls:        row('number', 'always', 'delivery.ts', 'nothing comes after this many bytes of the file'),
  sentCompressed:        row('switch', 'always', 'delivery.ts', 'the file travels compressed (Content-Encoding: gzip)'),
  downloadRenamed:       row('switch', 'always', 'delivery.ts', 'the file has another name, without an ending'),

  // The file
  wrongReportDelivered:  row('switch', 'always', 'delivery.ts', 'the file holds the other report'),
  wrongDatesDelivered:   row('switch', 'always', 'delivery.ts', 'the file holds the period before'),
  staleFile:             row('switch', 'always', 'delivery.ts', 'the file is the one delivered last time'),
  emptyFile:             row('switch', 'always', 'delivery.ts', 'the file has no bytes at all'),
  headerOnly:            row('switch', 'always', 'delivery.ts', 'the file has a header and no rows'),
  truncateAtByte:        row('number', 'always', 'delivery.ts', 'the file ends after this many bytes'),
  truncateAtRow:         row('number', 'always', 'delivery.ts', 'the file ends after this many rows and the header'),
  totalsLine:            row('switch', 'always', 'delivery.ts', 'a line of totals ends the file'),
  titleLine:             row('switch', 'always', 'delivery.ts', 'a line with the report\'s title comes before the header'),
  columnMissing:         row('switch', 'always', 'delivery.ts', 'the last column is missing'),
  columnsReordered:      row('switch', 'always', 'delivery.ts', 'the columns stand in reverse order'),
  htmlAsCsv:             row('switch', 'always', 'delivery.ts', 'the file is an HTML error page named reportExport.csv'),
  jsonAsCsv:             row('switch', 'always', 'delivery.ts', 'the file is a message in JSON named reportExport.csv'),
  gzipFile:              row('switch', 'always', 'delivery.ts', 'the file is a gzip archive named reportExport.csv'),
  utf16:                 row('switch', 'always', 'delivery.ts', 'the file is in UTF-16'),
  latin1:                row('switch', 'always', 'delivery.ts', 'the file is in Latin-1'),
  doubleEncoded:         row('switch', 'always', 'delivery.ts', 'UTF-8 was taken for Windows-1252 and encoded again: \u00c9 shows as \u00c3\u2030'),
} as const satisfies Record<string, FaultRow>;

export type FaultName = keyof typeof faults;

export type FaultSettings = {
  -readonly [Name in FaultName]: z.infer<(typeof kinds)[(typeof faults)[Name]['kind']]>;
};

const faultNames = Object.keys(faults) as FaultName[];

export function noFaults(): FaultSettings {
  return Object.fromEntries(faultNames.map((name) => [name, offValue(name)])) as FaultSettings;
}

function offValue(name: FaultName): false | null {
  return faults[name].kind === 'number' ? null : false;
}

export const faultSettingsSchema = z.strictObject(
  Object.fromEntries(faultNames.map((name) => [name, kinds[faults[name].kind]])),
) as unknown as z.ZodType<FaultSettings>;

/** The faults that are set in one way. */
export type FaultOfKind<K extends FaultRow['kind']> = {
  [Name in FaultName]: (typeof faults)[Name]['kind'] extends K ? Name : never;
}[FaultName];

/** The faults that the browser plays, as far as its scripts have to be told of them. */
export type BrowserFault = {
  [Name in FaultName]: (typeof faults)[Name]['place'] extends `browser/${string}` ? Name : never;
}[FaultName];

export const browserFaults = faultNames.filter((name): name is BrowserFault =>
  faults[name].place.startsWith('browser/'),
);
