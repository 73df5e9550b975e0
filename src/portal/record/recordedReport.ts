import { ancestorsOf } from './ariaTree.ts';
import { fieldRoles, type Draft, type WrittenStep } from './draft.ts';
import { homeAddress } from './recordedAddresses.ts';
import { isPlainName } from './plainNames.ts';
import type { RecordedAction } from './playwrightRecorder.ts';
import { nodeOf } from './recordedLocators.ts';
import { countPattern, resultSteps } from './recordedResult.ts';
import { isOption, pickedDay, turnsMonth, writtenStep } from './recordedSteps.ts';

/** What is clicked until something else is there. */
const refreshing = /^(?:refresh|reload|update|check again|check status)$/i;
/** Buttons with which a portal's own notices are closed. */
const closing =
  /^(?:i agree|agree|accept(?: all| cookies)?|ok(?:ay)?|close|got it|not now|no,? thanks|continue|dismiss|stay signed in|skip|later|remind me later)$/i;

export function reportSteps(draft: Draft, from: number): WrittenStep[] {
  const steps: { readonly index: number; readonly step: WrittenStep }[] = [];
  for (let index = from; index < draft.last; index += 1) {
    if (isSkipped(draft, index)) continue;
    if (takeInterruption(draft, index)) continue;
    const end = lastOfSame(draft, index);
    // The step that picks a day turns the calendar's months too.
    if (turnsMonth(draft, index) && pickedDay(draft, end + 1) !== undefined) {
      index = end;
      continue;
    }
    const until = repeatedFor(draft, index, end);
    const step = writtenStep(draft, index);
    steps.push({ index, step: until === undefined ? step : { ...step, repeat: until } });
    if (until !== undefined) index = end;
    else steps.push(...waitAfter(draft, index).map((wait) => ({ index, step: wait })));
  }
  const result = resultSteps(draft, from);
  const at = steps.findIndex(({ index }) => index >= result.before);
  const place = at === -1 ? steps.length : at;
  const written = steps.map(({ step }) => step);
  return [
    { name: draft.named('open the portal'), goto: homeAddress(draft, from) },
    ...written.slice(0, place),
    ...result.steps,
    ...written.slice(place),
  ];
}

/**
 * What a click brings, if the next step would not wait for it: that step's element was there before. Before the
 * export, the waits for the result do that.
 */
function waitAfter(draft: Draft, index: number): WrittenStep[] {
  const own = draft.actions[index]!;
  let next = index + 1;
  while (next < draft.last && isSkipped(draft, next)) next += 1;
  const isClick = own.kind === 'click' || own.kind === 'press';
  if (!isClick || own.signals.includes('popup') || next >= draft.last || isOption(draft, index)) return [];
  // A picked day closes its calendar, which covered the rest.
  if (pickedDay(draft, index) !== undefined) return [];
  const [before, after] = [draft.nodes[index]!, draft.nodes[next]!];
  const target = draft.actions[next]!.locator.at(-1);
  const name = target?.name ?? target?.body;
  const wasThere = before.some(
    (node) => node.name === name && (target?.kind !== 'role' || node.role === target.body),
  );
  if (!wasThere) return [];
  const seen = new Set(before.flatMap((node) => [node.name, node.text]));
  const fresh = after.flatMap((node) => {
    const text = node.role === 'heading' || node.role === 'paragraph' ? node.name || node.text : node.text;
    return seen.has(text) || fieldRoles.has(node.role) || !isPlainName(text, draft.hidden)
      ? []
      : [{ node, text }];
  });
  const shown = fresh.find(({ node }) => node.role === 'heading') ?? fresh[0];
  if (shown === undefined) {
    draft.decide(
      'What shows that a click worked where the next step does not depend on it: see recipe check.',
    );
    return [];
  }
  const text = shown.text.trim();
  const appears = shown.node.role === 'heading' ? { role: 'heading', name: text } : { text };
  return [{ name: draft.named(`see ${text.slice(0, 60)}`), wait: { appears } }];
}

/** The last of the same clicks in a row. */
function lastOfSame(draft: Draft, index: number): number {
  const own = draft.actions[index]!;
  let end = index;
  while (end + 1 < draft.last && isSameClick(own, draft.actions[end + 1]!)) end += 1;
  return end;
}

/** What a click is repeated for: the month of a calendar's day, or what is clicked next. */
function repeatedFor(
  draft: Draft,
  index: number,
  end: number,
): Readonly<Record<string, unknown>> | undefined {
  const own = draft.actions[index]!;
  const name = own.locator.at(-1)?.name ?? '';
  if (own.kind !== 'click') return undefined;
  const next = end + 1;
  if (end === index && !refreshing.test(name)) return undefined;
  return next > draft.last ? undefined : { until: draft.target(next), every: 5, atMost: 60 };
}

/** A click into a list or field that the next action fills or chooses from, and pages that opened by themselves. */
function isSkipped(draft: Draft, index: number): boolean {
  const action = draft.actions[index]!;
  if (action.kind === 'navigate') return true;
  const next = draft.actions[index + 1];
  const node = nodeOf(action, draft.nodes[index]!);
  if (node === undefined || !fieldRoles.has(node.role) || next === undefined || index + 1 > draft.last)
    return false;
  // The option's own step opens its list.
  return node.role === 'combobox' && isOption(draft, index + 1);
}

/** A notice of the portal that was clicked away may come again, or not. */
function takeInterruption(draft: Draft, index: number): boolean {
  const action = draft.actions[index]!;
  if (action.kind !== 'click') return false;
  const node = nodeOf(action, draft.nodes[index]!);
  const box =
    node === undefined ? undefined : ancestorsOf(node).find(({ role }) => /^(?:alert)?dialog$/.test(role));
  const name = action.locator.at(-1)?.name ?? '';
  if (box === undefined || !closing.test(name) || !isPlainName(box.name, draft.hidden, box)) return false;
  draft.interruptions.push({
    name: box.name.trim().slice(0, 60).toLowerCase(),
    when: { role: box.role, name: box.name.trim() },
    click: { button: name, within: { dialog: box.name.trim() } },
  });
  return true;
}

export function downloadStep(draft: Draft): WrittenStep {
  const { signals } = draft.actions[draft.last]!;
  const count = countPattern(draft);
  return {
    name: draft.named('export the report'),
    click: draft.target(draft.last),
    ...(signals.includes('popup') ? { opens: 'page' } : {}),
    ...(signals.includes('dialog') ? { dialog: 'accept' } : {}),
    failsAs: 'PortalPermissionMissing',
    ...(count === undefined ? {} : { recordCount: { text: `/${count}/i` } }),
  };
}

function isSameClick(one: RecordedAction, other: RecordedAction): boolean {
  return other.kind === 'click' && JSON.stringify(one.locator) === JSON.stringify(other.locator);
}
