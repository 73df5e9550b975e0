import { describe, expect, test } from 'vitest';
import { readPipelineConfig } from '../../src/config.ts';
import { pipelineWith, plainPipeline, problemsOf } from './pipelineFile.ts';

const codeWanted = 'a service code without its effective date, as text (in quotes if it looks like a number)';
const timeWanted =
  'a time from "03:30" to "23:59"; before that, a clock change makes the time happen twice or not at all on some days';

const layoutWanted =
  'a layout such as M/D/YYYY, YYYY-MM-DD or MM/DD/YYYY h:mm A, of YYYY YY MMMM MMM MM M DD D HH H hh h mm ss SSS A z Z, with something between those of one digit or two';

describe('a mistake in pipeline.yaml is named with its line, its key, what it got and what it wanted', () => {
  test.each<{ title: string; change: Record<string, string>; says: string[] }>([
    {
      title: 'a misspelt key leads to the one that was meant, once',
      change: { 'idleSeconds:': 'idelSeconds:' },
      says: ['pipeline.yaml:17: portal.idelSeconds: unknown key; did you mean idleSeconds?'],
    },
    {
      title: 'a misspelt section too',
      change: { 'schedule:': 'shedule:' },
      says: ['pipeline.yaml:25: shedule: unknown key; did you mean schedule?'],
    },
    {
      title: 'an unknown report name within a list of reports',
      change: { '  notes: {': '  note: {' },
      says: ['pipeline.yaml:14: reports.note: unknown key; did you mean notes?'],
    },
    {
      title: 'a key that is like none is told those that there are',
      change: { 'concurrency: 2': 'concurrency: 2\n  zzz: 1' },
      says: ['pipeline.yaml:24: backfill.zzz: unknown key; known here: concurrency, periodsPerRun'],
    },
    {
      title: 'a key inside a group',
      change: { '    services: [CLS, CN]': '    service: [CLS, CN]' },
      says: ['pipeline.yaml:7: groups.3.service: unknown key; did you mean services?'],
    },
    {
      title: 'dollars of something else than an authorization or a month',
      change: { 'refreshPeriods: 2': 'refreshPeriods: 2, figuresAre: year' },
      says: [
        'pipeline.yaml:13: reports.utilization.figuresAre: got text of 4 characters, wanted "authorization" or "month"',
      ],
    },
    {
      title: 'what dollars are of, in a report that has none',
      change: { 'refreshPeriods: 3': 'refreshPeriods: 3, figuresAre: month' },
      says: [
        'pipeline.yaml:14: reports.notes.figuresAre: unknown key; known here: inUse, refreshPeriods, currentPeriod, columnAliases, blankWords, decodeHtmlEntities, checks, file, gates',
      ],
    },
    {
      title: 'an amount among the words that mean blank',
      change: { 'refreshPeriods: 3': "refreshPeriods: 3, blankWords: ['0.00']" },
      says: [
        'pipeline.yaml:14: reports.notes.blankWords[0]: got text of 4 characters, wanted a word that is not an amount: a cell of it has a value',
      ],
    },
    {
      title: 'a layout of dates with two readings: MDYYYY',
      change: { 'refreshPeriods: 3': 'refreshPeriods: 3, file: { dates: { date_of_service: MDYYYY } }' },
      says: [
        `pipeline.yaml:14: reports.notes.file.dates.date_of_service: got "MDYYYY", wanted ${layoutWanted}`,
      ],
    },
    {
      title: 'a layout of dates with two readings: DMYY',
      change: { 'refreshPeriods: 3': 'refreshPeriods: 3, file: { dates: { date_of_service: DMYY } }' },
      says: [
        `pipeline.yaml:14: reports.notes.file.dates.date_of_service: got text of 4 characters, wanted ${layoutWanted}`,
      ],
    },
    {
      title: 'a layout of dates with two readings: YYYYMD',
      change: { 'refreshPeriods: 3': 'refreshPeriods: 3, file: { dates: { date_of_service: YYYYMD } }' },
      says: [
        `pipeline.yaml:14: reports.notes.file.dates.date_of_service: got "YYYYMD", wanted ${layoutWanted}`,
      ],
    },
    {
      title: 'a layout of dates with two readings: DYYYYM',
      change: { 'refreshPeriods: 3': 'refreshPeriods: 3, file: { dates: { date_of_service: DYYYYM } }' },
      says: [
        `pipeline.yaml:14: reports.notes.file.dates.date_of_service: got "DYYYYM", wanted ${layoutWanted}`,
      ],
    },
    {
      title: 'a layout of dates with two readings: M/DhmmYYYY A',
      change: {
        'refreshPeriods: 3': 'refreshPeriods: 3, file: { dates: { date_of_service: M/DhmmYYYY A } }',
      },
      says: [
        `pipeline.yaml:14: reports.notes.file.dates.date_of_service: got text of 12 characters, wanted ${layoutWanted}`,
      ],
    },
    ...[
      ['-', 'text of 1 character'],
      ['1', '"1"'],
      ['U.S.', 'text of 4 characters'],
      ['A,B', 'text of 3 characters'],
      ['(', 'text of 1 character'],
      ['cr', '"cr"'],
      ['DR', '"DR"'],
    ].map(([word, got]) => ({
      title: `the currency ${word!}`,
      change: { 'refreshPeriods: 3': `refreshPeriods: 3, file: { currencyWords: [USD, '${word!}'] }` },
      says: [
        `pipeline.yaml:14: reports.notes.file.currencyWords[1]: got ${got!}, wanted a word of letters or a sign such as €, and neither CR nor DR: what it hides has no effect`,
      ],
    })),
    ...[
      { form: 'decimalMark: comma', word: '1.234,56', at: 'blankWords[0]' },
      { form: 'decimalMark: comma', word: '1.234,56', at: 'file.blankWords.days_to_sign[0]' },
      { form: 'credits: negative', word: '0.00 CR', at: 'blankWords[0]' },
      { form: 'amounts: accounting', word: '$ -', at: 'blankWords[0]' },
      { form: 'currencyWords: [USD]', word: 'USD 0', at: 'file.blankWords.days_to_sign[0]' },
    ].map(({ form, word, at }) => ({
      title: `an amount as a word for blank: ${word} with ${form} in ${at}`,
      change: {
        'refreshPeriods: 3': at.startsWith('file')
          ? `refreshPeriods: 3, file: { ${form}, blankWords: { days_to_sign: ['${word}'] } }`
          : `refreshPeriods: 3, blankWords: ['${word}'], file: { ${form} }`,
      },
      says: [
        `pipeline.yaml:14: reports.notes.${at}: got text of ${String(word.length)} characters, wanted a word that is not an amount: a cell of it has a value`,
      ],
    })),
    {
      title: 'a webhook of a kind that there is none of',
      change: { 'webhook: none': 'webhook: discord' },
      says: ['pipeline.yaml:34: alerts.webhook: got text of 7 characters, wanted "none", "slack" or "teams"'],
    },
    {
      title: 'a webhook’s address in place of its kind, which is not repeated',
      change: { 'webhook: none': 'webhook: https://hooks.example.org/s3cret' },
      says: ['pipeline.yaml:34: alerts.webhook: got an address, wanted "none", "slack" or "teams"'],
    },
    {
      title: 'more than an address as a recipient',
      change: { 'to: []': 'to: ["Ops <ops@example.org>"]' },
      says: [
        'pipeline.yaml:35: alerts.mail.to[0]: got text of 21 characters, wanted one mail address such as ops@example.org',
      ],
    },
    {
      title: 'a Web UI with a password in its address',
      change: { "webUi: ''": 'webUi: https://me:pw@temporal.example.org' },
      says: [
        "pipeline.yaml:39: alerts.webUi: got an address, wanted an address that begins with http:// or https://, without user and password, or '' for none",
      ],
    },
    {
      title: 'a missing key is named at the section that lacks it',
      change: { '  attempts: 4\n': '' },
      says: ['pipeline.yaml:15: portal.attempts: missing, wanted a whole number of attempts from 1 to 10'],
    },
    {
      title: 'a missing section',
      change: { 'worker:\n  shutdownGraceSeconds: 120\n': '' },
      says: ['pipeline.yaml:1: worker: missing, wanted a mapping with the keys shutdownGraceSeconds'],
    },
    {
      title: 'one code in two groups, ignoring case',
      change: { '[CLS, CN]': '[CLS, ds]' },
      says: [
        'pipeline.yaml:7: groups.3.services[1]: this service code is in group 3 and in group 2; keep one (see line 4)',
      ],
    },
    {
      title: 'one code twice in a group',
      change: { '[CLS, CN]': '\n      - CLS\n      - CN\n      - CLS' },
      says: [
        'pipeline.yaml:10: groups.3.services[2]: this service code is twice in group 3; keep one (see line 8)',
      ],
    },
    {
      title: 'one code excluded twice',
      change: { 'excludedServices: []': 'excludedServices: [TRANSPORT, Transport]' },
      says: [
        'pipeline.yaml:8: excludedServices[1]: this service code is twice in this list; keep one (see line 8)',
      ],
    },
    {
      title: 'a code with an effective date, which would match nothing',
      change: { '[CLS, CN]': '[CLS (07/01/2026), CN]' },
      says: [`pipeline.yaml:7: groups.3.services[0]: got text of 16 characters, wanted ${codeWanted}`],
    },
    {
      title: 'a code that YAML takes for a number, which would lose its zeros',
      change: { '[CLS, CN]': '[CLS, 0012]' },
      says: [`pipeline.yaml:7: groups.3.services[1]: got 12, wanted ${codeWanted}`],
    },
    {
      title: 'a service that says something else than its code and whether it is respite',
      change: { '[CLS, CN]': '[{ code: CLS, respit: true }, { respite: yes, code: 12 }, { respite: true }]' },
      says: [
        'pipeline.yaml:7: groups.3.services[0].respit: unknown key; did you mean respite?',
        `pipeline.yaml:7: groups.3.services[1].code: got 12, wanted ${codeWanted}`,
        'pipeline.yaml:7: groups.3.services[1].respite: got "yes", wanted true or false',
        `pipeline.yaml:7: groups.3.services[2].code: missing, wanted ${codeWanted}`,
      ],
    },
    {
      title: 'a marked service that is in another group too',
      change: { '[CLS, CN]': '[CLS, { code: ds, respite: true }]' },
      says: [
        'pipeline.yaml:7: groups.3.services[1]: this service code is in group 3 and in group 2; keep one (see line 4)',
      ],
    },
    {
      title: 'a list for a service',
      change: { '[CLS, CN]': '[CLS, [CN]]' },
      says: [`pipeline.yaml:7: groups.3.services[1]: got a list, wanted ${codeWanted}`],
    },
    {
      title: 'group 0, which is kept for the unknown',
      change: { '  2: {': '  0: {' },
      says: [
        'pipeline.yaml:4: groups.0: got the key "0", wanted a group number from 1 to 9 (0 is kept for services that no group names)',
      ],
    },
    {
      title: 'a group without services',
      change: { '[CLS, CN]': '[]' },
      says: ['pipeline.yaml:7: groups.3.services: got an empty list, wanted at least one service code'],
    },
    {
      title: 'a list where text belongs, and text where a list belongs',
      change: { 'name: Living': 'name: [Living]', 'excludedServices: []': 'excludedServices: TRANSPORT' },
      says: [
        'pipeline.yaml:6: groups.3.name: got a list, wanted the name that dashboards show',
        'pipeline.yaml:8: excludedServices: got text of 9 characters, wanted a list of service codes, [] for none',
      ],
    },
    {
      title: 'an empty LINCS QP',
      change: { 'lincsQp: FERNHOLLOW, ADELE': "lincsQp: ''" },
      says: [
        'pipeline.yaml:10: supervisors.lincsQp: got "", wanted the name of a QP as the portal exports it, LAST, FIRST',
      ],
    },
    {
      title: 'a LINCS QP of white space only',
      change: { 'lincsQp: FERNHOLLOW, ADELE': "lincsQp: '  '" },
      says: [
        'pipeline.yaml:10: supervisors.lincsQp: got "", wanted the name of a QP as the portal exports it, LAST, FIRST',
      ],
    },
    {
      title: 'a name too long for its column is counted, not repeated',
      change: { 'lincsQp: FERNHOLLOW, ADELE': `lincsQp: ${'A'.repeat(161)}` },
      says: [
        'pipeline.yaml:10: supervisors.lincsQp: got text of 161 characters, wanted the name of a QP as the portal exports it, LAST, FIRST',
      ],
    },
    {
      title: 'a key left without a value',
      change: { 'timeZone: America/New_York': 'timeZone:' },
      says: [
        'pipeline.yaml:2: organisation.timeZone: got nothing, wanted an IANA time zone such as America/New_York',
      ],
    },
    {
      title: 'a time zone that is none',
      change: { 'America/New_York': 'America/NewYork' },
      says: [
        'pipeline.yaml:2: organisation.timeZone: got "America/NewYork", wanted an IANA time zone such as America/New_York; did you mean America/New_York?',
      ],
    },
    {
      title: 'a time zone in the wrong case, which the Temporal server would refuse',
      change: { 'America/New_York': 'america/new_york' },
      says: [
        'pipeline.yaml:2: organisation.timeZone: got "america/new_york", wanted an IANA time zone such as America/New_York; did you mean America/New_York?',
      ],
    },
    {
      title: 'an offset, which knows no summer time',
      change: { 'America/New_York': "'-05:00'" },
      says: [
        'pipeline.yaml:2: organisation.timeZone: got text of 6 characters, wanted an IANA time zone such as America/New_York',
      ],
    },
    {
      title: 'a recipe that is not there',
      change: { 'portals/demo.yaml': 'portals/other.yaml' },
      says: [
        'pipeline.yaml:16: portal.recipe: got text of 18 characters, wanted the path of an existing recipe, counted from the folder of this file',
      ],
    },
    {
      title: 'no report in use',
      change: {
        'refreshPeriods: 3': 'refreshPeriods: 3, inUse: false',
        'refreshPeriods: 2': 'refreshPeriods: 2, inUse: false',
      },
      says: ['pipeline.yaml:12: reports: got a mapping, wanted at least one report with inUse: true'],
    },
    {
      title: 'a folder in place of the recipe',
      change: { 'portals/demo.yaml': 'portals' },
      says: [
        'pipeline.yaml:16: portal.recipe: got text of 7 characters, wanted the path of an existing recipe, counted from the folder of this file',
      ],
    },
    {
      title: 'zero, negative, broken and absurd numbers',
      change: {
        'idleSeconds: 60': 'idleSeconds: 0',
        'attempts: 4': 'attempts: -1',
        'concurrency: 2': 'concurrency: 1.5',
        'catchUpDays: 3': 'catchUpDays: 300',
        'refreshPeriods: 3': 'refreshPeriods: .inf',
      },
      says: [
        'pipeline.yaml:14: reports.notes.refreshPeriods: got Infinity, wanted a whole number of periods from 1 to 24',
        'pipeline.yaml:17: portal.idleSeconds: got 0, wanted a whole number of seconds from 1 to 900',
        'pipeline.yaml:18: portal.attempts: got -1, wanted a whole number of attempts from 1 to 10',
        'pipeline.yaml:23: backfill.concurrency: got 1.5, wanted a whole number of periods from 1 to 10',
        'pipeline.yaml:27: schedule.catchUpDays: got 300, wanted a whole number of days from 1 to 30',
      ],
    },
    {
      title: 'a number in quotes, and the yes that YAML no longer knows',
      change: { 'runTimeoutHours: 6': "runTimeoutHours: '6'", 'headless: true': 'headless: yes' },
      says: [
        'pipeline.yaml:21: portal.headless: got "yes", wanted true or false',
        'pipeline.yaml:30: runTimeoutHours: got "6", wanted a whole number of hours from 1 to 72',
      ],
    },
    {
      title: 'a heading for a column that the report does not have',
      change: { '{ caregiver: [Staff': '{ caregiverr: [Staff' },
      says: [
        'pipeline.yaml:14: reports.notes.columnAliases.caregiverr: unknown key; did you mean caregiver?',
      ],
    },
    {
      title: 'a heading that is a column of the report, in another case',
      change: { '[Staff Name]': '[Staff Name, days TO sign]' },
      says: [
        'pipeline.yaml:14: reports.notes.columnAliases.caregiver[1]: got "days TO sign", wanted a heading that is not itself a column of the report, as days_to_sign is',
      ],
    },
    {
      title: 'a heading for two columns, in another case and with other spaces',
      change: { '{ caregiver: [Staff Name] }': '{ caregiver: [Staff Name], client: [staff  NAME] }' },
      says: [
        'pipeline.yaml:14: reports.notes.columnAliases.caregiver[0]: this heading is under caregiver and under client; keep one (see line 14)',
      ],
    },
    {
      title: 'a heading twice for a column',
      change: { '[Staff Name]': '[Staff Name, Staff Name]' },
      says: [
        'pipeline.yaml:14: reports.notes.columnAliases.caregiver[1]: this heading is twice under caregiver; keep one (see line 14)',
      ],
    },
    {
      title: 'a heading that is no list, an empty list, no headings at all',
      change: {
        '{ caregiver: [Staff Name] }': '{ caregiver: Staff Name, client: [] }',
        'Aliases: {}': 'Aliases:',
      },
      says: [
        'pipeline.yaml:13: reports.utilization.columnAliases: got nothing, wanted a mapping of columns to lists of other headings, {} for none',
        'pipeline.yaml:14: reports.notes.columnAliases.client: got an empty list, wanted at least one heading',
        'pipeline.yaml:14: reports.notes.columnAliases.caregiver: got text of 10 characters, wanted a list of headings',
      ],
    },
    {
      title: 'an unknown check, a check of the other report, a missing one and an unknown level',
      change: {
        'end-before-start: error': 'end-before-begin: error',
        'over-authorized: warning': 'over-authorized: ignore',
        ', unauthorized-spending: error': '',
        'signed-before-service: warning': 'signed-before-service: warning, negative-units: error',
      },
      says: [
        'pipeline.yaml:13: reports.utilization.checks.over-authorized: got text of 6 characters, wanted "error" (the row is put aside) or "warning" (it is counted)',
        'pipeline.yaml:13: reports.utilization.checks.unauthorized-spending: missing, wanted "error" (the row is put aside) or "warning" (it is counted)',
        'pipeline.yaml:13: reports.utilization.checks.end-before-begin: unknown key; did you mean end-before-start?',
        'pipeline.yaml:14: reports.notes.checks.negative-units: unknown key; known here: signed-before-service',
      ],
    },
    {
      title: 'gates that no run could pass or fail, and one left out',
      change: {
        'rejectedPercent: 20': 'rejectedPercent: 101',
        'smallestRows: 30': 'smallestRows: -1',
        'fewerPercent: 10': 'fewerPercent: 12.5',
        'morePercent: 50': 'morePercent: 10001',
        'periods: 6, ': '',
      },
      says: [
        'pipeline.yaml:13: reports.utilization.gates.rejectedPercent: got 101, wanted a whole number of percent from 0 to 100',
        'pipeline.yaml:13: reports.utilization.gates.smallestRows: got -1, wanted a whole number of rows from 0 to 100000',
        'pipeline.yaml:13: reports.utilization.gates.lastLoad.fewerPercent: got 12.5, wanted a whole number of percent from 0 to 100',
        'pipeline.yaml:13: reports.utilization.gates.lastLoad.morePercent: got 10001, wanted a whole number of percent from 0 to 10000',
        'pipeline.yaml:13: reports.utilization.gates.median.periods: missing, wanted a whole number of periods from 1 to 24',
      ],
    },
    {
      title: 'a start within the hours of clock changes',
      change: { 'at: 03:30': 'at: 03:29' },
      says: [`pipeline.yaml:26: schedule.at: got "03:29", wanted ${timeWanted}`],
    },
    {
      title: 'a start at midnight',
      change: { 'at: 03:30': 'at: 00:00' },
      says: [`pipeline.yaml:26: schedule.at: got "00:00", wanted ${timeWanted}`],
    },
    {
      title: 'a start that is no time',
      change: { 'at: 03:30': 'at: 24:00' },
      says: [`pipeline.yaml:26: schedule.at: got "24:00", wanted ${timeWanted}`],
    },
    {
      title: 'a start written with one digit',
      change: { 'at: 03:30': 'at: 4:30' },
      says: [`pipeline.yaml:26: schedule.at: got "4:30", wanted ${timeWanted}`],
    },
    {
      title: 'an overlap that would start two runs at once',
      change: { BUFFER_ONE: 'ALLOW_ALL' },
      says: [
        'pipeline.yaml:29: schedule.overlap: got text of 9 characters, wanted "BUFFER_ONE", "BUFFER_ALL" or "SKIP"',
      ],
    },
    {
      title: 'dashboards without some settings, with unknown paper and too many months',
      change: {
        'runTimeoutHours: 6':
          'dashboards: { folder: out, months: 25, pdf: A5, names: yes }\nrunTimeoutHours: 6',
      },
      says: [
        'pipeline.yaml:30: dashboards.months: got 25, wanted a whole number of months from 1 to 24',
        'pipeline.yaml:30: dashboards.perQp: missing, wanted true or false',
        'pipeline.yaml:30: dashboards.pdf: got text of 2 characters, wanted "none", "Letter" or "A4"',
        'pipeline.yaml:30: dashboards.names: got "yes", wanted true or false',
      ],
    },
    {
      title: 'a mail to nobody and of no day',
      change: {
        'runTimeoutHours: 6':
          'dashboards: { folder: out, months: 5, perQp: false, pdf: none, names: false, mail: { link: here, recipients: [{ to: [nobody], send: link, every: month }] } }\nrunTimeoutHours: 6',
      },
      says: [
        'pipeline.yaml:30: dashboards.mail.recipients[0].to[0]: got text of 6 characters, wanted one mail address such as ops@example.org',
        'pipeline.yaml:30: dashboards.mail.recipients[0].every: got text of 5 characters, wanted "day", or a weekday such as "monday"',
      ],
    },
    {
      title: 'mails of pages that there are not, or that hold more than was allowed',
      change: {
        'runTimeoutHours: 6': [
          'dashboards:',
          '  { folder: out, months: 5, perQp: false, pdf: none, names: false, mail: { link: here, recipients: [',
          '    { to: [a@example.org], qp: TAMYA, send: link, every: day },',
          '    { to: [a@example.org], send: pdf, every: monday, patientData: true },',
          '    { to: [a@example.org], supervisor: WREPE, send: html, every: day },',
          '    { to: [a@example.org], send: html, every: friday } ] } }',
          'runTimeoutHours: 6',
        ].join('\n'),
      },
      says: [
        'pipeline.yaml:32: dashboards.mail.recipients[0].qp: got text of 5 characters, wanted no qp, or perQp: true',
        'pipeline.yaml:32: dashboards.mail.recipients[0].qp: got text of 5 characters, wanted no qp, or patientData: true, since the page of one person holds single authorizations or notes',
        'pipeline.yaml:33: dashboards.mail.recipients[1].send: got "pdf", wanted link or html, or pdf: Letter or A4',
        'pipeline.yaml:34: dashboards.mail.recipients[2].supervisor: got text of 5 characters, wanted no supervisor, or perSupervisor: true',
        'pipeline.yaml:34: dashboards.mail.recipients[2].supervisor: got text of 5 characters, wanted no supervisor, or patientData: true, since the page of one person holds single authorizations or notes',
      ],
    },
    {
      title: 'a daily run that would end before the runs it waits for, and a mistake elsewhere',
      change: { 'executionTimeoutHours: 12': 'executionTimeoutHours: 5', 'attempts: 4': 'attempts: 0' },
      says: [
        'pipeline.yaml:18: portal.attempts: got 0, wanted a whole number of attempts from 1 to 10',
        'pipeline.yaml:28: schedule.executionTimeoutHours: a daily run waits for the runs it starts, so it needs at least the hours of runTimeoutHours (see line 30)',
      ],
    },
    {
      title: 'a key that stands twice',
      change: { 'runTimeoutHours: 6': 'runTimeoutHours: 6\nrunTimeoutHours: 7' },
      says: ['pipeline.yaml:31: runTimeoutHours: this key is there already; keep one'],
    },
    {
      title: 'a group that stands twice, once in quotes, and a mistake elsewhere',
      change: { '  3:': '  "2":', 'attempts: 4': 'attempts: 0' },
      says: [
        'pipeline.yaml:5: groups.2: this key is there already; keep one',
        'pipeline.yaml:18: portal.attempts: got 0, wanted a whole number of attempts from 1 to 10',
      ],
    },
    {
      title: 'a secret in the wrong file is not repeated',
      change: { 'portal:\n': 'portal:\n  password: correct horse battery\n' },
      says: [
        'pipeline.yaml:16: portal.password: unknown key; known here: recipe, signInOrigins, reports, idleSeconds, attempts, retrySeconds, showPatientData, exportMegabytes, headless',
      ],
    },
  ])('$title', ({ change, says }) => {
    expect(problemsOf(pipelineWith(change))).toEqual(says);
  });
});

describe('a file that is no pipeline.yaml at all', () => {
  test.each([
    {
      title: 'an empty one',
      text: '',
      says: /^pipeline\.yaml:1: got nothing, wanted a mapping with the keys organisation, groups, /,
    },
    {
      title: 'a list',
      text: '- a\n',
      says: /^pipeline\.yaml:1: got a list, wanted a mapping with the keys /,
    },
    {
      title: 'a bracket left open',
      text: plainPipeline.replace('[DS]', '[DS'),
      says: /^pipeline\.yaml:\d+: not valid YAML: /,
    },
    {
      title: 'two documents',
      text: `${plainPipeline}---\na: 1\n`,
      says: /^pipeline\.yaml:40: not valid YAML: /,
    },
    {
      title: 'an alias to nothing',
      text: plainPipeline.replace('[DS]', '*codes'),
      says: /^pipeline\.yaml:4: got an alias, wanted the value itself$/,
    },
    {
      title: 'an unknown tag',
      text: plainPipeline.replace('[DS]', '!codes [DS]'),
      says: /:4: not valid YAML: /,
    },
  ])('$title', ({ text, says }) => {
    expect(problemsOf(text)[0]).toMatch(says);
  });

  test('one that is not there', () => {
    expect(() => readPipelineConfig('nowhere/pipeline.yaml')).toThrow(
      "nowhere/pipeline.yaml: cannot be read (ENOENT), wanted the pipeline's YAML; EHR_CONFIG names the file",
    );
  });
});
