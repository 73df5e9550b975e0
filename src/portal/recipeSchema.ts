import { z } from 'zod';
import { didYouMean } from '../domain/nearestWord.ts';
import { displayKey } from '../domain/plainKeys.ts';
import { byReport, reportNames } from '../reports/index.ts';
import { isPattern, parsePattern } from './textPatterns.ts';

/**
 * What a recipe may say. The only source for the check at start, the runner's types and the JSON Schema that editors
 * read; docs/recipes.md explains each key with examples.
 */

/** Roles by which a recipe may find elements: those that a person can name on a screen. */
export const targetRoles = [
  'alert',
  'alertdialog',
  'article',
  'button',
  'cell',
  'checkbox',
  'columnheader',
  'combobox',
  'dialog',
  'form',
  'grid',
  'gridcell',
  'group',
  'heading',
  'img',
  'link',
  'list',
  'listbox',
  'listitem',
  'main',
  'menu',
  'menubar',
  'menuitem',
  'menuitemcheckbox',
  'menuitemradio',
  'navigation',
  'option',
  'progressbar',
  'radio',
  'radiogroup',
  'region',
  'row',
  'rowgroup',
  'rowheader',
  'search',
  'searchbox',
  'slider',
  'spinbutton',
  'status',
  'switch',
  'tab',
  'table',
  'tablist',
  'tabpanel',
  'textbox',
  'toolbar',
  'tooltip',
  'tree',
  'treegrid',
  'treeitem',
] as const;

/** The failures that a sign on the page can mean. */
const signalTypes = [
  'PortalLoginRejected',
  'PortalLocked',
  'PortalMfaRequired',
  'PortalPermissionMissing',
  'PortalLayoutChanged',
  'PortalUnavailable',
  'ExportTimedOut',
  'ExportTruncated',
  'ExportWrongPeriod',
  'ExportWrongReport',
] as const;

/** An hour: no portal's export seen so far takes longer, and every wait must end. */
const patienceLimitSeconds = 3600;
/** More ways to find one element than an author can keep in order. */
const candidateLimit = 8;
/** More steps than any portal needs to reach a report; a longer list is a mistake in the file. */
const stepLimit = 100;

function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key ${issue.keys.map((key) => `"${displayKey(key)}"`).join(', ')}; ${didYouMean(issue.keys, known)}known here: ${known.join(', ')}`
        : undefined,
  });
}

const text = z
  .string()
  .min(1)
  .max(500)
  .refine((value) => !isPattern(value) || parsePattern(value) !== undefined, {
    error: 'not a valid regular expression between the slashes',
  });
const value = z.string().max(2000);
const seconds = z.number().positive().max(patienceLimitSeconds);

const css = z.string().describe('A CSS selector: the last resort, since portals change their markup.');
const role = z.enum(targetRoles).describe('What the element is, as evidence lists it, such as tab or row.');
const roleName = text
  .optional()
  .describe('What the element says: its whole accessible name, or a pattern between slashes.');

const frameName = z.union([
  strict({ title: z.string().describe("The inner frame's title.") }),
  strict({ name: z.string().describe("The inner frame's name.") }),
  strict({ css }),
]);
/** More frames in frames than any page has. */
const frameDepthLimit = 5;
const frame = z
  .union([frameName, z.array(frameName).min(1).max(frameDepthLimit)])
  .transform((given) => (Array.isArray(given) ? given : [given]));

const container = z.union([
  strict({ section: text.describe('A fieldset or region of this name, or what stands below this heading.') }),
  strict({ dialog: text.describe('The dialog of this name or title.') }),
  strict({
    role,
    name: roleName,
    contains: text.optional().describe('A text that stands in it, or a part of one.'),
  }),
  strict({ css }),
]);

const where = {
  within: container.optional().describe('Look only inside this section, dialog or element.'),
  near: text.optional().describe('Take the first match after this text: for fields without a label.'),
  which: z
    .enum(['first', 'last'])
    .optional()
    .describe(
      'Take the first or last of several matches. Without it, several are a failure: it never guesses.',
    ),
  frame: frame
    .optional()
    .describe('Look in this inner frame; a list names frames in frames, the outermost first.'),
};

const candidate = z.union([
  strict({ label: text.describe('A field by its label.'), ...where }),
  strict({ role, name: roleName, ...where }),
  strict({ button: text.describe('A button by its text.'), ...where }),
  strict({ link: text.describe('A link by its text.'), ...where }),
  strict({ cell: text.describe('A cell of a table or grid by its text.'), ...where }),
  strict({ treeItem: text.describe('An entry of a tree by its text.'), ...where }),
  strict({ menuItem: text.describe('An entry of a menu by its text.'), ...where }),
  strict({ text: text.describe('A text on the page, or a part of one.'), ...where }),
  strict({ placeholder: text.describe('A field by the grey text in it.'), ...where }),
  strict({ title: text.describe('An element by its tooltip.'), ...where }),
  strict({ css, ...where }),
]);

export const candidateWays = [
  'label',
  'role',
  'button',
  'link',
  'cell',
  'treeItem',
  'menuItem',
  'text',
  'placeholder',
  'title',
  'css',
] as const;

const target = z
  .union([candidate, z.array(candidate).min(1).max(candidateLimit)])
  .transform((given) => (Array.isArray(given) ? given : [given]));

const appears = target.optional().describe('Wait until one of these is visible.');
const gone = target.optional().describe('Wait until none of these is visible.');
const presence = strict({ appears, gone });
const needsEither = (given: z.output<typeof presence>) =>
  given.appears !== undefined || given.gone !== undefined;

const wholeNumber = z.number().int().min(0).max(1_000_000_000);
const limits = {
  atLeast: wholeNumber.optional().describe('The smallest number for which the condition holds.'),
  atMost: wholeNumber.optional().describe('The largest number for which the condition holds.'),
};
const countCondition = z
  .union([
    strict({ countOf: target.describe('What is counted: every visible match.'), ...limits }),
    strict({ numberIn: target.describe('Where the portal shows the number.'), ...limits }),
  ])
  .refine(({ atLeast, atMost }) => atLeast !== undefined || atMost !== undefined, {
    error: 'a condition on a number needs "atLeast", "atMost" or both',
  });
const stepCondition = z.union([target, countCondition]);

/** More repetitions than a person would have patience for. */
const repetitionLimit = 500;

const repeat = strict({
  until: z
    .union([target.transform((given): z.output<typeof presence> => ({ appears: given })), presence])
    .refine(needsEither, { error: 'until needs "appears", "gone" or both' })
    .describe(
      'What must be visible (or, with gone, no longer visible). If it is so at first, nothing is done.',
    ),
  every: seconds.default(5).describe('Seconds to look for it after each time. Default: 5.'),
  atMost: z
    .number()
    .int()
    .min(1)
    .max(repetitionLimit)
    .default(20)
    .describe('How often it is done, at most. Default: 20.'),
})
  .refine(({ every, atMost }) => every * atMost <= patienceLimitSeconds, {
    error: `every and atMost together are more than ${patienceLimitSeconds} seconds`,
  })
  .optional()
  .describe('Do this step again and again until the page shows something, such as a report that is ready.');

const stepName = z
  .string()
  .min(1)
  .max(100)
  .describe('What the step does, as you would say it to a colleague. Failures quote it.');
const patienceSeconds = seconds
  .optional()
  .describe("How long this step may take, in seconds, instead of the recipe's patience.");
const dialog = z
  .enum(['accept', 'dismiss'])
  .optional()
  .describe("The answer to a question of the browser's own; without it, such questions are dismissed.");
const failsAs = z
  .enum(signalTypes)
  .optional()
  .describe('The failure if the element is missing or the option is not offered.');
const progress = target.optional().describe('Where the portal shows a percentage. Only the number is read.');

const recordCount = target
  .optional()
  .describe('Where the portal shows the number of records after this step: it is compared with the file.');

const everyStep = {
  name: stepName,
  patienceSeconds,
  optional: z.boolean().optional().describe('true: go on if the element is not there.'),
  if: stepCondition
    .optional()
    .describe('Run the step only if this is visible, or a number is within limits, right now.'),
  unless: stepCondition
    .optional()
    .describe('Run the step only if this is not visible, or a number is not within limits, right now.'),
  reports: z.array(z.enum(reportNames)).min(1).optional().describe('Run the step only for these reports.'),
  dialog,
  failsAs,
  progress,
  recordCount,
};

const submits = z
  .literal('password')
  .optional()
  .describe('Marks the one step of login that sends the password. It runs once and is never retried.');
const opens = z.literal('page').optional().describe('page: wait for the page that this opens.');
const condition = presence.refine(needsEither, { error: 'wait needs "appears", "gone" or both' });
const into = target.describe('The field that takes the text.');
const expect = value
  .optional()
  .describe('What the field must show once it has lost the focus; without it, added punctuation is fine.');

const stepSchemas = {
  goto: strict({
    ...everyStep,
    goto: value.describe('The address of a page to open; other pages that steps opened are closed.'),
    repeat,
  }),
  fill: strict({ ...everyStep, fill: value.describe('A text to put into a field at once.'), into, expect }),
  type: strict({
    ...everyStep,
    type: value.describe('A text to enter key by key, for fields that listen to keys.'),
    into,
    expect,
  }),
  press: strict({
    ...everyStep,
    press: z.string().min(1).describe('A key to press, such as Enter, Tab or Control+a.'),
    on: target.optional().describe('The element that gets the key; without it, the one with the focus.'),
    opens,
    submits,
    repeat,
  }),
  choose: strict({
    ...everyStep,
    choose: text.describe('The option to pick, by its whole text.'),
    from: target.describe('The list: a select, or a field whose list floats on the page.'),
    opener: target.optional().describe('What opens the list, if clicking the field does not.'),
    option: target.optional().describe('The option on the page, if it does not have the role option.'),
  }),
  click: strict({
    ...everyStep,
    click: target.describe('What to click, once, as soon as nothing covers it.'),
    opens,
    submits,
    repeat,
  }),
  pickDate: strict({
    ...everyStep,
    pickDate: z
      .enum(['period.start', 'period.end'])
      .describe('The date to pick in a calendar that is open, without typing.'),
    calendar: target.describe('The calendar: the element with the heading of one month and its days.'),
    previous: target.optional().describe('What turns the calendar to the month before.'),
    next: target.optional().describe('What turns the calendar to the month after.'),
    month: z
      .string()
      .min(1)
      .max(50)
      .optional()
      .describe('How the calendar writes its month, such as MMM YY. Default: MMMM YYYY or MMM YYYY.'),
    day: text.optional().describe('What the day says, if it is neither its number nor its whole date.'),
  }).refine(({ previous, next }) => previous !== undefined || next !== undefined, {
    error: 'pickDate needs "previous", "next" or both',
  }),
  check: strict({ ...everyStep, check: target.describe('A check box to check.') }),
  uncheck: strict({ ...everyStep, uncheck: target.describe('A check box to clear.') }),
  hover: strict({
    ...everyStep,
    hover: target.describe('What to move the pointer to, for menus that open under it.'),
    repeat,
  }),
  reload: strict({
    ...everyStep,
    reload: z.literal('page').describe('page: load the newest page again.'),
    repeat,
  }),
  wait: strict({
    ...everyStep,
    wait: condition.describe('What to wait for: appears, gone or both at once.'),
  }),
  verify: strict({
    ...everyStep,
    verify: value.describe('The exact text that the field must show.'),
    in: target.describe('The field to read.'),
  }),
};

export const stepActions = Object.keys(stepSchemas) as (keyof typeof stepSchemas)[];

const step = z.union([
  stepSchemas.goto.transform((given) => ({ kind: 'goto' as const, ...given })),
  stepSchemas.fill.transform((given) => ({ kind: 'fill' as const, ...given })),
  stepSchemas.type.transform((given) => ({ kind: 'type' as const, ...given })),
  stepSchemas.press.transform((given) => ({ kind: 'press' as const, ...given })),
  stepSchemas.choose.transform((given) => ({ kind: 'choose' as const, ...given })),
  stepSchemas.pickDate.transform((given) => ({ kind: 'pickDate' as const, ...given })),
  stepSchemas.click.transform((given) => ({ kind: 'click' as const, ...given })),
  stepSchemas.check.transform((given) => ({ kind: 'check' as const, ...given })),
  stepSchemas.uncheck.transform((given) => ({ kind: 'uncheck' as const, ...given })),
  stepSchemas.hover.transform((given) => ({ kind: 'hover' as const, ...given })),
  stepSchemas.reload.transform((given) => ({ kind: 'reload' as const, ...given })),
  stepSchemas.wait.transform((given) => ({ kind: 'wait' as const, ...given })),
  stepSchemas.verify.transform((given) => ({ kind: 'verify' as const, ...given })),
]);

const steps = z.array(step).min(1).max(stepLimit);

const download = strict({
  name: stepName,
  click: target.describe('The click that starts the download.'),
  opens,
  dialog,
  failsAs,
  patienceSeconds,
  progress,
  recordCount,
  showsFile: z
    .literal(true)
    .optional()
    .describe('true: the click shows the file in a window or frame; it is saved instead.'),
  fileName: text.optional().describe('Accept only a file of this name or pattern.'),
});

const sign = z.union([
  target,
  strict({ dialogSays: text.describe("Words in a dialog of the browser's own (alert, confirm).") }),
]);

const patience = strict({
  stepSeconds: seconds.default(30).describe('Seconds for each step.'),
  optionalSeconds: seconds.default(2).describe('Seconds for each step that is optional.'),
  downloadSeconds: seconds.default(900).describe('Seconds from the click on export to the whole file.'),
  logoutSeconds: seconds.max(30).default(5).describe('Seconds for logging out.'),
});

const reportValues = z
  .record(z.string(), z.string().min(1))
  .optional()
  .describe('What the portal calls this report; ${report.<key>} is replaced by these texts.');

const dayOfMonth = z.string().regex(/^(?:[1-9]|[12]\d|3[01])$/, { error: 'a day of the month, 1 to 31' });
const periodName = text.describe('The name, with the period\'s dates: "${period.start|MMMM YYYY}".');

const periodNames = strict(
  byReport(() =>
    z
      .union([periodName, z.record(dayOfMonth, periodName)])
      .optional()
      .describe('One name for all periods, or one for each day of the month on which periods start.'),
  ),
);

const failure = strict({
  when: sign.describe('The sign on the page, or the words of a browser dialog.'),
  type: z.enum(signalTypes).describe('The failure that it means.'),
  hint: z.string().min(1).optional().describe('What to do about it; shown with the failure.'),
});

const interruption = strict({
  name: z.string().min(1).describe('What it is, for the author.'),
  when: target.describe('What shows that it is there.'),
  click: target.describe('What to click to make it go away.'),
});

export const recipeSchema = strict({
  portal: z.string().min(1).max(60).describe('A name for messages and evidence.'),
  patience: patience.prefault({}).describe('How long things may take, in seconds.'),
  reports: strict(byReport(() => reportValues)).describe(
    'What the portal calls the reports that it has; the same keys for each.',
  ),
  periodNames: periodNames
    .optional()
    .describe('What the portal calls a period in a list, a bookmark or a saved view: ${period.name}.'),
  signedIn: target.describe('What only somebody who is signed in can see.'),
  sessionLost: z
    .array(sign)
    .default([])
    .describe('Signs that the portal ended the session: the pipeline logs in again, once per export.'),
  failures: z.array(failure).default([]).describe('Signs on which the run stops with that failure.'),
  interruptions: z
    .array(interruption)
    .default([])
    .describe('What may appear at any moment and is clicked away.'),
  login: steps.describe('The steps from nothing to signed in.'),
  report: steps.describe('The steps from signed in to the moment before the click that starts the download.'),
  download: download.describe('The click that starts the download, and what is known of the file.'),
  logout: z
    .array(step)
    .max(stepLimit)
    .default([])
    .describe('The steps of logging out; they also run after a failure or a cancel.'),
});

export type Recipe = z.output<typeof recipeSchema>;
export type Step = z.output<typeof step>;
export type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;
export type DownloadStep = z.output<typeof download>;
export type Candidate = z.output<typeof candidate>;
/** Ways to find one element, in order. */
export type Target = readonly Candidate[];
export type Container = z.output<typeof container>;
export type FrameName = z.output<typeof frameName>;
/** What must be visible and what must not. */
export type Presence = z.output<typeof presence>;
export type CountCondition = z.output<typeof countCondition>;
export type StepCondition = z.output<typeof stepCondition>;
export type Repeat = NonNullable<z.output<typeof repeat>>;
export type Sign = z.output<typeof sign>;
export type FailureSignal = Recipe['failures'][number];
export type Interruption = Recipe['interruptions'][number];
