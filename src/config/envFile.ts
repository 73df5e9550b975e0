import { existsSync, readFileSync, statSync } from 'node:fs';
import { ConfigError } from './configError.ts';

/** In the folder where a program runs; git ignores it. */
const usualFile = 'ehr.env';

/** More is another file. */
const mostBytes = 64 * 1024;

/**
 * Adds the variables of a file to the environment of this process, whose own win. Without a name it is `EHR_ENV`,
 * else `ehr.env` of the current folder, if there is one. A blank name is no file.
 * @throws ConfigError that names each line that cannot be taken, and never quotes a value
 */
export function enterEnvFile(named?: string): void {
  const file = named ?? process.env['EHR_ENV'] ?? (existsSync(usualFile) ? usualFile : '');
  if (file === '') return;
  const { variables, problems } = readEnvText(textOf(file));
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${file}:${problem}`));
  const added = [...variables].filter(([name]) => !isSet(name) && !isSet(otherForm(name)));
  for (const [name, value] of added) process.env[name] = value;
}

function isSet(name: string): boolean {
  return process.env[name] !== undefined;
}

/** A secret is set by its value or by the name of a file that holds it. */
function otherForm(name: string): string {
  return name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : `${name}_FILE`;
}

function textOf(file: string): string {
  try {
    if (statSync(file).size <= mostBytes) return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigError([`${file}: cannot be read (${code}), wanted a file of lines NAME=value`]);
  }
  throw new ConfigError([`${file}: larger than 64 KiB, wanted a file of lines NAME=value`]);
}

/** Blank, or a comment. */
const emptyLine = /^\s*(?:#.*)?$/;

/**
 * Only what a shell and Node read alike: `process.loadEnvFile` cuts a bare value at `#` and leaves `$` in place,
 * where a shell keeps the first and replaces the second; tabs and CR at a line's end also differ. A password that
 * two programs read differently locks an account.
 */
const assignment =
  /^ *(?:export +)?(?<name>[A-Za-z_]\w*)=(?:'(?<single>[^']*)'|"(?<double>[^"$`\\]*)"|(?<bare>[^\s'"`#$\\;&|<>()~]*))(?: +#.*)? *$/;

export function readEnvText(text: string): {
  readonly variables: ReadonlyMap<string, string>;
  /** `<line>: <what is wrong>`. */
  readonly problems: readonly string[];
} {
  const variables = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (emptyLine.test(line)) continue;
    const { name, single, double, bare } = assignment.exec(line)?.groups ?? {};
    if (name === undefined) problems.push(`${String(index + 1)}: ${wantedLine}`);
    else variables.set(name, single ?? double ?? bare ?? '');
  }
  return { variables, problems };
}

const wantedLine =
  "got a line that programs read differently, wanted NAME='value' on one line: single quotes around a value with other signs than letters, digits and ._-:/@%=+,?; nothing for a shell to expand or to run";
