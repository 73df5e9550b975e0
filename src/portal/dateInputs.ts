import type { Locator } from 'playwright';
import { resolvePlain, type PlainValues } from './placeholders.ts';

/** The text that an input of each type takes and holds, whatever form of a date it shows. */
const formats: Readonly<Record<string, string>> = { date: 'YYYY-MM-DD', month: 'YYYY-MM' };

/** A text that is one date of the period and nothing else. */
const loneDate = /^\s*\$\{(period\.(?:start|end))\|[^}]{1,100}\}\s*$/;

/** Runs in the page. */
const typeOfInput = (node: { localName: string; type?: unknown }) =>
  node.localName === 'input' && typeof node.type === 'string' ? node.type : '';

/**
 * The date as the browser's own date and month fields take it. Undefined for other fields and texts: these are entered
 * as written.
 */
export async function dateForInput(
  template: string,
  field: Locator,
  values: PlainValues,
): Promise<string | undefined> {
  const name = loneDate.exec(template)?.[1];
  if (name === undefined) return undefined;
  const format = formats[await field.evaluate(typeOfInput)];
  return format === undefined ? undefined : resolvePlain(`\${${name}|${format}}`, values);
}
