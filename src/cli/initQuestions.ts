import { isTimeZone } from '../config.ts';
import { figureMeanings } from '../domain/figuresAre.ts';
import { PipelineError } from '../domain/failures.ts';
import { reportNames } from '../reports/index.ts';
import { parseDatabaseUrl } from '../warehouse/databaseUrl.ts';
import { asking, type Question, type Terminal } from './asking.ts';
import { refused } from './commandErrors.ts';

/** As texts; writeDeployment turns them into settings. */
export interface Answers {
  readonly portalUrl: string;
  readonly timeZone: string;
  readonly reports: string;
  readonly qpRule: string;
  readonly figuresAre: string;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
}

interface Asked extends Question {
  readonly key: keyof Answers;
  readonly option: string;
}

/** What `qpRule` and its question call the absence of the rule. */
export const noRule = 'none';

const machineZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const questions: readonly Asked[] = [
  {
    key: 'portalUrl',
    option: '--portal-url',
    ask: 'The address of the portal',
    mistake: (text) =>
      URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? undefined : 'an https:// address',
  },
  {
    key: 'timeZone',
    option: '--time-zone',
    ask: 'The time zone whose calendar days count',
    // A server in UTC says nothing of its agency.
    proposal: machineZone === 'UTC' ? 'America/New_York' : machineZone,
    mistake: (text) => (isTimeZone(text) ? undefined : 'an IANA name such as America/Chicago'),
  },
  {
    key: 'reports',
    option: '--reports',
    ask: `The reports that the portal has, of ${reportNames.join(', ')}`,
    proposal: reportNames.join(','),
    mistake: (text) =>
      wordsOf(text).every((word) => (reportNames as readonly string[]).includes(word)) &&
      wordsOf(text).length > 0
        ? undefined
        : `one or more of ${reportNames.join(', ')}, with commas between them`,
  },
  {
    key: 'figuresAre',
    option: '--figures-are',
    ask: 'What the dollars of utilization are of: the whole authorization, or the month (pipeline.yaml explains it)',
    proposal: figureMeanings[0],
    mistake: (text) =>
      (figureMeanings as readonly string[]).includes(text) ? undefined : figureMeanings.join(' or '),
  },
  {
    key: 'qpRule',
    option: '--qp-rule',
    ask: "The rule that moves DS authorizations to another QP: none, or both names as exported, 'LINCS, QP; CREEK, QP'",
    proposal: noRule,
    mistake: (text) =>
      text === noRule || namesOf(text).length === 2 ? undefined : "none, or 'LAST, FIRST; LAST, FIRST'",
  },
  {
    key: 'temporalAddress',
    option: '--temporal-address',
    ask: 'The address of Temporal',
    proposal: '127.0.0.1:7233',
    mistake: (text) => (/^[\w.[\]:-]+:\d{1,5}$/.test(text) ? undefined : 'host:port'),
  },
  {
    key: 'databaseUrl',
    option: '--database-url',
    ask: 'The database, mysql://user:password@host:3306/name',
    mistake: databaseMistake,
  },
];

export function wordsOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** The two QPs of the rule. */
export function namesOf(text: string): string[] {
  return text
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function databaseMistake(text: string): string | undefined {
  try {
    parseDatabaseUrl(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return 'mysql://user:password@host:3306/name, with @ in a password written as %40';
  }
}

/** The file of variables takes every other sign between single quotes. */
export const unquotable = /['\r\n]/;

function wrong({ mistake }: Question, answer: string): string | undefined {
  return unquotable.test(answer) ? 'it without quotes and line breaks' : mistake(answer);
}

type Known = Partial<Record<keyof Answers, string | undefined>>;

/** @throws PipelineError InvalidInput that names the option of each missing or wrong answer, and quotes none */
export async function answersOf(
  given: Partial<Answers>,
  { asks }: { readonly asks: boolean },
): Promise<Answers> {
  const known: Known = Object.fromEntries(
    questions.map(({ key, proposal }) => [key, given[key] ?? (asks ? undefined : proposal)]),
  );
  // Before anything is asked: nobody wants to answer the rest for a call that is refused.
  const refusals = questions.flatMap((question) => {
    const answer = known[question.key];
    if (answer === undefined && asks) return [];
    const wanted = answer === undefined ? question.mistake('') : wrong(question, answer);
    return wanted === undefined ? [] : [`${question.option}: wanted ${wanted}`];
  });
  if (refusals.length > 0) throw refused(refusals.join('\n'), whatToGive);
  return (asks ? await asking((terminal) => askTheRest(terminal, known)) : known) as Answers;
}

async function askTheRest(terminal: Terminal, known: Known): Promise<Known> {
  const answers = { ...known };
  for (const question of questions) {
    const mistake = (answer: string) => wrong(question, answer);
    const answer = (answers[question.key] ??= await terminal.text({ ...question, mistake }));
    if (answer === undefined) throw refused(`${question.option}: not answered`, whatToGive);
  }
  return answers;
}

const whatToGive = 'Give these options, or answer the questions on a terminal. Nothing was written.';
