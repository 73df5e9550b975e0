import { generatedIdIn } from './generatedIds.ts';
import type { Path } from '../domain/yaml/positions.ts';
import { textsOf } from './parseRecipe.ts';
import { mentionsSecret } from './placeholders.ts';
import type { Candidate, Recipe, Step, Target } from './recipeSchema.ts';

/** A part of a valid recipe that will fail one day, or let a wrong file through. */
export interface WeakSpot {
  readonly path: Path;
  readonly what: string;
  readonly hint: string;
}

/** What the recorder writes where a person has to decide. */
export const undecided = 'DECIDE';

/** In the order of the file's sections. */
export function weakSpots(recipe: Recipe): WeakSpot[] {
  return [
    ...undecidedTexts(recipe),
    ...signsThatLack(recipe),
    ...generatedIds(recipe),
    ...clicksWithoutWait(recipe.login, 'login'),
    ...clicksWithoutWait(recipe.report, 'report', recipe.download.click),
    ...startOfReport(recipe),
    ...uncheckedDates(recipe),
    ...countThatLacks(recipe),
  ];
}

function undecidedTexts(recipe: Recipe): WeakSpot[] {
  return textsOf(recipe, []).flatMap(({ path, text }) =>
    text.startsWith(undecided)
      ? [{ path, what: 'is still to decide', hint: `Replace the text that begins with ${undecided}.` }]
      : [],
  );
}

function signsThatLack({ login, failures, sessionLost }: Recipe): WeakSpot[] {
  const entersPassword = textsOf(login, []).some(({ text }) => mentionsSecret(text, 'password'));
  const spots: WeakSpot[] = [];
  if (entersPassword && !failures.some(({ type }) => type === 'PortalLoginRejected')) {
    spots.push({
      path: ['failures'],
      what: 'no sign says that the password was rejected',
      hint: "Enter a wrong password by hand, once, and add the portal's words: - { when: { text: … }, type: PortalLoginRejected }",
    });
  }
  if (entersPassword && sessionLost.length === 0) {
    spots.push({
      path: ['sessionLost'],
      what: 'no sign says that the session has ended, so that an ended one fails as a changed page',
      hint: 'Add what only the login page shows, such as - { button: Log in }',
    });
  }
  return spots;
}

function generatedIds(recipe: Recipe): WeakSpot[] {
  return textsOf(recipe, []).flatMap(({ path, text }) => {
    const id = path.at(-1) === 'css' ? generatedIdIn(text) : undefined;
    if (id === undefined) return [];
    return [
      {
        path,
        what: `the CSS names ${JSON.stringify(id)}, which looks generated: the portal's next release changes it`,
        hint: 'Find it by what the screen says: label, role and name, button, link, or near.',
      },
    ];
  });
}

/**
 * A click counts as awaited if the next step waits, or needs something that no step before the click used. The click
 * that runs the report changes what is there already, so only a wait shows that it worked.
 */
function clicksWithoutWait(steps: readonly Step[], section: 'login' | 'report', last?: Target): WeakSpot[] {
  const entered = lastEntered(steps);
  const run = entered === -1 ? -1 : steps.findIndex((step, index) => index > entered && isClick(step));
  return steps.flatMap((step, index) => {
    if (!isClick(step) || isConditional(step) || 'submits' in step) return [];
    const next = steps.slice(index + 1).find((later) => !isConditional(later));
    const seen = steps.slice(0, index + 1).flatMap((earlier) => elementOf(earlier) ?? []);
    const why =
      next === undefined
        ? beforeDownload(last, seen)
        : (unawaited(next, seen) ?? (index === run ? afterRun(next) : undefined));
    if (why === undefined) return [];
    return [
      {
        path: [section, index],
        what: `no wait after the click: ${why}`,
        hint: 'Ask what shows that it worked, and wait for that: - { name: …, wait: { appears: { text: … } } }',
      },
    ];
  });
}

function isClick(step: Step): boolean {
  // A page that opens is waited for, and so is what a step repeats for.
  return (
    (step.kind === 'click' || step.kind === 'press') && step.opens === undefined && step.repeat === undefined
  );
}

function isConditional({ optional, if: wanted, unless }: Step): boolean {
  return optional === true || wanted !== undefined || unless !== undefined;
}

function unawaited(next: Step, seen: Target): string | undefined {
  if ('repeat' in next && next.repeat !== undefined) return undefined;
  if (next.kind === 'goto') return `"${next.name}" leaves the page at once`;
  if (next.kind === 'press' && next.on === undefined) return `"${next.name}" presses a key at once`;
  const element = elementOf(next);
  return element !== undefined && element.some((candidate) => isAmong(candidate, seen))
    ? `"${next.name}" uses what was there before`
    : undefined;
}

function afterRun(next: Step): string | undefined {
  const element = isCheck(next) ? undefined : elementOf(next);
  return element === undefined || isOpened(element) ? undefined : `"${next.name}" follows at once`;
}

/** What a click opens, such as a window or a menu, is not there before. */
function isOpened(target: Target): boolean {
  return target.every(
    (candidate) =>
      (candidate.within !== undefined && 'dialog' in candidate.within) ||
      ('role' in candidate && /^(?:menuitem|option)$/.test(candidate.role)),
  );
}

function beforeDownload(last: Target | undefined, seen: Target): string | undefined {
  if (last === undefined) return undefined;
  if (isOpened(last) && !last.some((candidate) => isAmong(candidate, seen))) return undefined;
  return 'the export follows at once, and an old or half-loaded result has an export too';
}

function isAmong(candidate: Candidate, seen: Target): boolean {
  const text = JSON.stringify(candidate);
  return seen.some((other) => JSON.stringify(other) === text);
}

const elementKeys = ['into', 'from', 'in', 'on', 'calendar', 'click', 'check', 'uncheck', 'hover'] as const;

/** What the step acts on. */
function elementOf(step: Step): Target | undefined {
  const parts: Partial<Record<string, unknown>> = step;
  const key = elementKeys.find((each) => parts[each] !== undefined);
  return key === undefined ? undefined : (parts[key] as Target);
}

function startOfReport({ report: [first] }: Recipe): WeakSpot[] {
  if (first === undefined || first.kind === 'goto') return [];
  return [
    {
      path: ['report', 0],
      what: 'the report does not begin with goto: the second export of a session begins where the first one ended',
      hint: 'Begin with a page that shows nothing of the last report: - { name: …, goto: "${portal.url}/…" }',
    },
  ];
}

/** The period must show on the page after it was entered, elsewhere than in the field itself. */
function uncheckedDates({ report, download }: Recipe): WeakSpot[] {
  const entered = lastEntered(report);
  if (entered === -1) {
    if (mentionsPeriod(download)) return [];
    return [
      {
        path: ['report'],
        what: 'no step says which period is wanted',
        hint: 'Enter the dates, for example: type: ${period.start|MM/DD/YYYY}',
      },
    ];
  }
  const fields = report.slice(0, entered + 1).flatMap((step) => elementOf(step) ?? []);
  const checks = report.slice(entered + 1).filter(checksPeriod);
  const isElsewhere = (check: Step) =>
    check.kind !== 'verify' || !check.in.some((candidate) => isAmong(candidate, fields));
  if (checks.some(isElsewhere)) return [];
  return [
    {
      path: ['report', entered],
      what: 'nothing checks that the result is the one of these dates',
      hint: 'Wait for the dates beside the result: wait: { appears: { text: "${period.start|MM/DD/YYYY} to ${period.end|MM/DD/YYYY}" } }',
    },
  ];
}

/** The last step that enters the period, or -1. */
function lastEntered(steps: readonly Step[]): number {
  return steps.findLastIndex((step) => {
    const { if: _if, unless: _unless, ...parts } = step;
    return !isCheck(step) && mentionsPeriod({ ...parts, repeat: undefined });
  });
}

function checksPeriod(step: Step): boolean {
  if (isCheck(step)) return mentionsPeriod(step);
  return 'repeat' in step && mentionsPeriod(step.repeat?.until);
}

const enters = new Set<Step['kind']>([
  'goto',
  'fill',
  'type',
  'press',
  'choose',
  'click',
  'check',
  'uncheck',
  'hover',
  'pickDate',
]);

function isCheck({ kind }: Step): boolean {
  return !enters.has(kind);
}

function mentionsPeriod(part: unknown): boolean {
  return textsOf(part, []).some(({ path, text }) => text.includes('${period.') || path.at(-1) === 'pickDate');
}

function countThatLacks({ report, download }: Recipe): WeakSpot[] {
  if ([...report, download].some(({ recordCount }) => recordCount !== undefined)) return [];
  return [
    {
      path: ['download'],
      what: 'no recordCount: a file that is cut off at the end of a row looks whole',
      hint: 'Say where the portal shows the number of records: recordCount: { text: "/([0-9,]+) records/" }',
    },
  ];
}
