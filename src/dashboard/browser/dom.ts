type Child = Node | string | null;

interface Properties {
  readonly class?: string;
  readonly id?: string;
  readonly onClick?: () => void;
  /** Any other attribute, as HTML names it. */
  readonly [attribute: string]: string | number | (() => void) | undefined;
}

/** An element with its attributes and what is in it. Text is only ever text. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener('click', value);
    else if (value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** Text whose amounts stay on one line: a browser may break after the sign of one. */
export function wholeAmounts(text: string): Child[] {
  const parts = text.split(/(-?\$[\d,.]{1,60}[KMBT]?)/);
  // Every other part is an amount.
  return parts.map((part, place) => (place % 2 === 0 ? part : h('span', { class: 'amount' }, part)));
}
