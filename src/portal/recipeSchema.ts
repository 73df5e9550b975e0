import { z } from 'zod';
import { tellableKey } from '../domain/plainKeys.ts';
import { reportNames } from '../reports/index.ts';
import { isPattern, parsePattern } from './textPatterns.ts';

/**
 * What a recipe may say. The only source for the check at start, the runner's types and the JSON Schema that editors
 * read; docs/recipes.md explains each key with examples.
 */

/** Roles by which a recipe may find elements: those that a person can name on a screen. */
const targetRoles = [
  'alert',
  'alertdialog',
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
  'menuitem',
  'navigation',
  'option',
  'progressbar',
  'radio',
  'radiogroup',
  'region',
  'row',
  'search',
  'searchbox',
  'spinbutton',
  'status',
  'switch',
  'tab',
  'table',
  'tablist',
  'tabpanel',
  'textbox',
  'toolbar',
  'tree',
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
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key ${issue.keys.map((key) => `"${tellableKey(key)}"`).join(', ')}; known here: ${Object.keys(shape).join(', ')}`
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

const frame = z.union([
  strict({ title: z.string() }),
  strict({ name: z.string() }),
  strict({ css: z.string() }),
]);

const container = z.union([
  strict({ section: text }),
  strict({ dialog: text }),
  strict({ role: z.enum(targetRoles), name: text.optional() }),
  strict({ css: z.string() }),
]);

const where = { within: container.optional(), near: text.optional(), frame: frame.optional() };

const candidate = z.union([
  strict({ label: text, ...where }),
  strict({ role: z.enum(targetRoles), name: text.optional(), ...where }),
  strict({ button: text, ...where }),
  strict({ link: text, ...where }),
  strict({ text, ...where }),
  strict({ placeholder: text, ...where }),
  strict({ title: text, ...where }),
  strict({ css: z.string(), ...where }),
]);

export const candidateWays = [
  'label',
  'role',
  'button',
  'link',
  'text',
  'placeholder',
  'title',
  'css',
] as const;

const target = z
  .union([candidate, z.array(candidate).min(1).max(candidateLimit)])
  .transform((given) => (Array.isArray(given) ? given : [given]));

const everyStep = {
  name: z.string().min(1).max(100),
  patienceSeconds: seconds.optional(),
  optional: z.boolean().optional(),
  if: target.optional(),
  unless: target.optional(),
  reports: z.array(z.enum(reportNames)).min(1).optional(),
  dialog: z.enum(['accept', 'dismiss']).optional(),
  failsAs: z.enum(signalTypes).optional(),
  progress: target.optional(),
};

const submits = z.literal('password').optional();
const opens = z.literal('page').optional();
const condition = strict({ appears: target.optional(), gone: target.optional() }).refine(
  ({ appears, gone }) => appears !== undefined || gone !== undefined,
  { error: 'wait needs "appears", "gone" or both' },
);

const clickStep = strict({ ...everyStep, click: target, opens, submits });
const pressStep = strict({ ...everyStep, press: z.string().min(1), on: target.optional(), opens, submits });

const stepSchemas = {
  goto: strict({ ...everyStep, goto: value }),
  fill: strict({ ...everyStep, fill: value, into: target, expect: value.optional() }),
  type: strict({ ...everyStep, type: value, into: target, expect: value.optional() }),
  press: pressStep,
  choose: strict({
    ...everyStep,
    choose: text,
    from: target,
    opener: target.optional(),
    option: target.optional(),
  }),
  click: clickStep,
  check: strict({ ...everyStep, check: target }),
  uncheck: strict({ ...everyStep, uncheck: target }),
  hover: strict({ ...everyStep, hover: target }),
  wait: strict({ ...everyStep, wait: condition }),
  verify: strict({ ...everyStep, verify: value, in: target }),
};

export const stepActions = Object.keys(stepSchemas) as (keyof typeof stepSchemas)[];

const step = z.union([
  stepSchemas.goto.transform((given) => ({ kind: 'goto' as const, ...given })),
  stepSchemas.fill.transform((given) => ({ kind: 'fill' as const, ...given })),
  stepSchemas.type.transform((given) => ({ kind: 'type' as const, ...given })),
  stepSchemas.press.transform((given) => ({ kind: 'press' as const, ...given })),
  stepSchemas.choose.transform((given) => ({ kind: 'choose' as const, ...given })),
  stepSchemas.click.transform((given) => ({ kind: 'click' as const, ...given })),
  stepSchemas.check.transform((given) => ({ kind: 'check' as const, ...given })),
  stepSchemas.uncheck.transform((given) => ({ kind: 'uncheck' as const, ...given })),
  stepSchemas.hover.transform((given) => ({ kind: 'hover' as const, ...given })),
  stepSchemas.wait.transform((given) => ({ kind: 'wait' as const, ...given })),
  stepSchemas.verify.transform((given) => ({ kind: 'verify' as const, ...given })),
]);

const steps = z.array(step).min(1).max(stepLimit);

const download = strict({
  name: z.string().min(1).max(100),
  click: target,
  opens,
  dialog: everyStep.dialog,
  failsAs: everyStep.failsAs,
  patienceSeconds: seconds.optional(),
  progress: target.optional(),
  recordCount: target.optional(),
  fileName: text.optional(),
});

const sign = z.union([target, strict({ dialogSays: text })]);

const patience = strict({
  stepSeconds: seconds.default(30),
  optionalSeconds: seconds.default(2),
  downloadSeconds: seconds.default(900),
  logoutSeconds: seconds.max(30).default(5),
});

export const recipeSchema = strict({
  portal: z.string().min(1).max(60),
  patience: patience.prefault({}),
  reports: strict(
    Object.fromEntries(reportNames.map((name) => [name, z.record(z.string(), z.string().min(1))])) as Record<
      (typeof reportNames)[number],
      z.ZodRecord<z.ZodString, z.ZodString>
    >,
  ),
  signedIn: target,
  sessionLost: z.array(sign).default([]),
  failures: z
    .array(strict({ when: sign, type: z.enum(signalTypes), hint: z.string().min(1).optional() }))
    .default([]),
  interruptions: z.array(strict({ name: z.string().min(1), when: target, click: target })).default([]),
  login: steps,
  report: steps,
  download,
  logout: z.array(step).max(stepLimit).default([]),
});

export type Recipe = z.output<typeof recipeSchema>;
export type Step = z.output<typeof step>;
export type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;
export type DownloadStep = z.output<typeof download>;
export type Candidate = z.output<typeof candidate>;
/** Ways to find one element, in order. */
export type Target = readonly Candidate[];
export type Container = z.output<typeof container>;
export type FrameName = z.output<typeof frame>;
export type Sign = z.output<typeof sign>;
export type FailureSignal = Recipe['failures'][number];
export type Interruption = Recipe['interruptions'][number];
