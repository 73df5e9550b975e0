import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { closeBrowser, launchBrowser, type LiveBrowser } from '../../../src/portal/browser.ts';
import { drawPage } from '../../../src/portal/drawnPage.ts';
import { knownInAddresses, knownTexts } from '../../../src/portal/knownTexts.ts';
import { newMasking, type Masking } from '../../../src/portal/maskText.ts';
import { outlineOf } from '../../../src/portal/outline.ts';
import { parseRecipe } from '../../../src/portal/parseRecipe.ts';
import { realScreenshot } from '../../../src/portal/realScreenshot.ts';
import { seePage } from '../../../src/portal/seenPage.ts';
import { startPagePortal, type PortalPage } from './fixtures/pagePortal.ts';
import { demoCredentials, failureOf, pageRecipe, startSession, testBrowser } from './fixtures/sessions.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Every way in which the planted people are written; single names are names too. */
const people = [
  'DOE,  JANE',
  'DOE, JANE',
  'Jane Doe',
  'DOE,\u{a0}JANE',
  'May',
  'Grace',
  'Mark',
  'Núñez',
  'QUENNELL',
];
const anyName = /doe|jane|grace|mark|núñez|n(u|%C3%BA)(n|ñ|%C3%B1)ez|quennell|\bmay\b/i;
/** No colour of a drawing: where it is found, a piece of the portal's page is. */
const paint = 'rgb(3, 201, 87)';

const everyName = (write: (name: string) => string) => people.map(write).join('\n');

/** Everything on it is painted in one colour that evidence does not use. */
const page = (body: string) => `<!doctype html><title>Chart of Grace, Jane Doe</title>
<style>* { color: ${paint}; background-color: ${paint} } img, canvas { width: 60px; height: 40px }</style>${body}
<script>console.log('opened DOE, JANE'); console.error('Grace'); setTimeout(() => { throw new Error('Jane Doe') })</script>`;

const image = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg"><text y="20" fill="${paint}">DOE JANE</text></svg>`)}`;

interface Failure {
  readonly title: string;
  readonly path?: string;
  readonly body: string;
  /** What a recipe's author must be able to read in outline and picture. */
  readonly shows: string;
}

const failures: readonly Failure[] = [
  {
    title: 'buttons, links and tabs',
    body: `<button>Run Reports Now</button><button>Export</button>${everyName((name) => `<button>${name}</button><button>Open ${name}</button><a href="/c?client=${name}">${name}</a><div role="tab">${name}</div><div role="menuitem">${name}</div>`)}`,
    shows: 'button "Export"',
  },
  {
    title: 'headings, columns and cells',
    body: `<h1>Reports</h1>${everyName((name) => `<h2>${name}</h2>`)}<table><tr><th>Client</th>${everyName((name) => `<th>${name}</th>`)}</tr><tr>${everyName((name) => `<td>${name}</td>`)}</tr></table>`,
    shows: 'columnheader "Client"',
  },
  {
    title: 'addresses',
    path: '/clients/DOE-JANE/Grace;May=Mark',
    body: `<a href="/clients/Mark">Search</a><iframe name="Jane Doe" title="Grace" src="/inner/DOE/JANE?for=Mark"></iframe>`,
    shows: 'link "Search"',
  },
  {
    title: 'images, canvases and backgrounds',
    body: `<img src="${image}" alt="Jane Doe"><img src="/none/DOE.png" alt="Grace"><svg width="90" height="30"><text y="20">DOE JANE</text></svg><canvas id="c"></canvas><div style="background-image:url('${image}');width:90px;height:40px" role="img" aria-label="Mark"></div><video title="May" poster="${image}"></video><button>Print</button><script>const c = document.getElementById('c').getContext('2d'); c.fillStyle = '${paint}'; c.fillRect(0, 0, 300, 200); c.fillText('DOE JANE', 10, 10)</script>`,
    shows: 'button "Print"',
  },
  {
    title: 'shadow roots, open and closed',
    body: `<div id="open"></div><div id="closed"></div><script>for (const mode of ['open', 'closed']) document.getElementById(mode).attachShadow({ mode }).innerHTML = '<button>Close</button><p>Jane Doe</p><button>Grace</button><b>DOE,  JANE</b><slot></slot>'</script>`,
    shows: 'button "Close"',
  },
  {
    title: 'components that write beside known texts',
    body: `${['open', 'closed'].map((mode) => `<div>Client: <x-name-${mode}></x-name-${mode}></div><table><tr><td>Status <x-name-${mode}></x-name-${mode}></td></tr></table><p><x-slot-${mode}>Save</x-slot-${mode}></p><p><x-slot-${mode}>Grace</x-slot-${mode}></p><label>Start Date <x-name-${mode}></x-name-${mode}></label><button>Export <x-name-${mode}></x-name-${mode}></button><x-inner-${mode}></x-inner-${mode}>`).join('')}
      <style>x-part-open::part(name) { color: red } #client::after, #lone::before { content: 'Jane Doe' } #quoted::before { content: attr(title) }</style>
      <p>Client: <x-part-open></x-part-open></p><p id="client">Client</p><p>Client <b id="lone"></b></p><p id="quoted" title="Grace">Search</p>
      <template><p>Jane Doe</p></template>
      <div>Client: <template shadowrootmode="open">Mark</template></div>
      <details><summary>Search</summary>Jane Doe</details><details open><summary>Client</summary><span>Grace</span></details>
      <label>Client <select><option>Jane Doe</option></select></label><label>Client <input value="Jane Doe" placeholder="Grace"></label>
      <label>Client <textarea>Grace</textarea></label><label>Client <output>Mark</output></label><button title="Jane Doe">Print</button>
      <svg width="90" height="30"><text y="20">Client <tspan>DOE JANE</tspan></text><foreignObject width="90" height="20"><p>Client: <x-name-open></x-name-open></p></foreignObject></svg>
      <p>Client: <canvas id="c">Jane Doe</canvas></p><p>Client: <object>Grace</object></p><p>Client: <ruby>x<rt>Grace</rt></ruby></p><fieldset><legend>Client</legend>Grace</fieldset>
      <script>for (const mode of ['open', 'closed']) for (const [kind, html] of [['name', 'Jane Doe'], ['slot', 'Grace <slot></slot>'], ['part', '<span part="name">Grace</span>'], ['inner', 'Client: <x-name-' + mode + '></x-name-' + mode + '>']])
        customElements.define('x-' + kind + '-' + mode, class extends HTMLElement { constructor() { super(); this.attachShadow({ mode }).innerHTML = html } });
      const c = document.getElementById('c').getContext('2d'); c.fillStyle = '${paint}'; c.fillRect(0, 0, 300, 200); c.fillText('DOE JANE', 10, 10)</script>`,
    shows: 'button "Print"',
  },
  {
    title: 'titles, placeholders, labels and values',
    body: `<label>Start Date <input value="08/01/2026"></label>${everyName((name) => `<input placeholder="${name}" value="${name}" title="${name}"><input placeholder="${name}"><button title="${name}" aria-label="${name}">x</button><textarea>${name}</textarea><p aria-description="${name}" title="${name}">${name}</p><label>${name} <input></label><input type="submit" value="${name}">`)}`,
    shows: 'textbox "Start Date": 99/99/9999',
  },
  {
    title: 'choices and lists',
    body: `<label>Report <select>${everyName((name) => `<option>${name}</option>`)}<option>Utilization</option></select></label><ul>${everyName((name) => `<li>${name}</li>`)}</ul><select size="4"><optgroup label="Grace">${everyName((name) => `<option>${name}</option>`)}</optgroup></select><div role="listbox">${everyName((name) => `<div role="option">${name}</div>`)}</div>`,
    shows: 'option "Utilization"',
  },
  {
    title: 'frames within frames',
    body: `<iframe name="Mark" srcdoc="<h1>Jane Doe</h1><button>Next</button><iframe name='Grace' srcdoc='&lt;b&gt;DOE, JANE&lt;/b&gt;&lt;button&gt;May&lt;/button&gt;'></iframe>"></iframe>`,
    shows: 'button "Next"',
  },
  {
    title: 'dialogs and what scripts say',
    body: `<dialog open aria-label="Jane Doe"><p>Delete Grace?</p><button>Cancel</button></dialog><script>setTimeout(() => { alert('DOE, JANE'); confirm('Mark'); prompt('Grace', 'May') })</script>`,
    shows: 'button "Cancel"',
  },
  {
    title: 'names cut into pieces and written by styles',
    body: `<style>#a::before { content: 'Jane Doe' } #b::after { content: 'Grace' }</style><p id="a"> x </p><p id="b">Search <b>Mark</b></p><p><span>DOE</span>, <span>JANE</span></p><div>G<i>r</i>ace</div><div style="writing-mode:vertical-rl">Grace</div><p role="Jane">May</p><button>Save</button><details open><summary>Grace</summary>Mark</details><div contenteditable>Jane Doe</div>`,
    shows: 'button "Save"',
  },
];

const recipe = pageRecipe({ report: '- { name: run, click: { button: Run Report } }' })
  .replace('stepSeconds: 4', 'stepSeconds: 1')
  .replace('login:', `login:\n  - { name: first, goto: "\${portal.url}/start" }`)
  .replace('- { name: run', `- { name: look, wait: { appears: { css: html } } }\n  - { name: run`);

/** The portal's start page leads on by itself, so that no address of the recipe holds a name. */
function pagesOf({ path = '/chart', body }: Failure): Record<string, PortalPage> {
  const encoded = encodeURI(path);
  return {
    '/start': 'start',
    '/': `<script>location.href = ${JSON.stringify(`${encoded}?name=Jane%20Doe&Grace=1#/Mark`)}</script>`,
    [encoded]: page(body),
    '/inner/DOE/JANE': '<p>Jane Doe</p>',
  };
}

const folder = process.env['EVIDENCE_PICTURES'];

async function keep(name: string, png: Buffer): Promise<void> {
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name.replaceAll(/\W+/g, '-')}.png`), png);
}

let live: LiveBrowser;
beforeAll(async () => {
  live = await launchBrowser(testBrowser());
});
afterAll(() => closeBrowser(live));

/** How many pixels of a PNG have a colour, as a browser reads it. */
async function pixelsOf(browser: Browser, png: Buffer, colour: string): Promise<number> {
  const reader = await browser.newPage();
  try {
    return await reader.evaluate<number>(`(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${png.toString('base64')}';
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
      canvas.drawImage(image, 0, 0);
      const { data } = canvas.getImageData(0, 0, image.width, image.height);
      const [red, green, blue] = '${colour}'.match(/\\d+/g).map(Number);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count += 1;
      return count;
    })()`);
  } finally {
    await reader.close();
  }
}

function maskingOf(showPatientData = false): Masking {
  const read = parseRecipe(recipe, 'test.yaml');
  const values = { portalUrl: 'http://127.0.0.1' };
  return newMasking({
    secrets: [demoCredentials.user, demoCredentials.password, '482913'],
    known: knownTexts(read, values),
    knownInAddresses: knownInAddresses(read, values),
    showPatientData,
  });
}

function textsOf(files: Record<string, Buffer>): string {
  return Object.entries(files)
    .filter(([name]) => !name.endsWith('.png'))
    .map(([name, content]) => `${name}\n${content.toString('utf8')}`)
    .join('\n');
}

async function settled(shown: Page, check: string): Promise<void> {
  await shown.waitForFunction(check, undefined, { timeout: 30_000 });
}

describe.each(failures)('a failure among $title', (failure) => {
  test('leaves no name in a file or a message, and no pixel of the page', async () => {
    await using portal = await startPagePortal(pagesOf(failure));
    await using at = await startSession(portal.url, recipe);
    const failed = await failureOf(at.session.exportReport(at.request()));
    expect(failed.type).toBe('PortalLayoutChanged');
    const name = String(failed.details['evidence']);
    const files = await at.evidence(name);
    expect(Object.keys(files).toSorted()).toEqual([
      'console.log',
      'outline.txt',
      'screenshot.png',
      'step.json',
    ]);
    const texts = textsOf(files);
    const told = JSON.stringify([
      failed.message,
      failed.hint,
      failed.details,
      String(failed.cause),
      name,
      at.steps,
    ]);
    expect(texts).not.toMatch(anyName);
    expect(told).not.toMatch(anyName);
    expect(texts).toContain(failure.shows);
    expect(files['console.log']!.toString()).toMatch(/^(\[\w+\] the page:\d+:\d+\n)+$/);
    const png = files['screenshot.png']!;
    await keep(failure.title, png);
    expect(await pixelsOf(live.browser, png, paint)).toBe(0);
    // Told apart from a picture of nothing.
    expect(await pixelsOf(live.browser, png, 'rgb(85, 119, 204)')).toBeGreaterThan(50);
  });

  test('is drawn in words that are all known or masked', async () => {
    await using portal = await startPagePortal(pagesOf(failure));
    const shown = await live.context.newPage();
    try {
      shown.on('dialog', (dialog) => void dialog.dismiss());
      await shown.goto(`${portal.url}${encodeURI(failure.path ?? '/chart')}`);
      const seen = await seePage(shown);
      const { texts } = await drawPage(live.browser, seen, maskingOf());
      expect(texts.join('\n')).not.toMatch(anyName);
      const [role, name] = failure.shows.split(' "');
      expect(texts.some((text) => text.startsWith(`${role!} "${name!.split('"')[0]!}"`))).toBe(
        !failure.shows.startsWith('option'),
      );
      expect(outlineOf(seen, maskingOf()).lines.join('\n')).not.toMatch(anyName);
    } finally {
      await shown.close();
    }
  });
});

describe('with patient data', () => {
  const { user, password } = demoCredentials;
  const hidden = /reports.{0,3}bot|passw0rd|482.?913|cmVwb3J0cy5ib3/i;
  const body = `<h1>Chart of Jane Doe</h1><p>Signed in as REPORTS.BOT (${Buffer.from(user).toString('base64')})</p>
    <p>reports<b>.b</b>ot</p><input value="${user}"><input type="password" value="${password}"><input placeholder="${user}">
    <p>${encodeURIComponent(password)} ${password.replace('!', '&amp;#33;')}</p>
    ${'482913'
      .split('')
      .map((digit) => `<input maxlength="1" size="1" value="${digit}">`)
      .join('')}
    <p>482-913</p><img src="/avatar?u=reports.bot" alt="${user}"><div id="s"></div><canvas id="c"></canvas>
    <style>#p::before { content: 'reports.bot' }</style><p id="p">here</p>
    <iframe srcdoc="<p>reports.bot</p>"></iframe>
    <script>document.getElementById('s').attachShadow({ mode: 'open' }).innerHTML = '<p>reports.bot</p>';
    const c = document.getElementById('c').getContext('2d'); c.fillStyle = '${paint}'; c.fillRect(0, 0, 300, 200)</script>`;

  test('the page itself is shown, and no user, password or code in any form', async () => {
    await using portal = await startPagePortal({ '/start': 'start', '/': `<!doctype html>${body}` });
    await using at = await startSession(portal.url, recipe, { showPatientData: true });
    const failed = await failureOf(at.session.exportReport(at.request()));
    const files = await at.evidence(String(failed.details['evidence']));
    const texts = textsOf(files);
    expect(texts).toContain('Chart of Jane Doe');
    // The session of this test was never asked for a code, so it knows none.
    expect(texts).not.toMatch(/reports.{0,3}bot|passw0rd|cmVwb3J0cy5ib3/i);
    const png = files['screenshot.png']!;
    await keep('with patient data', png);
    expect(await pixelsOf(live.browser, png, paint)).toBe(0);
  });

  test('everything that holds a secret is rewritten before the picture is taken', async () => {
    await using portal = await startPagePortal({ '/': `<!doctype html>${body}` });
    const shown = await live.context.newPage();
    try {
      await shown.goto(portal.url);
      expect(await realScreenshot(shown, maskingOf(true))).toBeInstanceOf(Buffer);
      const painted = await Promise.all(
        shown.frames().map((frame) => frame.evaluate<string>('document.body.innerText')),
      );
      expect(painted.join('\n')).not.toMatch(hidden);
      expect(painted.join('\n')).toContain('Chart of Jane Doe');
      const covered = await shown.evaluate<string[]>(
        `Array.from(document.querySelectorAll('input'), (field) => field.value === '' || getComputedStyle(field).webkitTextFillColor === 'rgba(0, 0, 0, 0)' ? 'covered' : field.value)`,
      );
      expect(new Set(covered)).toEqual(new Set(['covered']));
      expect(await shown.evaluate('document.querySelector("input[placeholder]").placeholder')).toBe(
        '[secret]',
      );
    } finally {
      await shown.close();
    }
  });

  test.each([
    {
      title: 'that a page writes again at once',
      body: `<p id="p">reports.bot</p><script>new MutationObserver(() => { if (p.textContent !== 'reports.bot') p.textContent = 'reports.bot' }).observe(p, { childList: true, characterData: true, subtree: true })</script>`,
    },
    {
      title: 'in a closed shadow root',
      body: `<div id="s"></div><script>document.getElementById('s').attachShadow({ mode: 'closed' }).innerHTML = '<p>reports.bot</p>'</script>`,
    },
  ])('no picture is taken of a secret $title', async ({ body: html }) => {
    const shown = await live.context.newPage();
    try {
      await shown.setContent(html);
      expect(await realScreenshot(shown, maskingOf(true))).toBeUndefined();
    } finally {
      await shown.close();
    }
  });
});

describe('a page that is hard to look at', () => {
  test('and hangs leaves the rest of the evidence, soon', async () => {
    await using portal = await startPagePortal({
      '/start': 'start',
      '/': '<button onclick="for (;;) {}">Run Report</button>',
    });
    await using at = await startSession(portal.url, recipe);
    const failed = await failureOf(at.session.exportReport(at.request()));
    const files = await at.evidence(String(failed.details['evidence']));
    const step = JSON.parse(files['step.json']!.toString('utf8')) as { missing: string[]; step: string };
    expect(step).toMatchObject({ step: 'run', missing: ['outline.txt', 'screenshot.png'] });
  });

  test('and is huge is drawn as far as its first lines', async () => {
    const shown = await live.context.newPage();
    try {
      await shown.setContent('<main></main>');
      await shown.evaluate(
        `document.querySelector('main').innerHTML = '<div><button>Grace</button>Jane Doe</div>'.repeat(20000)`,
      );
      await settled(shown, 'document.querySelectorAll("button").length === 20000');
      const seen = await seePage(shown);
      const { texts, png } = await drawPage(live.browser, seen, maskingOf());
      expect(texts.length).toBeLessThan(13_000);
      expect(texts.join('\n')).not.toMatch(anyName);
      expect(png.length).toBeGreaterThan(1000);
    } finally {
      await shown.close();
    }
  });
});
