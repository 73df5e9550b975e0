import { z } from 'zod';
import { mailDays } from '../domain/dashboardMails.ts';
import type { SeeAlso } from './checkedYaml.ts';
import { section, wholeNumber, text, yesNo, timeZone, address } from './pipeline/kinds.ts';
import { groups, excludedServices, supervisors } from './pipeline/services.ts';
import { reports } from './pipeline/reports.ts';
import { schedule } from './pipeline/schedule.ts';
import { portal } from './pipeline/portal.ts';
import { alerts } from './pipeline/alerts.ts';
import { retention } from './pipeline/retention.ts';
import { sources } from './pipeline/sources.ts';

/**
 * What config/pipeline.yaml may say: the only source of its check, its type and the JSON Schema that editors read.
 * Keys are required, so that the file alone shows how the pipeline is set. Keys added later are optional;
 * docs/configuration.md and the comments in the file name their defaults. Each `error` says what was wanted, and
 * is read after "got …, wanted".
 */

const dashboards = section({
  folder: text('the path of a folder, counted from the folder of this file', 4096).describe(
    'Where the files are written: a path counted from the folder of this file, which every worker reaches.',
  ),
  months: wholeNumber(1, 24, 'months').describe('How many months they show, up to the newest loaded one.'),
  perQp: yesNo.describe('Whether each QP gets a page of their own clients, besides the page of everyone.'),
  perSupervisor: yesNo
    .default(false)
    .describe('Whether each supervisor gets a page of the notes that they answer for.'),
  pdf: z
    .enum(['none', 'Letter', 'A4'], { error: '"none", "Letter" or "A4"' })
    .describe('The paper that each page is printed on as a PDF too, or none.'),
  names: yesNo.describe('true shows people by name, patient data, instead of by name code.'),
  mail: dashboardMail().optional(),
})
  .superRefine(({ perQp, perSupervisor, pdf, mail }, context) => {
    for (const [index, recipient] of (mail?.recipients ?? []).entries()) {
      const { qp, supervisor, send, patientData } = recipient;
      const wrong = (key: 'qp' | 'supervisor' | 'send', message: string) =>
        context.addIssue({
          code: 'custom',
          path: ['mail', 'recipients', index, key],
          input: recipient[key],
          message,
        });
      const ofOne = 'since the page of one person holds single authorizations or notes';
      if (qp !== undefined && !perQp) wrong('qp', 'no qp, or perQp: true');
      if (qp !== undefined && !patientData) wrong('qp', `no qp, or patientData: true, ${ofOne}`);
      if (supervisor !== undefined && !perSupervisor)
        wrong('supervisor', 'no supervisor, or perSupervisor: true');
      if (supervisor !== undefined && !patientData) {
        wrong('supervisor', `no supervisor, or patientData: true, ${ofOne}`);
      }
      if (supervisor !== undefined && qp !== undefined) wrong('supervisor', 'a qp or a supervisor, not both');
      if (send === 'pdf' && pdf === 'none') wrong('send', 'link or html, or pdf: Letter or A4');
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
      .describe('The code of the QP whose page it is; needs perQp and patientData.'),
    supervisor: text('the code of a supervisor', 40)
      .optional()
      .describe('The code of the supervisor whose page it is; needs perSupervisor and patientData.'),
    send: z
      .enum(['link', 'html', 'pdf'], { error: '"link", "html" or "pdf"' })
      .describe('A link to the folder, or the page itself.'),
    every: z
      .enum(mailDays, { error: '"day", or a weekday such as "monday"' })
      .describe(
        'After the daily run of every day, or of that weekday; if it did not go then, after the next one.',
      ),
    patientData: yesNo
      .default(false)
      .describe(
        'true: a page with single authorizations and notes, and with names where names is true. Otherwise the page of totals, which holds no person.',
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
        'Periods in work at the same time, of each daily run, each backfill and each round of the sources; one portal login is used by one at a time.',
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
