/**
 * Ids and classes that a page's framework makes up. They change with the portal's next release, often with the next
 * load of the page.
 */

/** Words with which frameworks begin the ids that they number. */
const numbered =
  /^(?:ext-|x-|cdk|checkbox|combo(?:box)?|component|container|datefield|downshift|dx|ember|field(?:set)?|form|grid(?:panel)?|gwt|headlessui|igx?|j_idt|jqg|kendo|listbox|mat|menu(?:item)?|mui|ng|panel|p_?highlighted|pn_id|popover|radix|react|rc|select2|tab(?:panel|bar)?|textfield|toolbar|treepanel|trigger|ui-id|uid|view|widget|window|yui|zk?)/i;
const anyNumber = /\d/;
/** A number of three digits counts elements or records; people who name ids do not get so far. */
const longNumber = /\d{3}/;
/** React's `useId`: `:r1f:` or `«r1f»`. */
const ofReact = /[:«_]r[0-9a-z]{1,4}[:»_]/i;
/** Eight hexadecimal digits with both figures and letters, as in a UUID or a hash. */
const hexadecimal = /(?=[a-f-]{0,8}\d)(?=[\d-]{0,8}[a-f])[0-9a-f]{8}/i;
/** Classes of style libraries that end in a hash: `css-1q2w3e4`, `sc-bdVaJa`, `Button_root__x3Yz9`. */
const hashedClass = /^(?:css|sc|jss|emotion|tw)-[0-9a-z]{5,}|__[0-9a-z]*\d[0-9a-z]*$|^_[0-9a-z]{5,}$/i;

const identifiers = [
  // `#name`, whose special characters are escaped.
  /#((?:\\[0-9a-f]{1,6} ?|\\.|[\w-]|[^\0-\x7f]){1,100})/gi,
  /\[\s{0,9}(?:id|for|name|aria-controls|aria-labelledby|data-componentid)\s{0,9}[~|^$*]?=\s{0,9}["']?([^"'\]]{1,100})/gi,
];
const classes = /\.((?:\\.|[a-z_-])(?:\\.|[\w-]){1,100})/gi;

/** The first id or class in a CSS selector that looks generated, or undefined. */
export function generatedIdIn(css: string): string | undefined {
  const ids = identifiers.flatMap((pattern) => Array.from(css.matchAll(pattern), ([, id = '']) => id));
  const withoutTexts = css.replaceAll(/"[^"]{0,200}"|'[^']{0,200}'/g, '');
  const names = Array.from(withoutTexts.matchAll(classes), ([, name = '']) => name);
  return ids.find(isGenerated) ?? names.find((name) => hashedClass.test(name));
}

function isGenerated(written: string): boolean {
  const id = written.replaceAll('\\', '');
  if (ofReact.test(id) || longNumber.test(id) || hexadecimal.test(id)) return true;
  return numbered.test(id) && anyNumber.test(id);
}
