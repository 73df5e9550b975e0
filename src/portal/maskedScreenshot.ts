import type { Frame, Page } from 'playwright';
import type { Masking } from './maskText.ts';

/** A page that does not paint in this time shows no picture; the outline still tells what is there. */
const captureMilliseconds = 5000;

/**
 * Makes the page's text invisible, all but that of furniture which holds neither a secret nor a person, and
 * says whether it took. It changes the page for good: a failed session is closed after its evidence.
 *
 * Kerning goes too, or the width of an invisible name would still depend on the order of its letters.
 *
 * A style sheet made by script is used since a page's content security policy forbids an inserted `<style>`,
 * and Playwright's own `style` option is then ignored without a word.
 */
const maskPage = `({ secrets, showPatientData }) => {
  const hidden = ['-webkit-text-fill-color', 'transparent', 'important'];
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(showPatientData
    ? 'input[type=password] { -webkit-text-fill-color: transparent !important }'
    : '*, *::before, *::after, ::placeholder { -webkit-text-fill-color: transparent !important; text-shadow: none !important; font-kerning: none !important; font-variant-ligatures: none !important; transition: none !important; animation: none !important; background-image: none !important; text-decoration-color: transparent !important; }'
      + 'img, svg, canvas, video, picture, object, embed { visibility: hidden !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const person = /\\p{L}[\\p{L}'’.-]+, ?\\p{L}/u;
  const longNumber = /\\d[\\d\\/.,-]{2,}/;
  for (const node of document.querySelectorAll('*')) {
    const text = typeof node.value === 'string' ? node.value : node.textContent ?? '';
    const secret = secrets.some((word) => word !== '' && text.includes(word));
    if (showPatientData) {
      if (secret && (typeof node.value === 'string' || node.childElementCount === 0)) {
        node.style.setProperty(...hidden);
      }
      continue;
    }
    const furniture = node.closest('button, [role=button], [role=tab], [role=menuitem], label, legend, th, [role=columnheader]');
    const record = node.closest('td, li, option, [role=gridcell], [role=cell], [role=listitem], [role=option], [role=treeitem]');
    if (furniture === null || (record !== null && !record.matches('[role=columnheader]')) || 'value' in node && node.localName !== 'button') continue;
    const whole = furniture.textContent ?? '';
    if (secret || person.test(whole) || longNumber.test(whole)) continue;
    node.style.setProperty('-webkit-text-fill-color', 'currentcolor', 'important');
  }
  return showPatientData || getComputedStyle(document.body ?? document.documentElement).webkitTextFillColor === 'rgba(0, 0, 0, 0)';
}`;

/** A PNG, or undefined where the page cannot be masked or painted: no picture is better than a person in one. */
export async function maskedScreenshot(page: Page, masking: Masking): Promise<Buffer | undefined> {
  const masked = await Promise.all(page.frames().map((frame) => maskFrame(frame, masking)));
  if (masked.includes(false)) return undefined;
  return page.screenshot({ timeout: captureMilliseconds, animations: 'disabled', caret: 'hide' });
}

async function maskFrame(frame: Frame, { secrets, showPatientData }: Masking): Promise<boolean> {
  const input = JSON.stringify({ secrets, showPatientData });
  return frame.evaluate<boolean>(`(${maskPage})(${input})`);
}
