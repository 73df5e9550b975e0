import { nearestWord } from '../domain/nearestWord.ts';
import { comparable } from './knownTexts.ts';
import type { Candidate, Recipe } from './recipeSchema.ts';
import type { SeenNode, SeenPage } from './seenPage.ts';
import { isPattern } from './textPatterns.ts';

/** A longer list would not be read. */
const nameLimit = 5;
/** Texts of pages can be of any length, and the comparison takes quadratic time. */
const longestName = 80;

interface Wanted {
  readonly roles: readonly string[];
  readonly name: string;
}

const fieldRoles = [
  'textbox',
  'searchbox',
  'combobox',
  'spinbutton',
  'listbox',
  'checkbox',
  'radio',
  'switch',
];

export interface NamedElement {
  readonly role: string;
  readonly name: string;
}

/** What the page offers that resembles what a step looks for, nearest first. Its names may identify a person. */
export function namesNear(
  recipe: Recipe,
  { section, index }: { readonly section: 'login' | 'report' | 'download'; readonly index: number },
  pages: readonly SeenPage[],
): NamedElement[] {
  const part =
    section === 'download' ? recipe.download : (recipe[section][index] ?? { wait: recipe.signedIn });
  const wanted = targetsIn(part).flatMap((candidate) => wantedBy(candidate) ?? []);
  const offered = pages.flatMap(({ frames }) => frames.flatMap(({ nodes }) => nodes.flatMap(flat)));
  const ranked = offered
    .map((element) => ({ element, likeness: likenessOf(element, wanted) }))
    .filter(({ likeness: alike }) => alike > 0)
    .toSorted((one, other) => other.likeness - one.likeness);
  const different = new Map(ranked.map(({ element }) => [`${element.role} ${element.name}`, element]));
  return [...different.values()].slice(0, nameLimit);
}

/** Every way to find something in a step. */
function targetsIn(part: unknown): Candidate[] {
  if (Array.isArray(part)) return part.flatMap(targetsIn);
  if (typeof part !== 'object' || part === null) return [];
  if (ways.some((way) => way in part)) return [part as Candidate];
  return Object.values(part).flatMap(targetsIn);
}

const ways = ['label', 'role', 'button', 'link', 'placeholder', 'title', 'text'];

function wantedBy(candidate: Candidate): Wanted | undefined {
  if ('button' in candidate) return { roles: ['button'], name: candidate.button };
  if ('link' in candidate) return { roles: ['link'], name: candidate.link };
  if ('label' in candidate) return { roles: fieldRoles, name: candidate.label };
  if ('role' in candidate)
    return candidate.name === undefined ? undefined : { roles: [candidate.role], name: candidate.name };
  if ('placeholder' in candidate) return { roles: fieldRoles, name: candidate.placeholder };
  if ('title' in candidate) return { roles: [], name: candidate.title };
  return 'text' in candidate ? { roles: [], name: candidate.text } : undefined;
}

function flat({ role, name, text, children }: SeenNode): NamedElement[] {
  // The text of a field is what somebody entered.
  const own = (name ?? (fieldRoles.includes(role) ? undefined : text) ?? '').trim().replaceAll(/\s+/g, ' ');
  const isShown = own !== '' && own.length <= longestName;
  return [...(isShown ? [{ role, name: own }] : []), ...children.flatMap(flat)];
}

/** 0 for nothing in common; the same kind of thing counts more than another. */
function likenessOf(offered: NamedElement, wanted: readonly Wanted[]): number {
  return Math.max(
    0,
    ...wanted.map(({ roles, name }) => {
      const words = likeness(plain(name), comparable(offered.name));
      // Text beside a control is no control.
      if (roles.length > 0 && offered.role === 'text') return 0;
      const isSame = roles.includes(offered.role);
      if (words >= leastLikeness) return isSame ? words + 1 : words;
      // The fields of a form are few, and one of them was meant.
      return isSame && roles !== fieldRoles ? 0 : isSame ? words / 2 + 0.01 : 0;
    }),
  );
}

/** Half of the letters in common, or a word. */
const leastLikeness = 0.5;
/** Swapped letters have few pairs in common. */
const misspelt = 0.75;

function plain(name: string): string {
  return comparable(
    isPattern(name) ? name.replaceAll(/[^\p{L}\p{N}]+/gu, ' ') : name.replaceAll(/\$\{[^}]{0,100}\}/g, ' '),
  );
}

/** From 0 to 1: of pairs of letters in common (Dice), or a whole word in common. */
function likeness(one: string, other: string): number {
  if (one === other) return 1;
  const [pairs, others] = [pairsOf(one), pairsOf(other)];
  if (pairs.size === 0 || others.size === 0) return 0;
  const common = [...pairs].filter((pair) => others.has(pair)).length;
  const words = new Set(other.split(' '));
  const sharesWord = one.split(' ').some((word) => word.length > 2 && words.has(word));
  const letters = (2 * common) / (pairs.size + others.size);
  if (nearestWord(one, [other]) !== undefined) return Math.max(letters, misspelt);
  return sharesWord ? Math.max(letters, leastLikeness) : letters;
}

function pairsOf(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
}
