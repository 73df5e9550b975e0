import { z } from 'zod';
import type { IsoDate } from '../../domain/dates.ts';
import { dateFormOf, parsePattern, type FilePattern } from '../../domain/filePatterns.ts';
import { sourceNamePattern } from '../../domain/fileSources.ts';
import { reportNames, reports as definitions, type ReportName } from '../../reports/index.ts';
import type { SeeAlso } from '../checkedYaml.ts';
import { section, wholeNumber, text } from './kinds.ts';

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

export const sources = section({
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
