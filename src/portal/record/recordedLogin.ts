import { undecided } from '../weakSpots.ts';
import { addressOf } from './recordedAddresses.ts';
import type { Draft, WrittenStep } from './draft.ts';
import type { RecordedAction } from './playwrightRecorder.ts';
import { targetOf, type WrittenTarget } from './recordedLocators.ts';
import { writtenStep } from './recordedSteps.ts';

const codeLabel = /code|token|otp|authenticator|verification/i;
const passwordLabel = /passw|passcode|\bpin\b/i;
const leaving = /^(?:(?:log|sign)[ -]?(?:out|off)|leave|exit|end session)$/i;

/** The first action behind the login: after the click or key that sent the password, and a code. 0 without a login. */
export function loginEnd(draft: Draft): number {
  const password = draft.actions.findLastIndex((action) => isPassword(draft, action));
  if (password === -1) {
    draft.decide('How to sign in: no password was typed while this was recorded.');
    return draft.actions.findIndex(({ kind }) => kind !== 'navigate');
  }
  let end = submitIndex(draft, password) + 1;
  while (end < draft.actions.length && isOfCode(draft, end)) end += 1;
  return end;
}

function submitIndex(draft: Draft, password: number): number {
  const found = draft.actions.findIndex(
    ({ kind, key }, index) => index > password && (kind === 'click' || (kind === 'press' && key === 'Enter')),
  );
  return found === -1 ? password : found;
}

function isOfCode(draft: Draft, index: number): boolean {
  const action = draft.actions[index]!;
  if (isCode(action)) return true;
  const isPress = action.kind === 'click' || action.kind === 'press';
  const before = draft.actions[index - 1];
  return isPress && before !== undefined && isCode(before);
}

function isPassword(draft: Draft, { kind, inputType, locator, text }: RecordedAction): boolean {
  if (kind !== 'fill') return false;
  const { password } = draft.recording.credentials;
  const label = locator.at(-1)?.name ?? locator.at(-1)?.body ?? '';
  return (
    inputType === 'password' || passwordLabel.test(label) || (password !== undefined && text === password)
  );
}

function isCode({ kind, text, locator }: RecordedAction): boolean {
  if (kind !== 'fill') return false;
  const label = locator.at(-1)?.name ?? locator.at(-1)?.body ?? '';
  return codeLabel.test(label) && /^\d{4,10}$/.test(text.replaceAll(/\s/g, ''));
}

export function loginSteps(draft: Draft, end: number): WrittenStep[] {
  const first = draft.actions.find(({ kind }) => kind === 'navigate');
  const steps: WrittenStep[] = [
    {
      name: draft.named('open the login page'),
      goto: addressOf(draft, first?.text ?? draft.recording.portalUrl),
    },
  ];
  const password = draft.actions.findLastIndex((action) => isPassword(draft, action));
  const submit = password === -1 ? -1 : submitIndex(draft, password);
  const user = userIndex(draft, password);
  for (let index = 0; index < end; index += 1) {
    const action = draft.actions[index]!;
    if (action.kind === 'fill') steps.push(loginEntry(draft, index, { user, password }));
    else if (action.kind === 'click' || action.kind === 'press') {
      const step = writtenStep(draft, index);
      steps.push(index === submit ? { ...step, submits: 'password' } : step);
    } else if (action.kind !== 'navigate') steps.push(writtenStep(draft, index));
  }
  return steps;
}

/** The field of the user name: the one with the name that the environment has, or the last before the password. */
function userIndex(draft: Draft, password: number): number {
  const { user } = draft.recording.credentials;
  const fills = draft.actions.flatMap(({ kind, text }, index) =>
    kind === 'fill' && index !== password ? [{ index, text }] : [],
  );
  const same = fills.findLast(({ text }) => user !== undefined && text === user);
  return same?.index ?? fills.findLast(({ index }) => index < password)?.index ?? -1;
}

function loginEntry(
  draft: Draft,
  index: number,
  { user, password }: { user: number; password: number },
): WrittenStep {
  if (index === password || isPassword(draft, draft.actions[index]!))
    return {
      name: draft.named('enter the password'),
      fill: '${secret.password}',
      into: passwordField(draft, index),
    };
  const into = draft.target(index);
  if (index === user) return { name: draft.named('enter the user name'), fill: '${secret.user}', into };
  if (isCode(draft.actions[index]!))
    return { name: draft.named('enter the code'), fill: '${secret.totp}', into };
  const name = draft.named(`enter ${draft.called(index)}`);
  draft.decide(`What "${name}" enters. What was typed there is not written down.`);
  return { name, fill: `${undecided}: what to enter`, into };
}

/** There is one on a login page, whatever it is called. */
function passwordField(draft: Draft, index: number): WrittenTarget {
  const action = draft.actions[index]!;
  const found = targetOf(action, draft.nodes[index]!, draft.rewording(index));
  if (found !== undefined || action.inputType !== 'password') return found ?? draft.target(index);
  return { css: 'input[type=password]' };
}

export function logoutTarget(draft: Draft, split: number): WrittenTarget | undefined {
  const node = (draft.nodes[split] ?? []).find(
    ({ role, name }) => /^(?:link|button|menuitem)$/.test(role) && leaving.test(name.trim()),
  );
  if (node === undefined) return undefined;
  const name = node.name.trim();
  return node.role === 'menuitem' ? { role: 'menuitem', name } : { [node.role]: name };
}

/** What only somebody who is signed in sees. */
export function signedIn(draft: Draft, split: number, leave: WrittenTarget | undefined): WrittenTarget {
  if (leave !== undefined) return leave;
  const first = draft.actions.findIndex(({ kind }, index) => index >= split && kind === 'click');
  const found =
    first === -1 ? undefined : targetOf(draft.actions[first]!, draft.nodes[first]!, draft.rewording(first));
  if (found !== undefined) {
    draft.decide(
      'Whether what signedIn names is there on every page while signed in, and on none otherwise.',
    );
    return found;
  }
  draft.decide('What only somebody who is signed in can see (signedIn).');
  return { text: `${undecided}: what only somebody who is signed in can see` };
}

export function sessionLost(draft: Draft, split: number): WrittenTarget[] {
  const password = draft.actions.findLastIndex((action) => isPassword(draft, action));
  const submit = password === -1 ? -1 : submitIndex(draft, password);
  const index = submit > password && draft.actions[submit]?.kind === 'click' ? submit : password;
  if (index === -1 || index >= split) return [];
  const found = targetOf(draft.actions[index]!, draft.nodes[index]!, draft.rewording(index));
  return found === undefined ? [] : [found];
}
