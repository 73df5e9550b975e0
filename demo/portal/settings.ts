import { z } from 'zod';
import { parseIsoDate, type IsoDate } from '../../src/domain/dates.ts';
import { defaultDataSettings } from './data/settings.ts';
import { faultSettingsSchema, noFaults } from './faults.ts';
import { lookNames } from './looks.ts';

const milliseconds = z.number().int().min(0).max(600_000);
const isoDate = z.custom<IsoDate>((value) => typeof value === 'string' && parseIsoDate(value) !== undefined, {
  error: 'expected a day, YYYY-MM-DD',
});

/** All that can be set while the portal runs. The live object may be changed in place at any time. */
const portalSettingsSchema = z.strictObject({
  /** How the portal looks and what its parts are called; see looks.ts. */
  look: z.enum(lookNames),
  delays: z.strictObject({
    /** Before each page. */
    pageMs: milliseconds,
    /** Before each part of the page that loads late: navigation, tabs, lists, banner. */
    lateMs: milliseconds,
    /** From Run Report to its result. */
    queryMs: milliseconds,
    /** From Export to the file. */
    exportMs: milliseconds,
  }),
  /** Whether each new session must agree to a notice first. */
  consentBanner: z.boolean(),
  /** A session ends after this many seconds without a request. */
  sessionSeconds: z.number().positive().max(86_400),
  /** Whether signing in ends the user's other sessions. */
  oneSessionPerUser: z.boolean(),
  /** User name to password. */
  passwords: z.record(z.string(), z.string()),
  /** Wrong passwords in a row that lock the account. */
  lockAfter: z.number().int().positive(),
  /** User name to locked or not. The portal sets it; false opens the account again. */
  locked: z.record(z.string(), z.boolean()),
  /** Base32; asked for under the fault `mfaAsked`. */
  totpSecret: z.string(),
  data: z.strictObject({
    scale: z.number().min(0).max(500),
    unreadableRate: z.number().min(0).max(1),
    asOf: z.union([isoDate, z.literal('today')]).nullable(),
    firstDay: isoDate,
    lastDay: isoDate,
    lineEnd: z.enum(['CRLF', 'LF']),
    byteOrderMark: z.boolean(),
  }),
  faults: faultSettingsSchema,
  /** Bytes, or the path of a file, to serve for `<report>:<from>..<to>` instead of generated data. */
  exports: z.record(
    z.string().regex(/^(utilization|notes):\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/),
    z.union([z.string(), z.instanceof(Buffer)]),
  ),
});

export type PortalSettings = z.infer<typeof portalSettingsSchema>;

export type DeepPartial<T> = T extends Buffer | string | number | boolean | null
  ? T
  : { [Key in keyof T]?: DeepPartial<T[Key]> };

export function defaultSettings(): PortalSettings {
  return {
    look: 'tabs',
    delays: { pageMs: 150, lateMs: 300, queryMs: 700, exportMs: 1500 },
    consentBanner: true,
    sessionSeconds: 900,
    oneSessionPerUser: false,
    passwords: { 'reports.bot': 'demo-Passw0rd!' },
    lockAfter: 4,
    locked: {},
    totpSecret: 'KVXGS5DFMRAWY3BA',
    data: { ...defaultDataSettings },
    faults: noFaults(),
    exports: {},
  };
}

/** Changes the settings in place; throws a ZodError, and changes nothing, where the result would be invalid. */
export function changeSettings(settings: PortalSettings, patch: unknown): void {
  const draft = copyOf(settings);
  mergeInto(draft, patch);
  portalSettingsSchema.parse(draft);
  mergeInto(settings, patch);
}

/** Puts every setting back to what `origin` says, in place, so that whoever holds the live object sees it. */
export function restoreSettings(settings: PortalSettings, origin: PortalSettings): void {
  settings.passwords = {};
  settings.locked = {};
  settings.exports = {};
  mergeInto(settings, origin);
}

/** What the control API shows: no password and no secret, and a size for bytes. */
export function visibleSettings(settings: PortalSettings): Record<string, unknown> {
  const { passwords: _passwords, totpSecret: _totpSecret, exports, ...visible } = settings;
  const sizes = Object.entries(exports).map(([key, source]) => [
    key,
    typeof source === 'string' ? source : `${source.length} bytes`,
  ]);
  return { ...visible, exports: Object.fromEntries(sizes) };
}

/** `structuredClone` would turn a Buffer into a plain Uint8Array. */
function copyOf(settings: PortalSettings): PortalSettings {
  const { exports, ...rest } = settings;
  return { ...structuredClone(rest), exports: { ...exports } };
}

function mergeInto(target: object, patch: unknown): void {
  if (!isPlainObject(patch) || !isPlainObject(target)) return;
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === '__proto__') continue;
    if (!isPlainObject(value)) {
      target[key] = value;
      continue;
    }
    if (!isPlainObject(target[key])) target[key] = {};
    mergeInto(target[key] as object, value);
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
