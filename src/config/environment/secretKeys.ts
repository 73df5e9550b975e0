import { SettingsReader, type Environment } from '../settingsReader.ts';

/** The hex digits of 16 random bytes. A shorter key could be guessed from the keys of known names. */
const nameKeyLength = 32;

/** The secret that turns names into keys. A new secret gives new keys, which no longer match the loaded periods. */
export function nameKey(env: Environment = process.env): string {
  const reader = new SettingsReader(env);
  const key = reader.requiredSecret('EHR_NAME_KEY', {
    wanted: `a secret of at least ${nameKeyLength} characters, kept for good; make one with: openssl rand -hex 32`,
    mistake: (text) => (text.length < nameKeyLength ? `${text.length} characters` : undefined),
  });
  reader.finish({});
  return key;
}

/**
 * The secret that names the portal login in the database: its lock, and the digests that tell passwords apart. All
 * workers need the same one. Undefined if not set: both then have the names of the previous version.
 */
export function loginKey(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const key = reader.optionalSecret('EHR_LOGIN_KEY', {
    wanted: `a secret of at least ${nameKeyLength} characters; make one with: openssl rand -hex 32`,
    mistake: (text) => (text.length < nameKeyLength ? `${text.length} characters` : undefined),
  });
  return reader.finish({ key }).key;
}

/** What AES-256 takes. */
const dataKeyBytes = 32;
/** Far more than a rotation needs. */
const mostDataKeys = 20;

/**
 * The keys that seal kept files: the first one seals, the others only open what they sealed. Empty if not set: files
 * are then plain.
 */
export function dataKeys(env: Environment = process.env): readonly Buffer[] {
  const reader = new SettingsReader(env);
  const text = reader.optionalSecret('EHR_DATA_KEY', {
    wanted: `${String(dataKeyBytes)} bytes in base64 or hex, or several such keys with spaces or line breaks between them, the current one first; make one with: openssl rand -base64 ${String(dataKeyBytes)}`,
    mistake: dataKeysMistake,
  });
  return reader.finish(text === undefined ? [] : wordsOf(text).map((word) => dataKeyIn(word)!));
}

function dataKeysMistake(text: string): string | undefined {
  const keys = wordsOf(text).map(dataKeyIn);
  if (keys.length === 0) return 'no key';
  if (keys.length > mostDataKeys) return `${String(keys.length)} keys (at most ${String(mostDataKeys)})`;
  const wrong = keys.indexOf(undefined);
  if (wrong !== -1) return `something else as key ${String(wrong + 1)}`;
  const isRepeated = new Set(keys.map((key) => key!.toString('hex'))).size < keys.length;
  return isRepeated ? 'the same key twice' : undefined;
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function dataKeyIn(word: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(word)) return Buffer.from(word, 'hex');
  return /^[\w+/-]{43}=?$/.test(word) ? Buffer.from(word, 'base64') : undefined;
}
