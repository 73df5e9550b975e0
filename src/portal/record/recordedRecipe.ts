import type { Period } from '../../domain/periods.ts';
import { reports, type ReportName } from '../../reports/index.ts';
import { undecided } from '../weakSpots.ts';
import { ancestorsOf, ariaNodes, type AriaNode } from './ariaTree.ts';
import {
  dayPlaceholder,
  periodNamedBy,
  periodPlaceholder,
  periodShownIn,
  withPeriodPlaceholders,
} from './periodTexts.ts';
import { isPlainName, unknownWords, wordsOf, type PrivateTexts } from './plainNames.ts';
import type { RecordedAction, Visit } from './playwrightRecorder.ts';
import { nodeOf, targetOf, type Rewording, type WrittenTarget } from './recordedLocators.ts';

/** What a person did for one export, and the file that came. */
export interface Recording {
  /** What the recipe calls the portal. */
  readonly portal: string;
  readonly actions: readonly RecordedAction[];
  readonly visits: readonly Visit[];
  readonly portalUrl: string;
  /** The reports that the recipe must name besides the recorded one. */
  readonly reports: readonly ReportName[];
  /** Of the environment, if it names them. */
  readonly credentials: { readonly user?: string | undefined; readonly password?: string | undefined };
  readonly export: {
    readonly report: ReportName;
    readonly records: number;
    /** Words of the people in it, in lower case. */
    readonly people: ReadonlySet<string>;
  };
}

type WrittenStep = { readonly name: string } & Readonly<Record<string, unknown>>;

/** A recipe in the making: plain data, and what a person must still decide. */
export interface DraftRecipe {
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly decisions: readonly string[];
}

/** Turns a recording into a recipe. No typed text but dates, and no name that may be a person's, gets into it. */
export function draftRecipe(recording: Recording): DraftRecipe {
  return new Draft(recording).write();
}

const fieldRoles = new Set(['textbox', 'searchbox', 'combobox', 'spinbutton']);
const codeLabel = /code|token|otp|authenticator|verification/i;
const passwordLabel = /passw|passcode|\bpin\b/i;
const leaving = /^(?:(?:log|sign)[ -]?(?:out|off)|leave|exit|end session)$/i;
/** What is clicked until something else is there. */
const refreshing = /^(?:refresh|reload|update|check again|check status)$/i;
/** Buttons with which a portal's own notices are closed. */
const closing =
  /^(?:i agree|agree|accept(?: all| cookies)?|ok(?:ay)?|close|got it|not now|no,? thanks|continue|dismiss|stay signed in|skip|later|remind me later)$/i;
/** What turns a calendar. */
const backwards = /^(?:previous|prev|back|earlier)\b/i;
const forwards = /^(?:next|forward|later)\b/i;
/** A person needs longer for the next click. */
const redirectMilliseconds = 700;
/** The dates of a text, and the report's title right before them. */
const datesOnly = /(?:\$\{report\.title\}[ ,:-]{0,3})?\$\{period\.start[^}]*\}.{0,40}\$\{period\.end[^}]*\}/;

class Draft {
  readonly #recording: Recording;
  readonly #actions: readonly RecordedAction[];
  readonly #nodes: readonly (readonly AriaNode[])[];
  readonly #decisions: string[] = [];
  readonly #hidden: PrivateTexts;
  readonly #period: Period | undefined;
  readonly #names = new Set<string>();
  /** Texts of the page that got into the recipe. */
  readonly #written = new Set<string>();
  readonly #interruptions: WrittenStep[] = [];
  #title: string | undefined;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#actions = withoutIdle(recording.actions);
    this.#nodes = this.#actions.map(({ snapshot }) => ariaNodes(snapshot));
    const { report, people } = recording.export;
    this.#period =
      periodNamedBy(this.#saidTexts(), report) ??
      periodShownIn(textsOf(this.#nodes[this.#downloadIndex()] ?? []), report);
    const period = this.#period;
    const typed = this.#actions.flatMap(({ kind, text }) => (kind === 'fill' ? [text] : []));
    const { user = '', password = '' } = recording.credentials;
    const isDate = (text: string) => period !== undefined && periodPlaceholder(text, period) !== undefined;
    this.#hidden = { typed: [...typed.filter((text) => !isDate(text)), user, password], people };
  }

  /** Texts that may say the period: typed, chosen, or clicked in a list. */
  #saidTexts(): string[] {
    return this.#actions.flatMap((action, index) => {
      if (action.kind === 'fill') return [action.text];
      if (action.kind === 'select') return [this.#selected(index) ?? ''];
      return action.kind === 'click'
        ? [action.locator.at(-1)?.name ?? action.locator.at(-1)?.body ?? '']
        : [];
    });
  }

  /** The label of the chosen option of a `<select>`. */
  #selected(index: number): string | undefined {
    const field = nodeOf(this.#actions[index]!, this.#nodes[index]!);
    return this.#nodes[index]!.find(
      (node) => node.parent === field && node.role === 'option' && node.isSelected,
    )?.name;
  }

  write(): DraftRecipe {
    const last = this.#downloadIndex();
    const split = this.#loginEnd();
    this.#title = this.#titleOf(split, last);
    const login = this.#loginSteps(split);
    const report = this.#reportSteps(split, last);
    const download = this.#download(last);
    const leave = this.#leaving(split);
    const { report: name } = this.#recording.export;
    const others = this.#recording.reports.filter((each) => each !== name);
    if (this.#period === undefined) {
      this.#decide(
        'Which texts say the period. None of those that were typed or chosen is a whole period of the report.',
      );
    }
    this.#decide(
      "The portal's words for a rejected password, under failures: enter a wrong one by hand, once.",
    );
    this.#decide("The portal's words for an ended session, under sessionLost.");
    const strange = new Set([...this.#written].flatMap(unknownWords));
    if (strange.size > 0) {
      this.#decide(
        `Whether these words from the page, which no list of interface words has, may stand in the file: ${[...strange].join(', ')}.`,
      );
    }
    return {
      recipe: {
        portal: this.#recording.portal.slice(0, 60) || 'recorded',
        reports: Object.fromEntries([
          [name, { title: this.#ownTitle() }],
          ...others.map((each) => [each, { title: this.#otherTitle(each) }]),
        ]),
        signedIn: this.#signedIn(split, leave),
        sessionLost: this.#sessionLost(split),
        failures: [],
        ...(this.#interruptions.length === 0 ? {} : { interruptions: this.#interruptions }),
        login,
        report,
        download,
        ...(leave === undefined
          ? {}
          : {
              logout: [
                { name: 'leave what is open', goto: this.#home(split) },
                { name: 'log out', click: leave },
              ],
            }),
      },
      decisions: this.#decisions,
    };
  }

  #decide(what: string): void {
    if (!this.#decisions.includes(what)) this.#decisions.push(what);
  }

  #downloadIndex(): number {
    const index = this.#actions.findLastIndex(({ signals }) => signals.includes('download'));
    if (index !== -1) return index;
    // A file that a script asks for later has no click of its own.
    return this.#actions.findLastIndex(({ kind }) => kind === 'click' || kind === 'press');
  }

  /** The first action behind the login: after the click or key that sent the password, and a code. 0 without a login. */
  #loginEnd(): number {
    const password = this.#actions.findLastIndex((action) => this.#isPassword(action));
    if (password === -1) {
      this.#decide('How to sign in: no password was typed while this was recorded.');
      return this.#actions.findIndex(({ kind }) => kind !== 'navigate');
    }
    let end = this.#submitIndex(password) + 1;
    while (end < this.#actions.length && this.#isOfCode(end)) end += 1;
    return end;
  }

  #submitIndex(password: number): number {
    const found = this.#actions.findIndex(
      ({ kind, key }, index) =>
        index > password && (kind === 'click' || (kind === 'press' && key === 'Enter')),
    );
    return found === -1 ? password : found;
  }

  #isOfCode(index: number): boolean {
    const action = this.#actions[index]!;
    if (this.#isCode(action)) return true;
    const isPress = action.kind === 'click' || action.kind === 'press';
    const before = this.#actions[index - 1];
    return isPress && before !== undefined && this.#isCode(before);
  }

  #isPassword({ kind, inputType, locator, text }: RecordedAction): boolean {
    if (kind !== 'fill') return false;
    const { password } = this.#recording.credentials;
    const label = locator.at(-1)?.name ?? locator.at(-1)?.body ?? '';
    return (
      inputType === 'password' || passwordLabel.test(label) || (password !== undefined && text === password)
    );
  }

  #isCode({ kind, text, locator }: RecordedAction): boolean {
    if (kind !== 'fill') return false;
    const label = locator.at(-1)?.name ?? locator.at(-1)?.body ?? '';
    return codeLabel.test(label) && /^\d{4,10}$/.test(text.replaceAll(/\s/g, ''));
  }

  #loginSteps(end: number): WrittenStep[] {
    const first = this.#actions.find(({ kind }) => kind === 'navigate');
    const steps: WrittenStep[] = [
      {
        name: this.#named('open the login page'),
        goto: this.#addressOf(first?.text ?? this.#recording.portalUrl),
      },
    ];
    const password = this.#actions.findLastIndex((action) => this.#isPassword(action));
    const submit = password === -1 ? -1 : this.#submitIndex(password);
    const user = this.#userIndex(password);
    for (let index = 0; index < end; index += 1) {
      const action = this.#actions[index]!;
      if (action.kind === 'fill') steps.push(this.#loginEntry(index, { user, password }));
      else if (action.kind === 'click' || action.kind === 'press') {
        const step = this.#step(index);
        steps.push(index === submit ? { ...step, submits: 'password' } : step);
      } else if (action.kind !== 'navigate') steps.push(this.#step(index));
    }
    return steps;
  }

  /** The field of the user name: the one with the name that the environment has, or the last before the password. */
  #userIndex(password: number): number {
    const { user } = this.#recording.credentials;
    const fills = this.#actions.flatMap(({ kind, text }, index) =>
      kind === 'fill' && index !== password ? [{ index, text }] : [],
    );
    const same = fills.findLast(({ text }) => user !== undefined && text === user);
    return same?.index ?? fills.findLast(({ index }) => index < password)?.index ?? -1;
  }

  #loginEntry(index: number, { user, password }: { user: number; password: number }): WrittenStep {
    if (index === password || this.#isPassword(this.#actions[index]!))
      return {
        name: this.#named('enter the password'),
        fill: '${secret.password}',
        into: this.#passwordField(index),
      };
    const into = this.#target(index);
    if (index === user) return { name: this.#named('enter the user name'), fill: '${secret.user}', into };
    if (this.#isCode(this.#actions[index]!))
      return { name: this.#named('enter the code'), fill: '${secret.totp}', into };
    const name = this.#named(`enter ${this.#called(index)}`);
    this.#decide(`What "${name}" enters. What was typed there is not written down.`);
    return { name, fill: `${undecided}: what to enter`, into };
  }

  /** There is one on a login page, whatever it is called. */
  #passwordField(index: number): WrittenTarget {
    const action = this.#actions[index]!;
    const found = targetOf(action, this.#nodes[index]!, this.#rewording(index));
    if (found !== undefined || action.inputType !== 'password') return found ?? this.#target(index);
    return { css: 'input[type=password]' };
  }

  #reportSteps(from: number, last: number): WrittenStep[] {
    const steps: { readonly index: number; readonly step: WrittenStep }[] = [];
    for (let index = from; index < last; index += 1) {
      if (this.#isSkipped(index, last)) continue;
      if (this.#takeInterruption(index)) continue;
      const end = this.#lastOfSame(index, last);
      // The step that picks a day turns the calendar's months too.
      if (this.#turnsMonth(index) && this.#pickedDay(end + 1) !== undefined) {
        index = end;
        continue;
      }
      const until = this.#repeatedFor(index, end, last);
      const step = this.#step(index);
      steps.push({ index, step: until === undefined ? step : { ...step, repeat: until } });
      if (until !== undefined) index = end;
      else steps.push(...this.#waitAfter(index, last).map((wait) => ({ index, step: wait })));
    }
    const result = this.#resultSteps(from, last);
    const at = steps.findIndex(({ index }) => index >= result.before);
    const place = at === -1 ? steps.length : at;
    const written = steps.map(({ step }) => step);
    return [
      { name: this.#named('open the portal'), goto: this.#home(from) },
      ...written.slice(0, place),
      ...result.steps,
      ...written.slice(place),
    ];
  }

  /**
   * What a click brings, if the next step would not wait for it: that step's element was there before. Before the
   * export, the waits for the result do that.
   */
  #waitAfter(index: number, last: number): WrittenStep[] {
    const own = this.#actions[index]!;
    let next = index + 1;
    while (next < last && this.#isSkipped(next, last)) next += 1;
    const isClick = own.kind === 'click' || own.kind === 'press';
    if (!isClick || own.signals.includes('popup') || next >= last || this.#isOption(index)) return [];
    // A picked day closes its calendar, which covered the rest.
    if (this.#pickedDay(index) !== undefined) return [];
    const [before, after] = [this.#nodes[index]!, this.#nodes[next]!];
    const target = this.#actions[next]!.locator.at(-1);
    const name = target?.name ?? target?.body;
    const wasThere = before.some(
      (node) => node.name === name && (target?.kind !== 'role' || node.role === target.body),
    );
    if (!wasThere) return [];
    const seen = new Set(before.flatMap((node) => [node.name, node.text]));
    const fresh = after.flatMap((node) => {
      const text = node.role === 'heading' || node.role === 'paragraph' ? node.name || node.text : node.text;
      return seen.has(text) || fieldRoles.has(node.role) || !isPlainName(text, this.#hidden)
        ? []
        : [{ node, text }];
    });
    const shown = fresh.find(({ node }) => node.role === 'heading') ?? fresh[0];
    if (shown === undefined) {
      this.#decide(
        'What shows that a click worked where the next step does not depend on it: see recipe check.',
      );
      return [];
    }
    const text = shown.text.trim();
    const appears = shown.node.role === 'heading' ? { role: 'heading', name: text } : { text };
    return [{ name: this.#named(`see ${text.slice(0, 60)}`), wait: { appears } }];
  }

  /** The last of the same clicks in a row. */
  #lastOfSame(index: number, last: number): number {
    const own = this.#actions[index]!;
    let end = index;
    while (end + 1 < last && isSameClick(own, this.#actions[end + 1]!)) end += 1;
    return end;
  }

  /** What a click is repeated for: the month of a calendar's day, or what is clicked next. */
  #repeatedFor(index: number, end: number, last: number): Readonly<Record<string, unknown>> | undefined {
    const own = this.#actions[index]!;
    const name = own.locator.at(-1)?.name ?? '';
    if (own.kind !== 'click') return undefined;
    const next = end + 1;
    if (end === index && !refreshing.test(name)) return undefined;
    return next > last ? undefined : { until: this.#target(next), every: 5, atMost: 60 };
  }

  #turnsMonth(index: number): boolean {
    const { kind, locator } = this.#actions[index]!;
    return (
      kind === 'click' &&
      (backwards.test(locator.at(-1)?.name ?? '') || forwards.test(locator.at(-1)?.name ?? ''))
    );
  }

  /** Makes the step that picks a day of the period in a calendar that can be turned, if this click did so. */
  #pickedDay(index: number): (() => WrittenStep) | undefined {
    const day = this.#dayPicked(index);
    const node = day === undefined ? undefined : nodeOf(this.#actions[index]!, this.#nodes[index]!);
    if (day === undefined || node === undefined) return undefined;
    const calendar = ancestorsOf(node).find(
      ({ role, name }) =>
        /^(?:dialog|group|region|application)$/.test(role) && isPlainName(name, this.#hidden),
    );
    if (calendar === undefined) return undefined;
    const turning = (words: RegExp) => {
      const button = this.#nodes[index]!.find(
        (each) =>
          each.role === 'button' && words.test(each.name) && isPlainName(each.name, this.#hidden, each),
      );
      return button === undefined ? undefined : { button: button.name.trim() };
    };
    const [previous, next] = [turning(backwards), turning(forwards)];
    if (previous === undefined && next === undefined) return undefined;
    const pickDate = day.includes('period.end') ? 'period.end' : 'period.start';
    return () => ({
      name: this.#named(`pick the ${pickDate === 'period.end' ? 'last' : 'first'} day`),
      pickDate,
      calendar: { role: calendar.role, name: calendar.name.trim() },
      ...(previous === undefined ? {} : { previous }),
      ...(next === undefined ? {} : { next }),
    });
  }

  #dayPicked(index: number): string | undefined {
    return this.#actions[index]?.kind === 'click' ? dayIn(this.#target(index)) : undefined;
  }

  /** A click into a list or field that the next action fills or chooses from, and pages that opened by themselves. */
  #isSkipped(index: number, last: number): boolean {
    const action = this.#actions[index]!;
    if (action.kind === 'navigate') return true;
    const next = this.#actions[index + 1];
    const node = nodeOf(action, this.#nodes[index]!);
    if (node === undefined || !fieldRoles.has(node.role) || next === undefined || index + 1 > last)
      return false;
    // The option's own step opens its list.
    return node.role === 'combobox' && this.#isOption(index + 1);
  }

  #isOption(index: number): boolean {
    const action = this.#actions[index];
    return (
      action?.kind === 'click' &&
      action.locator.at(-1)?.kind === 'role' &&
      action.locator.at(-1)?.body === 'option'
    );
  }

  /** A notice of the portal that was clicked away may come again, or not. */
  #takeInterruption(index: number): boolean {
    const action = this.#actions[index]!;
    if (action.kind !== 'click') return false;
    const node = nodeOf(action, this.#nodes[index]!);
    const box =
      node === undefined ? undefined : ancestorsOf(node).find(({ role }) => /^(?:alert)?dialog$/.test(role));
    const name = action.locator.at(-1)?.name ?? '';
    if (box === undefined || !closing.test(name) || !isPlainName(box.name, this.#hidden, box)) return false;
    this.#interruptions.push({
      name: box.name.trim().slice(0, 60).toLowerCase(),
      when: { role: box.role, name: box.name.trim() },
      click: { button: name, within: { dialog: box.name.trim() } },
    });
    return true;
  }

  #step(index: number): WrittenStep {
    const action = this.#actions[index]!;
    switch (action.kind) {
      case 'fill':
        return this.#entry(index);
      case 'select':
        return this.#choice(index, this.#selected(index) ?? '', this.#target(index));
      case 'check':
      case 'uncheck':
        return {
          name: this.#named(`${action.kind} ${this.#called(index)}`),
          [action.kind]: this.#target(index),
        };
      case 'press':
        return { name: this.#named(`press ${action.key}`), press: action.key, on: this.#target(index) };
      default:
        return this.#isOption(index) && this.#fieldOf(index) !== undefined
          ? this.#listChoice(index)
          : this.#click(index);
    }
  }

  #click(index: number): WrittenStep {
    const { signals } = this.#actions[index]!;
    const picked = this.#pickedDay(index);
    if (picked !== undefined) return picked();
    const click = this.#target(index);
    return {
      name: this.#named(dayStepName(click) ?? `click ${this.#called(index)}`),
      click,
      ...(signals.includes('popup') ? { opens: 'page' } : {}),
      ...(signals.includes('dialog') ? { dialog: 'accept' } : {}),
    };
  }

  #entry(index: number): WrittenStep {
    const { text, inputType } = this.#actions[index]!;
    const into = this.#target(index);
    const said = this.#period === undefined ? undefined : periodPlaceholder(text, this.#period);
    if (said === undefined) {
      const name = this.#named(`enter ${this.#called(index)}`);
      this.#decide(`What "${name}" enters. What was typed there is not written down.`);
      return { name, fill: `${undecided}: what to enter`, into };
    }
    const which = said.includes('period.end') ? 'the end date' : 'the start date';
    const name = this.#named(`enter ${which}`);
    // The browser's own date fields take their value whole.
    if (/^(?:date|month|week|datetime-local)$/.test(inputType)) return { name, fill: said, into };
    const shown = this.#shownLater(index, text);
    return { name, type: said, into, ...(shown === undefined ? {} : { expect: shown }) };
  }

  /** What the field has made of the date, as a placeholder, if it shows something else than was typed. */
  #shownLater(index: number, typed: string): string | undefined {
    const { locator } = this.#actions[index]!;
    const name = locator.at(-1)?.name ?? locator.at(-1)?.body;
    for (const nodes of this.#nodes.slice(index + 1)) {
      const fields = nodes.filter((node) => fieldRoles.has(node.role) && node.name === name);
      const [field] = fields;
      if (fields.length !== 1 || field === undefined || field.text === '' || field.text === typed) continue;
      return this.#period === undefined ? undefined : periodPlaceholder(field.text, this.#period);
    }
    return undefined;
  }

  /** The list that an option belongs to: what was clicked, or typed into, right before. */
  #fieldOf(index: number): number | undefined {
    for (let before = index - 1; before >= Math.max(0, index - 2); before -= 1) {
      const node = nodeOf(this.#actions[before]!, this.#nodes[before]!);
      if (node?.role === 'combobox' || node?.role === 'listbox') return before;
    }
    return undefined;
  }

  #listChoice(index: number): WrittenStep {
    const text = this.#actions[index]!.locator.at(-1)!.name ?? '';
    return this.#choice(index, text, this.#target(this.#fieldOf(index)!));
  }

  #choice(index: number, text: string, from: WrittenTarget | string): WrittenStep {
    const said = this.#placeholder(text);
    if (said === '${report.title}') {
      return {
        name: this.#named('choose the report'),
        choose: said,
        from,
        failsAs: 'PortalPermissionMissing',
      };
    }
    if (said !== undefined) return { name: this.#named('choose the period'), choose: said, from };
    const name = this.#named('choose from the list');
    if (isPlainName(text, this.#hidden)) return { name, choose: text.trim(), from };
    this.#decide(`What "${name}" chooses. The words of that entry may be somebody's name.`);
    void index;
    return { name, choose: `${undecided}: what to choose`, from };
  }

  #target(index: number): WrittenTarget {
    const action = this.#actions[index]!;
    const found = targetOf(action, this.#nodes[index]!, this.#rewording(index));
    if (found !== undefined) return this.#noted(found);
    this.#decide(
      `How to find the thing of each step that says ${undecided}: by words that are no person's, by label, role and name, near or within. It was left out because its words may name a person, its id looks generated, or several things look alike.`,
    );
    return { text: `${undecided}: what to find here` };
  }

  #noted(target: WrittenTarget): WrittenTarget {
    for (const [key, text] of Object.entries(target)) {
      const isWords = typeof text === 'string' && key !== 'css' && key !== 'role' && !text.includes('${');
      if (isWords) this.#written.add(text);
    }
    return target;
  }

  #rewording(index: number): Rewording {
    const node = nodeOf(this.#actions[index]!, this.#nodes[index]!);
    const isDayCell =
      node !== undefined && ancestorsOf(node).some(({ role }) => /^(?:dialog|grid|table)$/.test(role));
    return {
      hidden: this.#hidden,
      placeholder: (text) =>
        this.#placeholder(text) ??
        (isDayCell && this.#period !== undefined && /^\d{1,2}$/.test(text)
          ? dayPlaceholder(text, this.#period)
          : undefined),
    };
  }

  #placeholder(text: string): string | undefined {
    if (this.#title !== undefined && text.trim() === this.#title) return '${report.title}';
    return this.#period === undefined ? undefined : periodPlaceholder(text, this.#period);
  }

  /** The last thing that was chosen or clicked before the export and that is called like the report. */
  #titleOf(from: number, last: number): string | undefined {
    const words = reports[this.#recording.export.report].titleWords;
    if (words === undefined) return undefined;
    for (let index = last - 1; index >= from; index -= 1) {
      const action = this.#actions[index]!;
      const at = action.locator.at(-1);
      const text = action.kind === 'select' ? (this.#selected(index) ?? '') : (at?.name ?? at?.body ?? '');
      const isNaming =
        action.kind === 'select' ||
        (action.kind === 'click' && !/^(?:button|textbox|combobox)$/.test(at?.body ?? ''));
      if (!isNaming || !words.test(text)) continue;
      if (isPlainName(text, this.#hidden)) return text.trim();
    }
    return undefined;
  }

  #ownTitle(): string {
    if (this.#title !== undefined) {
      this.#written.add(this.#title);
      return this.#title;
    }
    this.#decide('What the portal calls the report, under reports, and where the steps use it.');
    return `${undecided}: what the portal calls it`;
  }

  #otherTitle(report: ReportName): string {
    this.#decide(
      `What the portal calls the ${report} report, under reports: it was not recorded. If more than the title differs, use \${report.…} there too.`,
    );
    return `${undecided}: what the portal calls it`;
  }

  /** The name of the element, in quotes, or its role. */
  #called(index: number): string {
    const action = this.#actions[index]!;
    const text = action.locator.at(-1)?.name ?? '';
    const node = nodeOf(action, this.#nodes[index]!);
    if (this.#title !== undefined && text.trim() === this.#title) return 'the report';
    if (this.#placeholder(text) !== undefined) return 'the period';
    return isPlainName(text, this.#hidden, node) ? text.trim().slice(0, 60) : (node?.role ?? 'it');
  }

  #named(wanted: string): string {
    const plain = wanted.replaceAll(/[\p{C}"]/gu, '').slice(0, 90);
    let name = plain;
    for (let next = 2; this.#names.has(name); next += 1) name = `${plain} (${String(next)})`;
    this.#names.add(name);
    return name;
  }

  /** Waits for the count and the dates beside the result, and the action before which both were there. */
  #resultSteps(from: number, last: number): { readonly steps: WrittenStep[]; readonly before: number } {
    const run = this.#runIndex(from, last);
    const count = this.#countPattern(last);
    const dates = this.#datesText(last);
    const steps: WrittenStep[] = [];
    let before = last;
    if (count !== undefined) {
      const name = this.#named('wait for the result');
      const appears = { text: `/${count.replace('([0-9,]+)', '[0-9,]+')}/i` };
      steps.push({ name, patienceSeconds: 300, wait: { appears } });
      before = this.#firstSeen((text) => new RegExp(count, 'i').test(text), { run, last });
    } else {
      this.#decide(
        'What shows that the result is there, and where the portal shows the number of its records (recordCount): no text on the page had the number of the records in the file.',
      );
    }
    if (dates === undefined) {
      this.#decide('What shows that the result is the one of these dates: no text beside it named them.');
    } else {
      const name = this.#named('see that the result is the one asked for');
      steps.push({ name, wait: { appears: { text: dates.template } } });
      before = Math.max(
        count === undefined ? 0 : before,
        this.#firstSeen((text) => text.includes(dates.seen), { run, last }),
      );
    }
    return { steps, before };
  }

  /** The first click or key behind the last entry of the period. */
  #runIndex(from: number, last: number): number {
    const entered = this.#actions.findLastIndex(
      (_, index) => index < last && index >= from && this.#saysPeriod(index),
    );
    return this.#actions.findIndex(
      ({ kind }, index) => index > entered && (kind === 'click' || kind === 'press'),
    );
  }

  #saysPeriod(index: number): boolean {
    const { kind, text, locator } = this.#actions[index]!;
    const said =
      kind === 'fill'
        ? text
        : kind === 'select'
          ? (this.#selected(index) ?? '')
          : (locator.at(-1)?.name ?? '');
    return this.#period !== undefined && periodPlaceholder(said, this.#period) !== undefined;
  }

  #firstSeen(isIt: (text: string) => boolean, { run, last }: { run: number; last: number }): number {
    const index = this.#nodes.findIndex((nodes, at) => at > run && at <= last && textsOf(nodes).some(isIt));
    return index === -1 ? last : index;
  }

  /** A pattern for the text that shows how many records there are; group 1 is the number. */
  #countPattern(last: number): string | undefined {
    const { records } = this.#recording.export;
    for (const text of textsOf(this.#nodes[last] ?? [])) {
      const pattern = countPatternIn(text, records);
      if (pattern !== undefined) return pattern;
    }
    return undefined;
  }

  #datesText(last: number): { readonly template: string; readonly seen: string } | undefined {
    const period = this.#period;
    if (period === undefined) return undefined;
    for (const text of textsOf(this.#nodes[last] ?? [])) {
      if (text.length > 200) continue;
      const titled = this.#title === undefined ? text : text.replace(this.#title, '${report.title}');
      const found = withPeriodPlaceholders(titled, period);
      if (found === undefined) continue;
      const rest = found.rest.replace('${report.title}', '');
      if (this.#isPlainRest(rest)) return { template: found.template, seen: text };
      const only = datesOnly.exec(found.template)?.[0];
      if (only !== undefined && this.#isPlainRest(only.replaceAll(/\$\{[^}]*\}/g, ' '))) {
        return { template: only, seen: text };
      }
    }
    return undefined;
  }

  /** Whether what stands around placeholders may be written: a number there is another one next time. */
  #isPlainRest(rest: string): boolean {
    if (/\d|\$\{/.test(rest)) return false;
    return wordsOf(rest).length === 0 || isPlainName(rest, this.#hidden);
  }

  #download(last: number): WrittenStep {
    const { signals } = this.#actions[last]!;
    const count = this.#countPattern(last);
    return {
      name: this.#named('export the report'),
      click: this.#target(last),
      ...(signals.includes('popup') ? { opens: 'page' } : {}),
      ...(signals.includes('dialog') ? { dialog: 'accept' } : {}),
      failsAs: 'PortalPermissionMissing',
      ...(count === undefined ? {} : { recordCount: { text: `/${count}/i` } }),
    };
  }

  #leaving(split: number): WrittenTarget | undefined {
    const node = (this.#nodes[split] ?? []).find(
      ({ role, name }) => /^(?:link|button|menuitem)$/.test(role) && leaving.test(name.trim()),
    );
    if (node === undefined) return undefined;
    const name = node.name.trim();
    return node.role === 'menuitem' ? { role: 'menuitem', name } : { [node.role]: name };
  }

  /** What only somebody who is signed in sees. */
  #signedIn(split: number, leave: WrittenTarget | undefined): WrittenTarget {
    if (leave !== undefined) return leave;
    const first = this.#actions.findIndex(({ kind }, index) => index >= split && kind === 'click');
    const found =
      first === -1 ? undefined : targetOf(this.#actions[first]!, this.#nodes[first]!, this.#rewording(first));
    if (found !== undefined) {
      this.#decide(
        'Whether what signedIn names is there on every page while signed in, and on none otherwise.',
      );
      return found;
    }
    this.#decide('What only somebody who is signed in can see (signedIn).');
    return { text: `${undecided}: what only somebody who is signed in can see` };
  }

  #sessionLost(split: number): WrittenTarget[] {
    const password = this.#actions.findLastIndex((action) => this.#isPassword(action));
    const submit = password === -1 ? -1 : this.#submitIndex(password);
    const index = submit > password && this.#actions[submit]?.kind === 'click' ? submit : password;
    if (index === -1 || index >= split) return [];
    const found = targetOf(this.#actions[index]!, this.#nodes[index]!, this.#rewording(index));
    return found === undefined ? [] : [found];
  }

  /** Where the portal stands right after the login: the page that came then, at the end of its own redirections. */
  #home(split: number): string {
    const { actions, visits, portalUrl } = this.#recording;
    const entered = this.#actions.findLast(({ kind }, index) => index < split && kind === 'fill');
    const after = entered === undefined ? 0 : actions.indexOf(entered);
    const [first, ...later] = visits.filter(
      (visit) => visit.actions > after && !visit.address.startsWith('about:'),
    );
    let home = first;
    for (const visit of later) {
      if (home === undefined || visit.at - home.at > redirectMilliseconds) break;
      home = visit;
    }
    return this.#addressOf(home?.address ?? portalUrl);
  }

  /** A path of the portal. Queries, and parts with a number, may name a session or a record. */
  #addressOf(address: string): string {
    const { portalUrl } = this.#recording;
    if (!URL.canParse(address)) return '${portal.url}';
    const url = new URL(address);
    if (url.origin !== new URL(portalUrl).origin) {
      this.#decide('Where the login begins: it was recorded on another origin than EHR_PORTAL_URL.');
      return '${portal.url}';
    }
    const parts = url.pathname.split('/').filter((part) => part !== '');
    const plain = parts.slice(
      0,
      lengthOfPlain(parts, (part) => isPlainPart(part, this.#hidden)),
    );
    const base = new URL(portalUrl).pathname.split('/').filter((part) => part !== '');
    const isBelow = base.every((part, at) => plain[at] === part);
    const path = (isBelow ? plain.slice(base.length) : plain).map((part) => `/${part}`).join('');
    return isBelow ? `\${portal.url}${path}` : path === '' ? '/' : path;
  }
}

function lengthOfPlain(parts: readonly string[], isPlain: (part: string) => boolean): number {
  const end = parts.findIndex((part) => !isPlain(part));
  return end === -1 ? parts.length : end;
}

function isPlainPart(part: string, { typed, people }: PrivateTexts): boolean {
  if (!/^[A-Za-z][A-Za-z._-]{0,39}$/.test(part)) return false;
  if (typed.some((each) => each.length >= 3 && part.toLowerCase().includes(each.toLowerCase()))) return false;
  return !wordsOf(part).some((word) => people.has(word.toLowerCase()));
}

/** Texts of a page, each of one element. */
function textsOf(nodes: readonly AriaNode[]): string[] {
  return nodes.flatMap(({ role, name, text }) =>
    fieldRoles.has(role) ? [] : [text, name].filter((each) => each !== ''),
  );
}

const counted = 'records?|rows?|items?|results?|entr(?:y|ies)|notes?|authori[sz]ations?|lines?|matches';
const behind = new RegExp(`([0-9][0-9,]*) (${counted})( found)?`, 'gi');
const before = new RegExp(
  `((?:total )?(?:${counted}|total|found|count|of)(?: found)?:?) ([0-9][0-9,]*)`,
  'gi',
);

/** Of `450 records found` it is `([0-9,]+) records? found`. */
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

function isSameClick(one: RecordedAction, other: RecordedAction): boolean {
  return other.kind === 'click' && JSON.stringify(one.locator) === JSON.stringify(other.locator);
}

/** Pages that open, and clicks that only put the focus into a field that is filled next. */
function withoutIdle(actions: readonly RecordedAction[]): RecordedAction[] {
  const used = actions.filter(
    ({ kind, text, key }) =>
      !(kind === 'openPage' || kind === 'closesPage' || kind === 'closePage') &&
      !(kind === 'navigate' && text.startsWith('about:')) &&
      !(kind === 'press' && /^(?:Tab|Shift|Shift\+Tab)$/.test(key)),
  );
  return used.filter((action, index) => {
    const next = used[index + 1];
    const isSame = next !== undefined && JSON.stringify(next.locator) === JSON.stringify(action.locator);
    if (!isSame) return true;
    return (
      !(action.kind === 'click' && next.kind === 'fill') && !(action.kind === 'fill' && next.kind === 'fill')
    );
  });
}
