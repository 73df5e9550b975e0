import { reports } from '../../reports/index.ts';
import { interfaceTexts } from '../interfaceTexts.ts';
import { comparable } from '../knownTexts.ts';
import { ancestorsOf, type AriaNode } from './ariaTree.ts';

/**
 * Which of a page's words may be written into a recipe: those that name a thing of the interface. A word that may name
 * a person, or that somebody typed, never is; in doubt the author has to decide.
 */

/** What no text of the recipe may contain. */
export interface PrivateTexts {
  /** Everything that was typed and is no date, and the credentials. */
  readonly typed: readonly string[];
  /** Words of the people in the export, in lower case. */
  readonly people: ReadonlySet<string>;
}

/** Nobody labels a button with more. */
const longestName = 80;
/** Shorter texts occur in any word. */
const shortestTyped = 3;

const moreWords = `
a access account accounts action actions activities activity add admin administration advanced all amount amounts analytics
and any apply approval approved area as at audit authorization authorizations auth available back batch before begin
beginning behavioral billed billing blank browse budget business by calendar cancel care case caseload cases category
center centre change charge charges check choose claim claims clear client clients clinical close code column columns
comma compliance configuration confirm consumer consumers content continue count create criteria csv current custom
customer cycle daily dashboard dashboards data date dates day days delimited delivery demographics department
departments detail detailed details display document documentation documents dollars done download downloads due during
edit ehr electronic eligibility employee employees end ending enter entries entry error errors excel execute export exporting
exports favorites fee file files filter filters finance financial find finish first folder for form format forms found
from full general generate get go group groups health help hide history home hours hr human i id import in inbox include
individual information insurance intake into invoice invoices is item items job jobs last launch level library limit line
list listing load loading location locations log logout mail main maintenance manage management manager matching max
maximum medical member members menu message messages min month monthly months more my name new news next no none note notes
notice now of off office ok on open operations option options or order orders other out outcomes output overview page pages
parameters passcode passphrase password patient patients payer payers payment payments payroll pdf pending per period person pick plan planning plans
portal practice prepare prepared preview previous print process productivity program programs progress provider providers
quality quarter quarterly query queue quick range ready recent record records refresh reload remove report reporting reports
request requests reset resources result results retrieve return revenue review row rows run sales save saved schedule
scheduled schedules scheduling search section security select selected send separated service services session set settings
setup sheet show sign signature signatures signed signing site sites size sort spreadsheet staff standard start starting
state statement statements status step submit subset summary supervision supervisor supervisors support supports system
tab table task tasks team template templates text the this through time timesheet timesheets to today tools total totals
training treatment type units unsigned until update upload usage use user users utilization value values variance view
views visit visits week weekly weeks what whole window thank you was were will be been has have are not received sent submitted completed complete
successful successfully please wait when being created opening finished accepted with work workflow yes year yearly your zip
january february march april may june july august september october november december`;

const headings = Object.values(reports).flatMap(({ exportColumns }) =>
  exportColumns.map((column) => column.replaceAll('_', ' ')),
);
const knownTexts = new Set([...interfaceTexts, ...headings].map(comparable));
const knownWords = new Set(
  [...interfaceTexts, ...headings, moreWords].flatMap((text) =>
    wordsOf(text).map((word) => word.toLowerCase()),
  ),
);

export function wordsOf(text: string): string[] {
  return text.match(/\p{L}[\p{L}\p{M}]*/gu) ?? [];
}

/** Words with which a page names a person: `Open Grace`, `Welcome, Grace`. */
const beforeNames =
  /^(?:open|view|edit|select|show|delete|remove|for|by|of|welcome|hello|hi|signed in as|logged in as|mr|mrs|ms|dr|prof)\b/i;
/** `MAY, WILL`, whatever the words. */
const lastAndFirst = /\p{L},\s*\p{L}/u;
const lists = new Set(['row', 'gridcell', 'cell', 'rowheader', 'listitem', 'option']);
const bars = new Set(['navigation', 'menu', 'menubar', 'tablist', 'toolbar', 'banner']);
const controls = new Set(['button', 'tab', 'menuitem']);
/** Their names are labels; what is entered into them is not part of those. */
const fields = new Set(['textbox', 'searchbox', 'combobox', 'spinbutton']);

/** Whether the name of this element may be written. Without an element, the words alone decide. */
export function isPlainName(name: string, { typed, people }: PrivateTexts, at?: AriaNode): boolean {
  const text = name.trim();
  if (text === '' || text.length > longestName || /[\p{C}@]/u.test(text)) return false;
  const folded = text.toLowerCase();
  if (typed.some((each) => each.length >= shortestTyped && folded.includes(each.toLowerCase()))) return false;
  const words = wordsOf(text);
  const unknown = words.filter((word) => !isKnownWord(word));
  // A name of the export may be a word of the interface too, such as "Bill": then the known texts decide.
  if (knownTexts.has(comparable(text))) return true;
  if (words.some((word) => people.has(word.toLowerCase()) && !isKnownWord(word))) return false;
  if (/\d{3}/.test(text) || lastAndFirst.test(text)) return false;
  if (unknown.length === 0) return words.length > 0 && !hasOnlyPeople(words, people);
  return isTitleOfInterface(text, unknown) && isPartOfInterface(at, words);
}

/** Words in a text that no list of interface words has. */
export function unknownWords(text: string): string[] {
  return knownTexts.has(comparable(text)) ? [] : wordsOf(text).filter((word) => !isKnownWord(word));
}

function isKnownWord(word: string): boolean {
  // A single letter ends a possessive or a contraction; any other than these may be an initial.
  return /^[ast]$/.test(word) || knownWords.has(word.toLowerCase());
}

/** "May, Bill": every word is one of the interface and also somebody's name. */
function hasOnlyPeople(words: readonly string[], people: ReadonlySet<string>): boolean {
  return words.length > 1 && words.every((word) => people.has(word.toLowerCase()));
}

/**
 * At most one word that nobody knows, beside others that name a thing: "Harborlight Reports" is one, "Grace
 * Hopper" none.
 */
function isTitleOfInterface(text: string, unknown: readonly string[]): boolean {
  if (beforeNames.test(text)) return false;
  return unknown.length === 1;
}

/** An unknown word may be a name anywhere but on a field or control, and alone anywhere but in a bar of the page. */
function isPartOfInterface(at: AriaNode | undefined, words: readonly string[]): boolean {
  if (at === undefined) return false;
  if (fields.has(at.role)) return true;
  const around = ancestorsOf(at);
  if ([at, ...around].some(({ role }) => lists.has(role))) return false;
  return around.some(({ role }) => bars.has(role)) || (words.length > 1 && controls.has(at.role));
}
