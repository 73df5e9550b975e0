import { reports as definitions } from '../reports/index.ts';
import { interfaceTexts } from './interfaceTexts.ts';
import { partsOfAddress } from './maskAddress.ts';
import { resolvePlain, type PlainValues } from './placeholders.ts';
import type { Recipe } from './recipeSchema.ts';
import { isPattern } from './textPatterns.ts';

/** Case, white space and what forms add to a label make no difference. */
export function comparable(text: string): string {
  return text
    .normalize('NFC')
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/(?:[\s:*…]|\.\.\.){1,20}$/u, '')
    .toLowerCase();
}

const headings = Object.values(definitions).flatMap(({ exportColumns }) =>
  exportColumns.map((column) => column.replaceAll('_', ' ')),
);

/** All texts that evidence may show, each as a whole: the recipe's, with placeholders resolved, and portals' own. */
export function knownTexts(recipe: Recipe, values: PlainValues): Set<string> {
  const { reports, ...walks } = recipe;
  const named = [
    ...Object.values(reports).flatMap((report = {}) => Object.values(report)),
    ...textsIn(walks),
  ];
  const plain = named.filter((text) => !isPattern(text) && !text.includes('${secret.'));
  return new Set(
    [...plain.map((text) => resolvePlain(text, values)), ...interfaceTexts, ...headings]
      .map(comparable)
      .filter((text) => text !== ''),
  );
}

/** Parts of addresses that appear in the recipe or the portal's own address. */
export function knownInAddresses(recipe: Recipe, values: PlainValues): Set<string> {
  const { portalUrl } = values;
  const steps = [...recipe.login, ...recipe.report, ...recipe.logout];
  const named = steps.flatMap((step) => (step.kind === 'goto' ? [resolvePlain(step.goto, values)] : []));
  const whole = named.map((text) => (URL.canParse(text, portalUrl) ? new URL(text, portalUrl).href : ''));
  return new Set([portalUrl, ...whole].flatMap(partsOfAddress));
}

/** The keys whose texts appear on the portal's pages; names of steps, hints and CSS do not. */
const pageKeys = new Set([
  'label',
  'button',
  'link',
  'cell',
  'treeItem',
  'menuItem',
  'contains',
  'text',
  'placeholder',
  'title',
  'near',
  'section',
  'dialog',
  'choose',
  'fill',
  'type',
  'expect',
  'verify',
  'dialogSays',
]);

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  // With a role, `name` is the page's own text; a step's `name` is the recipe author's.
  const role = 'role' in value && 'name' in value ? [value.name] : [];
  const own = Object.entries(value).flatMap(([key, text]) => (pageKeys.has(key) ? [text] : []));
  const inner = Object.values(value).flatMap((each) => textsIn(each));
  return [...[...role, ...own].filter((text) => typeof text === 'string'), ...inner];
}
