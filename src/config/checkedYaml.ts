import { z } from 'zod';
import { displayKey } from '../domain/plainKeys.ts';
import { ConfigError } from './configError.ts';
import {
  aliasLines,
  lineOf,
  parsePlacedYaml,
  pathAt,
  type Path,
  type PlacedYaml,
} from '../domain/yaml/positions.ts';
import { yamlTooLarge } from '../domain/yaml/size.ts';
import { nearestWord } from '../domain/nearestWord.ts';
import { yamlErrorText } from './yamlErrors.ts';

/** A check across values may name the other value in its issue's `params`: its line is added to the message. */
export interface SeeAlso {
  readonly seeAlso: Path;
}

interface Problem {
  readonly line: number;
  readonly path: Path;
  readonly text: string;
  /** The place of the key that a misspelt one was meant to be. */
  readonly meant?: Path;
  /** There is no value at the path. */
  readonly isMissing?: boolean;
}

/**
 * Reads YAML text by `schema`. `file` is used only in messages.
 *
 * The schema's error messages say what it wanted ("a whole number from 1 to 9"); this adds the line, the key, the value
 * and, for a misspelt key, the key that was probably meant.
 * @throws ConfigError with every mistake, in the order of the lines.
 */
export function checkYaml<Schema extends z.ZodType>(
  text: string,
  { file, schema }: { readonly file: string; readonly schema: Schema },
): z.output<Schema> {
  const tooLarge = yamlTooLarge(text);
  if (tooLarge !== undefined) throw new ConfigError([`${file}: ${tooLarge}`]);
  const yaml = parsePlacedYaml(text);
  const { doubled, unreadable } = syntaxProblems(yaml);
  if (unreadable.length > 0) throw asError(file, [...doubled, ...unreadable]);
  const result = schema.safeParse(yaml.document.toJS(), { reportInput: true });
  const issues = result.error?.issues ?? [];
  const problems = [...doubled, ...issues.flatMap((issue) => problemsOf(issue, { schema, yaml }))];
  if (!result.success || problems.length > 0) throw asError(file, problems);
  return result.data;
}

/** A duplicate key leaves the rest of the file readable, so the check continues. */
function syntaxProblems(yaml: PlacedYaml): { doubled: Problem[]; unreadable: Problem[] } {
  const { document, lines } = yaml;
  const doubled: Problem[] = [];
  const unreadable = aliasLines(yaml).map((line): Problem => ({
    line,
    path: [],
    text: 'got an alias, wanted the value itself',
  }));
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    const { line } = lines.linePos(pos[0]);
    if (code === 'DUPLICATE_KEY') {
      const path = pathAt(document.contents, pos[0]) ?? [];
      doubled.push({ line, path, text: 'this key is there already; keep one' });
    } else {
      unreadable.push({ line, path: [], text: yamlErrorText(code) });
    }
  }
  return { doubled, unreadable };
}

/** More are not typing mistakes: it is another file. */
const mostUnknownKeys = 20;

interface Checked {
  readonly schema: z.ZodType;
  readonly yaml: PlacedYaml;
}

function problemsOf(issue: z.core.$ZodIssue, { schema, yaml }: Checked): Problem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys
      .slice(0, mostUnknownKeys)
      .map((key) => unknownKey({ path, key, known, line: lineOf(yaml, [...path, key]) }));
  }
  if (issue.code === 'invalid_union' && isMapping(issue.input)) {
    const inner = issue.errors.find((errors) => errors.some((each) => !isWrongType(each))) ?? [];
    if (inner.length > 0) {
      return inner.flatMap((each) =>
        problemsOf({ ...each, path: [...path, ...each.path] }, { schema, yaml }),
      );
    }
  }
  const line = lineOf(yaml, path);
  if (issue.code === 'invalid_key') {
    return [{ line, path, text: `got the key "${displayKey(path.at(-1) ?? '')}", wanted ${issue.message}` }];
  }
  if (issue.code === 'custom' && pointsElsewhere(issue.params)) {
    return [{ line, path, text: `${issue.message} (see line ${lineOf(yaml, issue.params.seeAlso)})` }];
  }
  const isMissing = issue.input === undefined;
  const got = isMissing ? 'missing' : `got ${shown(issue.input, issue.message)}`;
  return [{ line, path, isMissing, text: `${got}, wanted ${issue.message}` }];
}

function pointsElsewhere(params: object | undefined): params is SeeAlso {
  return params !== undefined && 'seeAlso' in params;
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value itself has the wrong type: the schema wanted a text, for example, and got a mapping. */
function isWrongType({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length === 0;
}

/** The keys that the schema knows in the mapping at `path`. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  const at = path.reduce<unknown>((outer, key) => {
    if (outer instanceof z.ZodObject) return outer.shape[String(key)];
    if (outer instanceof z.ZodArray) return mappingOf(outer.element);
    return outer instanceof z.ZodRecord ? outer.valueType : undefined;
  }, schema);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** The mapping, if a value may be a mapping or something else. */
function mappingOf(schema: unknown): unknown {
  if (!(schema instanceof z.ZodUnion)) return schema;
  return schema.options.find((option) => option instanceof z.ZodObject) ?? schema;
}

function unknownKey(at: { line: number; path: Path; key: string; known: readonly string[] }): Problem {
  const path = [...at.path, at.key];
  const near = nearestWord(at.key, at.known);
  return near === undefined
    ? { line: at.line, path, text: `unknown key; known here: ${at.known.join(', ')}` }
    : { line: at.line, path, text: `unknown key; did you mean ${near}?`, meant: [...at.path, near] };
}

/** Longer numbers may be codes or keys of something else. */
const shownDigits = 7;
/** Common ways to write a time or a yes: no secret looks like this. */
const plainTexts = /^(?:\d{1,2}:\d{2}|[-+]?\d{1,5}|yes|no|on|off|true|false)$/i;

/** The given value, unless it could be a secret in the wrong place. */
function shown(value: unknown, wanted: string): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  if (typeof value === 'string') return shownText(value, wanted);
  if (typeof value !== 'number') return JSON.stringify(value);
  const text = String(value);
  return text.length <= shownDigits || !Number.isFinite(value)
    ? text
    : `a number of ${text.length} characters`;
}

/** A text is quoted if it is close to a wanted one; otherwise only its length is given. */
function shownText(text: string, wanted: string): string {
  if (text.includes('://')) return 'an address';
  const isSlip = nearestWord(text, wanted.match(/[\w/]+/g) ?? []) !== undefined;
  if (text === '' || plainTexts.test(text) || isSlip) return JSON.stringify(text);
  return `text of ${text.length} ${text.length === 1 ? 'character' : 'characters'}`;
}

/** One line each, in the file's order. A key that is missing because it is misspelt is reported once. */
function asError(file: string, problems: readonly Problem[]): ConfigError {
  const meant = new Set(
    problems.flatMap((problem) => (problem.meant === undefined ? [] : [named(problem.meant)])),
  );
  const sentences = problems
    .filter(({ isMissing, path }) => isMissing !== true || !meant.has(named(path)))
    .sort((one, other) => one.line - other.line)
    .map(({ line, path, text }) => `${file}:${line}: ${named(path)}${path.length === 0 ? '' : ': '}${text}`);
  return new ConfigError([...new Set(sentences)]);
}

/** `groups.3.services[1]`. */
function named(path: Path): string {
  return path
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${displayKey(key)}`,
    )
    .join('');
}
