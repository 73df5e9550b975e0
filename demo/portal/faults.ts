import { z } from 'zod';

/** The places where a person, and a recipe, passes through the portal, in order. */
const steps = [
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
 */
const kinds = {
  switch: z.boolean(),
  step: z.union([z.boolean(), z.enum(steps)]),
  number: z.number().int().min(0).nullable(),
  permission: z.union([z.boolean(), z.enum(['report', 'export'])]),
} as const;

/** Once: it is off again after it has struck. Always: until someone turns it off. */
type Frequency = 'once' | 'always';

/** The file that makes it happen. */
type Place = 'guard.ts' | 'sign-in.ts' | 'app-api.ts' | 'export-jobs.ts' | 'delivery.ts';

interface FaultRow {
  readonly kind: keyof typeof kinds;
  readonly frequency: Frequency;
  readonly place: Place;
  /** What a person at the screen would see. */
  readonly description: string;
}

function row<K extends FaultRow['kind']>(kind: K, frequency: Frequency, place: Place, description: string) {
  return { kind, frequency, place, description } as const;
}

/**
 * Every way the portal can misbehave. A new fault is a line here and its behaviour in the file it names; the
 * settings, their check, the control API and the journal follow from the table.
 */
// oxfmt-ignore
export const faults = {
  slow:                 row('number', 'always', 'guard.ts', 'each answer takes this many milliseconds longer'),
  http500Once:          row('step', 'once', 'guard.ts', 'one request is answered with an error page (HTTP 500)'),
  http500Always:        row('step', 'always', 'guard.ts', 'the step is always answered with an error page (HTTP 500)'),
  maintenancePage:      row('switch', 'always', 'guard.ts', 'every page says that the system is under maintenance'),
  logoutDuring:         row('step', 'once', 'guard.ts', 'the session ends in the middle of the step'),
  sessionTakenOver:     row('step', 'once', 'guard.ts', 'the same user signs in elsewhere and this session ends'),
  passwordExpired:      row('switch', 'always', 'sign-in.ts', 'a right password leads to a page that asks for a new one'),
  mfaAsked:             row('switch', 'always', 'sign-in.ts', 'a right password leads to a page that asks for a TOTP code'),
  permissionMissing:    row('permission', 'always', 'app-api.ts', 'the picker lacks our reports, or there is no Export button'),
  renamedLabel:         row('switch', 'always', 'app-api.ts', 'the field "Start Date" is called "From Date" after an update'),
  dialogInTheWay:       row('switch', 'always', 'app-api.ts', 'a dialog "What\'s new" covers the page as Reports opens'),
  neverFinishes:        row('switch', 'always', 'export-jobs.ts', 'the export stops at 45 %'),
  wrongReportDelivered: row('switch', 'always', 'delivery.ts', 'the file holds the other report'),
  wrongDatesDelivered:  row('switch', 'always', 'delivery.ts', 'the file holds the period before'),
  staleFile:            row('switch', 'always', 'delivery.ts', 'the file is the one delivered last time'),
  htmlAsCsv:            row('switch', 'always', 'delivery.ts', 'the file is an HTML error page named reportExport.csv'),
  emptyFile:            row('switch', 'always', 'delivery.ts', 'the file has no bytes at all'),
  truncateAtByte:       row('number', 'always', 'delivery.ts', 'the file ends after this many bytes'),
  truncateAtRow:        row('number', 'always', 'delivery.ts', 'the file ends after this many rows and the header'),
  cutAtByte:            row('number', 'always', 'delivery.ts', 'the connection breaks after this many bytes of the file'),
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

type StepFault = {
  [Name in FaultName]: (typeof faults)[Name]['kind'] extends 'step' ? Name : never;
}[FaultName];

/** Whether the fault strikes at this step; one that strikes once is off from then on. */
export function strikes(settings: FaultSettings, fault: StepFault, step: Step): boolean {
  const struck = settings[fault] === true || settings[fault] === step;
  if (struck && faults[fault].frequency === 'once') settings[fault] = false;
  return struck;
}
