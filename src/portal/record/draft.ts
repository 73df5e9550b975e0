import type { Period } from '../../domain/periods.ts';
import type { ReportName } from '../../reports/index.ts';
import { undecided } from '../weakSpots.ts';
import { ancestorsOf, ariaNodes, type AriaNode } from './ariaTree.ts';
import { dayPlaceholder, periodNamedBy, periodPlaceholder, periodShownIn } from './periodTexts.ts';
import { isPlainName, type PrivateTexts } from './plainNames.ts';
import type { RecordedAction, Visit } from './playwrightRecorder.ts';
import { nodeOf, targetOf, type Rewording, type WrittenTarget } from './recordedLocators.ts';

/** What a person did for one export, and the file that came. */
export interface Recording {
  /** What the recipe calls the portal. */
  readonly portal: string;
  readonly actions: readonly RecordedAction[];
  readonly visits: readonly Visit[];
  readonly portalUrl: string;
  /** The other reports that the recipe must name. */
  readonly reports: readonly ReportName[];
  /** The user and password of the environment, if it names them. */
  readonly credentials: { readonly user?: string | undefined; readonly password?: string | undefined };
  readonly export: {
    readonly report: ReportName;
    readonly records: number;
    /** Words of the people in it, in lower case. */
    readonly people: ReadonlySet<string>;
  };
}

export type WrittenStep = { readonly name: string } & Readonly<Record<string, unknown>>;

export const fieldRoles = new Set(['textbox', 'searchbox', 'combobox', 'spinbutton']);

/**
 * A recording on its way to a recipe: what was done and seen, and what the parts of the recipe share while they
 * are written.
 */
export class Draft {
  readonly recording: Recording;
  readonly actions: readonly RecordedAction[];
  /** What the page showed before each action. */
  readonly nodes: readonly (readonly AriaNode[])[];
  /** The action that brings the file. */
  readonly last: number;
  readonly decisions: string[] = [];
  readonly hidden: PrivateTexts;
  readonly period: Period | undefined;
  readonly #names = new Set<string>();
  /** Texts of the page that got into the recipe. */
  readonly written = new Set<string>();
  readonly interruptions: WrittenStep[] = [];
  title: string | undefined;

  constructor(recording: Recording) {
    this.recording = recording;
    this.actions = withoutIdle(recording.actions);
    this.nodes = this.actions.map(({ snapshot }) => ariaNodes(snapshot));
    this.last = this.#exportIndex();
    const { report, people } = recording.export;
    this.period =
      periodNamedBy(this.#saidTexts(), report) ?? periodShownIn(textsOf(this.nodes[this.last] ?? []), report);
    const period = this.period;
    const typed = this.actions.flatMap(({ kind, text }) => (kind === 'fill' ? [text] : []));
    const { user = '', password = '' } = recording.credentials;
    const isDate = (text: string) => period !== undefined && periodPlaceholder(text, period) !== undefined;
    this.hidden = { typed: [...typed.filter((text) => !isDate(text)), user, password], people };
  }

  /** Texts that may say the period: typed, chosen, or clicked in a list. */
  #saidTexts(): string[] {
    return this.actions.flatMap((action, index) => {
      if (action.kind === 'fill') return [action.text];
      if (action.kind === 'select') return [this.selected(index) ?? ''];
      return action.kind === 'click'
        ? [action.locator.at(-1)?.name ?? action.locator.at(-1)?.body ?? '']
        : [];
    });
  }

  /** The label of the chosen option of a `<select>`. */
  selected(index: number): string | undefined {
    const field = nodeOf(this.actions[index]!, this.nodes[index]!);
    return this.nodes[index]!.find(
      (node) => node.parent === field && node.role === 'option' && node.isSelected,
    )?.name;
  }

  #exportIndex(): number {
    const index = this.actions.findLastIndex(({ signals }) => signals.includes('download'));
    if (index !== -1) return index;
    // A file that a script asks for later has no click of its own.
    return this.actions.findLastIndex(({ kind }) => kind === 'click' || kind === 'press');
  }

  decide(what: string): void {
    if (!this.decisions.includes(what)) this.decisions.push(what);
  }

  target(index: number): WrittenTarget {
    const action = this.actions[index]!;
    const found = targetOf(action, this.nodes[index]!, this.rewording(index));
    if (found !== undefined) return this.#noted(found);
    this.decide(
      `How to find the thing of each step that says ${undecided}: by words that are no person's, by label, role and name, near or within. It was left out because its words may name a person, its id looks generated, or several things look alike.`,
    );
    return { text: `${undecided}: what to find here` };
  }

  #noted(target: WrittenTarget): WrittenTarget {
    for (const [key, text] of Object.entries(target)) {
      const isWords = typeof text === 'string' && key !== 'css' && key !== 'role' && !text.includes('${');
      if (isWords) this.written.add(text);
    }
    return target;
  }

  rewording(index: number): Rewording {
    const node = nodeOf(this.actions[index]!, this.nodes[index]!);
    const isDayCell =
      node !== undefined && ancestorsOf(node).some(({ role }) => /^(?:dialog|grid|table)$/.test(role));
    return {
      hidden: this.hidden,
      placeholder: (text) =>
        this.placeholder(text) ??
        (isDayCell && this.period !== undefined && /^\d{1,2}$/.test(text)
          ? dayPlaceholder(text, this.period)
          : undefined),
    };
  }

  placeholder(text: string): string | undefined {
    if (this.title !== undefined && text.trim() === this.title) return '${report.title}';
    return this.period === undefined ? undefined : periodPlaceholder(text, this.period);
  }

  /** The name of the element, in quotes, or its role. */
  called(index: number): string {
    const action = this.actions[index]!;
    const text = action.locator.at(-1)?.name ?? '';
    const node = nodeOf(action, this.nodes[index]!);
    if (this.title !== undefined && text.trim() === this.title) return 'the report';
    if (this.placeholder(text) !== undefined) return 'the period';
    return isPlainName(text, this.hidden, node) ? text.trim().slice(0, 60) : (node?.role ?? 'it');
  }

  named(wanted: string): string {
    const plain = wanted.replaceAll(/[\p{C}"]/gu, '').slice(0, 90);
    let name = plain;
    for (let next = 2; this.#names.has(name); next += 1) name = `${plain} (${String(next)})`;
    this.#names.add(name);
    return name;
  }
}

/** Texts of a page, each of one element. */
export function textsOf(nodes: readonly AriaNode[]): string[] {
  return nodes.flatMap(({ role, name, text }) =>
    fieldRoles.has(role) ? [] : [text, name].filter((each) => each !== ''),
  );
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
