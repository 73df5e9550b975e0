import { readFileSync } from 'node:fs';
import { ConfigError } from './configError.ts';
import { nearestWord } from '../domain/nearestWord.ts';

/** `process.env`, or an object of the same shape. */
export interface Environment {
  readonly [variable: string]: string | undefined;
}

interface Wish {
  /** What the variable should hold; read after "wanted". */
  readonly wanted: string;
  /** What is wrong with the value, if anything; read after "got". It must not quote a secret. */
  readonly mistake?: (value: string) => string | undefined;
}

/** All our variables: another name that begins like one of them is probably misspelt. */
const ourVariables = [
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'DATABASE_URL',
  'DATABASE_URL_FILE',
  'DATABASE_ALLOW_PLAINTEXT',
  'DATABASE_CA',
  'DATABASE_RSA',
  'EHR_AGENCIES',
  'EHR_AGENCY',
  'EHR_ALERT_SMTP_URL',
  'EHR_ALERT_SMTP_URL_FILE',
  'EHR_ALERT_WEBHOOK_URL',
  'EHR_ALERT_WEBHOOK_URL_FILE',
  'EHR_ARTIFACTS',
  'EHR_ARTIFACTS_KMS_KEY',
  'EHR_BROWSERS',
  'EHR_CHROMIUM',
  'EHR_CONFIG',
  'EHR_DATA_KEY',
  'EHR_DATA_KEY_FILE',
  'EHR_DEPLOY',
  'EHR_DOWNLOADS',
  'EHR_ENV',
  'EHR_INBOX',
  'EHR_METRICS_HOST',
  'EHR_METRICS_PORT',
  'EHR_LOGIN_KEY',
  'EHR_LOGIN_KEY_FILE',
  'EHR_NAME_KEY',
  'EHR_NAME_KEY_FILE',
  'EHR_PORTAL_ALLOW_PLAINTEXT',
  'EHR_PORTAL_URL',
  'EHR_PORTAL_USER',
  'EHR_PORTAL_PASSWORD',
  'EHR_PORTAL_PASSWORD_FILE',
  'EHR_PORTAL_TOTP_SECRET',
  'EHR_PORTAL_TOTP_SECRET_FILE',
  'EHR_SCRATCH',
  'EHR_WORKFLOW_BUNDLE',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const;

/** A source's secret, with the source's name in capitals. */
type SourceSecret = `EHR_SOURCE_${string}_${'PASSWORD' | 'KEY'}`;
/** What a portal's variables begin with; a report with a portal of its own adds its name in capitals. */
export type PortalPrefix = 'EHR_PORTAL' | `EHR_PORTAL_${string}`;
type PortalVariable = `${PortalPrefix}_${'URL' | 'USER'}`;
type PortalSecret = `${PortalPrefix}_${'PASSWORD' | 'TOTP_SECRET'}`;
type OwnVariable = (typeof ourVariables)[number];
type Variable =
  | OwnVariable
  | PortalVariable
  | SourceSecret
  | PortalSecret
  | `${SourceSecret | PortalSecret}_FILE`;
/** Variables that may come from a file instead. */
type SecretVariable =
  | SourceSecret
  | PortalSecret
  | (OwnVariable extends infer Name ? (Name extends `${infer Secret}_FILE` ? Secret : never) : never);

/**
 * Reads variables and collects their mistakes, so that one error names them all. A blank variable counts as unset. The
 * placeholder for a missing value is never used, since `finish` then throws.
 */
export class SettingsReader {
  readonly #env: Environment;
  readonly #problems: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  optional(variable: Variable, wish: Wish): string | undefined {
    const value = this.#valueOf(variable);
    return value === undefined ? undefined : this.#checked(variable, value, wish);
  }

  required(variable: Variable, wish: Wish): string {
    return this.optional(variable, wish) ?? this.#missing(variable, wish);
  }

  /** From the variable, or from the file named by the variable with the suffix `_FILE`. */
  optionalSecret(variable: SecretVariable, wish: Wish): string | undefined {
    const fileVariable = `${variable}_FILE` as const;
    if (this.#valueOf(variable) === undefined) return this.optionalFile(fileVariable, wish);
    if (this.#valueOf(fileVariable) !== undefined) {
      this.#problems.push(`${variable}: set, and so is ${fileVariable}; wanted only one of them`);
    }
    return this.optional(variable, wish);
  }

  requiredSecret(variable: SecretVariable, wish: Wish): string {
    return this.optionalSecret(variable, wish) ?? this.#missing(variable, wish);
  }

  /** Each dangerous option has exactly one word that allows it. */
  allows(variable: 'DATABASE_ALLOW_PLAINTEXT' | 'EHR_PORTAL_ALLOW_PLAINTEXT'): boolean {
    const said = this.optional(variable, {
      wanted: 'true or false',
      mistake: (text) => (text === 'true' || text === 'false' ? undefined : 'another word'),
    });
    return said === 'true';
  }

  /** The text of the file that the variable names, without its last line break, which editors add. */
  optionalFile(variable: Variable, wish: Wish): string | undefined {
    const path = this.#valueOf(variable);
    if (path === undefined) return undefined;
    try {
      return this.#checked(variable, readFileSync(path, 'utf8').replace(/\r?\n$/, ''), wish);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      this.#problems.push(
        // Not the file's name: a secret may have been put in its place.
        `${variable}: cannot read the file that it names (${code}), wanted a file that holds ${wish.wanted}`,
      );
      return '';
    }
  }

  /** The settings, frozen. @throws ConfigError with every mistake found so far. */
  finish<Settings>(settings: Settings): Readonly<Settings> {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
    return Object.freeze(settings);
  }

  #valueOf(variable: string): string | undefined {
    const value = this.#env[variable];
    return value === '' ? undefined : value;
  }

  #checked(variable: Variable, value: string, { wanted, mistake }: Wish): string {
    const wrong = value === '' ? 'an empty file' : mistake?.(value);
    if (wrong !== undefined) this.#problems.push(`${variable}: got ${wrong}, wanted ${wanted}`);
    return value;
  }

  #missing(variable: Variable, { wanted }: Wish): string {
    const misspelt = nearestWord(variable, strangersIn(this.#env));
    const instead = misspelt === undefined ? '' : ` (${misspelt} is: is that a misspelling?)`;
    this.#problems.push(`${variable}: not set${instead}, wanted ${wanted}`);
    return '';
  }
}

const ourPrefixes = ['EHR', 'DATABASE'];

/** Variables that are named like ours, and are none. */
function strangersIn(env: Environment): string[] {
  const known: readonly string[] = ourVariables;
  const rests = new Set(known.map((name) => name.slice(name.indexOf('_'))));
  return Object.keys(env).filter((name) => {
    const prefix = name.split('_', 1)[0]!;
    const rest = name.slice(prefix.length);
    if (known.includes(name) || rest === '') return false;
    if (ourPrefixes.includes(prefix))
      return !/^_(?:SOURCE_|PORTAL_[A-Z_]+_(?:URL|USER|PASSWORD|TOTP_SECRET))/.test(rest);
    // Much begins a little like ours; `DATABSE_URL` also ends like one.
    return rests.has(rest) && nearestWord(prefix, ourPrefixes) !== undefined;
  });
}

/** One sentence for each variable that is probably a misspelling of one of ours. */
export function misspeltVariables(env: Environment = process.env): string[] {
  return strangersIn(env).flatMap((name) => {
    const meant = nearestWord(name, ourVariables);
    return meant === undefined ? [] : [`${name}: unknown variable; did you mean ${meant}?`];
  });
}
