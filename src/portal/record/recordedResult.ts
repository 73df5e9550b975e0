import { textsOf, type Draft, type WrittenStep } from './draft.ts';
import { periodPlaceholder, withPeriodPlaceholders } from './periodTexts.ts';
import { isPlainName, wordsOf } from './plainNames.ts';

/** The dates of a text, and the report's title right before them. */
const datesOnly = /(?:\$\{report\.title\}[ ,:-]{0,3})?\$\{period\.start[^}]*\}.{0,40}\$\{period\.end[^}]*\}/;

/** Waits for the count and the dates beside the result, and the action before which both were there. */
export function resultSteps(
  draft: Draft,
  from: number,
): { readonly steps: WrittenStep[]; readonly before: number } {
  const run = runIndex(draft, from);
  const count = countPattern(draft);
  const dates = datesText(draft);
  const steps: WrittenStep[] = [];
  let before = draft.last;
  if (count !== undefined) {
    const name = draft.named('wait for the result');
    const appears = { text: `/${count.replace('([0-9,]+)', '[0-9,]+')}/i` };
    steps.push({ name, patienceSeconds: 300, wait: { appears } });
    before = firstSeen(draft, (text) => new RegExp(count, 'i').test(text), run);
  } else {
    draft.decide(
      'What shows that the result is there, and where the portal shows the number of its records (recordCount): no text on the page had the number of the records in the file.',
    );
  }
  if (dates === undefined) {
    draft.decide('What shows that the result is the one of these dates: no text beside it named them.');
  } else {
    const name = draft.named('see that the result is the one asked for');
    steps.push({ name, wait: { appears: { text: dates.template } } });
    before = Math.max(
      count === undefined ? 0 : before,
      firstSeen(draft, (text) => text.includes(dates.seen), run),
    );
  }
  return { steps, before };
}

/** The first click or key behind the last entry of the period. */
function runIndex(draft: Draft, from: number): number {
  const entered = draft.actions.findLastIndex(
    (_, index) => index < draft.last && index >= from && saysPeriod(draft, index),
  );
  return draft.actions.findIndex(
    ({ kind }, index) => index > entered && (kind === 'click' || kind === 'press'),
  );
}

function saysPeriod(draft: Draft, index: number): boolean {
  const { kind, text, locator } = draft.actions[index]!;
  const said =
    kind === 'fill' ? text : kind === 'select' ? (draft.selected(index) ?? '') : (locator.at(-1)?.name ?? '');
  return draft.period !== undefined && periodPlaceholder(said, draft.period) !== undefined;
}

function firstSeen(draft: Draft, isIt: (text: string) => boolean, run: number): number {
  const index = draft.nodes.findIndex(
    (nodes, at) => at > run && at <= draft.last && textsOf(nodes).some(isIt),
  );
  return index === -1 ? draft.last : index;
}

/** A pattern for the text that shows how many records there are; group 1 is the number. */
export function countPattern(draft: Draft): string | undefined {
  const { records } = draft.recording.export;
  for (const text of textsOf(draft.nodes[draft.last] ?? [])) {
    const pattern = countPatternIn(text, records);
    if (pattern !== undefined) return pattern;
  }
  return undefined;
}

function datesText(draft: Draft): { readonly template: string; readonly seen: string } | undefined {
  const period = draft.period;
  if (period === undefined) return undefined;
  for (const text of textsOf(draft.nodes[draft.last] ?? [])) {
    if (text.length > 200) continue;
    const titled = draft.title === undefined ? text : text.replace(draft.title, '${report.title}');
    const found = withPeriodPlaceholders(titled, period);
    if (found === undefined) continue;
    const rest = found.rest.replace('${report.title}', '');
    if (isPlainRest(draft, rest)) return { template: found.template, seen: text };
    const only = datesOnly.exec(found.template)?.[0];
    if (only !== undefined && isPlainRest(draft, only.replaceAll(/\$\{[^}]*\}/g, ' '))) {
      return { template: only, seen: text };
    }
  }
  return undefined;
}

/** Whether what stands around placeholders may be written: a number there is another one next time. */
function isPlainRest(draft: Draft, rest: string): boolean {
  if (/\d|\$\{/.test(rest)) return false;
  return wordsOf(rest).length === 0 || isPlainName(rest, draft.hidden);
}

const counted = 'records?|rows?|items?|results?|entr(?:y|ies)|notes?|authori[sz]ations?|lines?|matches';
const behind = new RegExp(`([0-9][0-9,]*) (${counted})( found)?`, 'gi');
const before = new RegExp(
  `((?:total )?(?:${counted}|total|found|count|of)(?: found)?:?) ([0-9][0-9,]*)`,
  'gi',
);

/** A pattern for the text's count of records: `([0-9,]+) records? found` for `450 records found`. */
function countPatternIn(text: string, records: number): string | undefined {
  const isIt = (number: string) => Number(number.replaceAll(',', '')) === records;
  for (const [, number = '', word = '', found = ''] of text.matchAll(behind)) {
    if (isIt(number)) return `([0-9,]+) ${anyNumberOf(word)}${found}`;
  }
  for (const [, words = '', number = ''] of text.matchAll(before)) {
    if (isIt(number)) return `${words} ([0-9,]+)`;
  }
  return undefined;
}

/** One record is not `1 records`. */
function anyNumberOf(word: string): string {
  if (/^entr/i.test(word)) return 'entr(?:y|ies)';
  return /s$/i.test(word) && !/^matches$/i.test(word) ? `${word}?` : `${word}(?:e?s)?`;
}
