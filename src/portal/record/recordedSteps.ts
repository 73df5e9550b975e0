import { undecided } from '../weakSpots.ts';
import { ancestorsOf } from './ariaTree.ts';
import { fieldRoles, type Draft, type WrittenStep } from './draft.ts';
import { periodPlaceholder } from './periodTexts.ts';
import { isPlainName } from './plainNames.ts';
import { nodeOf, type WrittenTarget } from './recordedLocators.ts';

/** What turns a calendar. */
const backwards = /^(?:previous|prev|back|earlier)\b/i;
const forwards = /^(?:next|forward|later)\b/i;

export function writtenStep(draft: Draft, index: number): WrittenStep {
  const action = draft.actions[index]!;
  switch (action.kind) {
    case 'fill':
      return entryStep(draft, index);
    case 'select':
      return choiceStep(draft, draft.selected(index) ?? '', draft.target(index));
    case 'check':
    case 'uncheck':
      return {
        name: draft.named(`${action.kind} ${draft.called(index)}`),
        [action.kind]: draft.target(index),
      };
    case 'press':
      return { name: draft.named(`press ${action.key}`), press: action.key, on: draft.target(index) };
    default:
      return isOption(draft, index) && fieldOf(draft, index) !== undefined
        ? listChoice(draft, index)
        : clickStep(draft, index);
  }
}

function clickStep(draft: Draft, index: number): WrittenStep {
  const { signals } = draft.actions[index]!;
  const picked = pickedDay(draft, index);
  if (picked !== undefined) return picked();
  const click = draft.target(index);
  return {
    name: draft.named(dayStepName(click) ?? `click ${draft.called(index)}`),
    click,
    ...(signals.includes('popup') ? { opens: 'page' } : {}),
    ...(signals.includes('dialog') ? { dialog: 'accept' } : {}),
  };
}

function entryStep(draft: Draft, index: number): WrittenStep {
  const { text, inputType } = draft.actions[index]!;
  const into = draft.target(index);
  const said = draft.period === undefined ? undefined : periodPlaceholder(text, draft.period);
  if (said === undefined) {
    const name = draft.named(`enter ${draft.called(index)}`);
    draft.decide(`What "${name}" enters. What was typed there is not written down.`);
    return { name, fill: `${undecided}: what to enter`, into };
  }
  const which = said.includes('period.end') ? 'the end date' : 'the start date';
  const name = draft.named(`enter ${which}`);
  // The browser's own date fields take their value whole.
  if (/^(?:date|month|week|datetime-local)$/.test(inputType)) return { name, fill: said, into };
  const shown = shownLater(draft, index, text);
  return { name, type: said, into, ...(shown === undefined ? {} : { expect: shown }) };
}

/** What the field has made of the date, as a placeholder, if it shows something else than was typed. */
function shownLater(draft: Draft, index: number, typed: string): string | undefined {
  const { locator } = draft.actions[index]!;
  const name = locator.at(-1)?.name ?? locator.at(-1)?.body;
  for (const nodes of draft.nodes.slice(index + 1)) {
    const fields = nodes.filter((node) => fieldRoles.has(node.role) && node.name === name);
    const [field] = fields;
    if (fields.length !== 1 || field === undefined || field.text === '' || field.text === typed) continue;
    return draft.period === undefined ? undefined : periodPlaceholder(field.text, draft.period);
  }
  return undefined;
}

export function isOption(draft: Draft, index: number): boolean {
  const action = draft.actions[index];
  return (
    action?.kind === 'click' &&
    action.locator.at(-1)?.kind === 'role' &&
    action.locator.at(-1)?.body === 'option'
  );
}

/** The list that an option belongs to: what was clicked, or typed into, right before. */
function fieldOf(draft: Draft, index: number): number | undefined {
  for (let before = index - 1; before >= Math.max(0, index - 2); before -= 1) {
    const node = nodeOf(draft.actions[before]!, draft.nodes[before]!);
    if (node?.role === 'combobox' || node?.role === 'listbox') return before;
  }
  return undefined;
}

function listChoice(draft: Draft, index: number): WrittenStep {
  const text = draft.actions[index]!.locator.at(-1)!.name ?? '';
  return choiceStep(draft, text, draft.target(fieldOf(draft, index)!));
}

function choiceStep(draft: Draft, text: string, from: WrittenTarget | string): WrittenStep {
  const said = draft.placeholder(text);
  if (said === '${report.title}') {
    return {
      name: draft.named('choose the report'),
      choose: said,
      from,
      failsAs: 'PortalPermissionMissing',
    };
  }
  if (said !== undefined) return { name: draft.named('choose the period'), choose: said, from };
  const name = draft.named('choose from the list');
  if (isPlainName(text, draft.hidden)) return { name, choose: text.trim(), from };
  draft.decide(`What "${name}" chooses. The words of that entry may be somebody's name.`);
  return { name, choose: `${undecided}: what to choose`, from };
}

export function turnsMonth(draft: Draft, index: number): boolean {
  const { kind, locator } = draft.actions[index]!;
  return (
    kind === 'click' &&
    (backwards.test(locator.at(-1)?.name ?? '') || forwards.test(locator.at(-1)?.name ?? ''))
  );
}

/** Makes the step that picks a day of the period in a calendar that can be turned, if this click did so. */
export function pickedDay(draft: Draft, index: number): (() => WrittenStep) | undefined {
  const day = dayPicked(draft, index);
  const node = day === undefined ? undefined : nodeOf(draft.actions[index]!, draft.nodes[index]!);
  if (day === undefined || node === undefined) return undefined;
  const calendar = ancestorsOf(node).find(
    ({ role, name }) => /^(?:dialog|group|region|application)$/.test(role) && isPlainName(name, draft.hidden),
  );
  if (calendar === undefined) return undefined;
  const turning = (words: RegExp) => {
    const button = draft.nodes[index]!.find(
      (each) => each.role === 'button' && words.test(each.name) && isPlainName(each.name, draft.hidden, each),
    );
    return button === undefined ? undefined : { button: button.name.trim() };
  };
  const [previous, next] = [turning(backwards), turning(forwards)];
  if (previous === undefined && next === undefined) return undefined;
  const pickDate = day.includes('period.end') ? 'period.end' : 'period.start';
  return () => ({
    name: draft.named(`pick the ${pickDate === 'period.end' ? 'last' : 'first'} day`),
    pickDate,
    calendar: { role: calendar.role, name: calendar.name.trim() },
    ...(previous === undefined ? {} : { previous }),
    ...(next === undefined ? {} : { next }),
  });
}

function dayPicked(draft: Draft, index: number): string | undefined {
  return draft.actions[index]?.kind === 'click' ? dayIn(draft.target(index)) : undefined;
}

/** The placeholder of a calendar's day in a target. */
function dayIn(target: WrittenTarget): string | undefined {
  return Object.values(target).find(
    (each): each is string => typeof each === 'string' && /^\$\{period\.(?:start|end)\|D\}$/.test(each),
  );
}

function dayStepName(target: WrittenTarget): string | undefined {
  const day = dayIn(target);
  if (day === undefined) return undefined;
  return day.includes('period.end') ? 'pick the last day' : 'pick the first day';
}
