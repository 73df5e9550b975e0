import type { ElementHandle, Frame } from 'playwright';
import { originForMessage } from './origins.ts';
import type { OriginGuard } from './originGuard.ts';
import { PortalTrouble } from './trouble.ts';

/**
 * Makes sure that text typed into this field stays with the portal: the field's page and the pages around it belong to
 * the portal, and so does the address to which its form is sent.
 * @throws PortalTrouble `PortalOriginRefused`
 */
export async function assertFieldIsPortals(field: ElementHandle, guard: OriginGuard): Promise<void> {
  const frame = await field.ownerFrame();
  for (let each = frame; each !== null; each = each.parentFrame()) {
    if (!inherits(each) && !guard.isOwn(each.url())) throw foreignPage(each.url());
  }
  if (frame === null || inherits(topOf(frame))) throw foreignPage('about:blank');
  for (const address of await field.evaluate(formAddresses)) {
    if (!guard.isOwn(address) && !/^(?:javascript|about):/i.test(address)) throw foreignForm(address);
  }
}

/** A frame that its parent page filled in has the parent's origin. */
function inherits(frame: Frame): boolean {
  return /^(?:about:(?:blank|srcdoc)(?:[?#]|$)|$)/i.test(frame.url());
}

function topOf(frame: Frame): Frame {
  const parent = frame.parentFrame();
  return parent === null ? frame : topOf(parent);
}

interface FormControl {
  readonly form?: FormElement | null;
}
interface FormElement {
  readonly elements: ArrayLike<{ readonly formAction?: string; hasAttribute(name: string): boolean }>;
  readonly ownerDocument: { readonly baseURI: string };
  getAttribute(name: string): string | null;
}

/** Runs in the page: the addresses to which the field's form, and each of its buttons, sends the field. */
function formAddresses(field: unknown): string[] {
  const { form } = field as FormControl;
  if (form === null || form === undefined) return [];
  const action = form.getAttribute('action');
  const ofForm =
    action === null || action.trim() === '' ? [] : [new URL(action, form.ownerDocument.baseURI).href];
  const ofButtons = Array.from(form.elements)
    .filter((control) => control.hasAttribute('formaction'))
    .map(({ formAction }) => formAction ?? '');
  return [...ofForm, ...ofButtons.filter((address) => address !== '')];
}

function foreignPage(url: string): PortalTrouble {
  return refused(
    `the field is on a page of ${originForMessage(url)}, which is not the portal's; nothing was entered`,
    url,
  );
}

function foreignForm(url: string): PortalTrouble {
  return refused(
    `the form is sent to ${originForMessage(url)}, which is not the portal's; nothing was entered`,
    url,
  );
}

function refused(message: string, url: string): PortalTrouble {
  return new PortalTrouble('PortalOriginRefused', message, { details: { origin: originForMessage(url) } });
}

/**
 * Keeps frames of other origins from taking the keyboard while `work` types. The portal's own frames do not change, and
 * afterwards the page is as before.
 */
export async function withoutForeignFocus<T>(
  field: ElementHandle,
  guard: OriginGuard,
  work: () => Promise<T>,
): Promise<T> {
  const frame = await field.ownerFrame();
  const frames = frame === null ? [] : topOf(frame).page().frames();
  const foreign = frames.filter(
    (each) => !inherits(each) && !guard.isOwn(each.url()) && each.parentFrame() !== null,
  );
  const elements = await Promise.all(foreign.map((each) => each.frameElement().catch(() => undefined)));
  const changed: ElementHandle[] = [];
  try {
    for (const element of elements) {
      if (element !== undefined && (await element.evaluate(makeInert).catch(() => false)))
        changed.push(element);
    }
    return await work();
  } finally {
    await Promise.all(changed.map((element) => element.evaluate(unmakeInert).catch(() => undefined)));
  }
}

interface InertElement {
  inert: boolean;
  blur(): void;
}

/** Runs in the page. */
function makeInert(element: unknown): boolean {
  const frame = element as InertElement;
  if (frame.inert) return false;
  frame.inert = true;
  frame.blur();
  return true;
}

/** Runs in the page. */
function unmakeInert(element: unknown): void {
  (element as InertElement).inert = false;
}

/** Runs in the page: whether this field has the keyboard focus. */
export function hasKeyboard(field: unknown): boolean {
  const node = field as {
    getRootNode(): { readonly activeElement: unknown };
    readonly ownerDocument: { hasFocus(): boolean };
  };
  return node.getRootNode().activeElement === field && node.ownerDocument.hasFocus();
}
