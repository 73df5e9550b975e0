import { describe, expect, test } from 'vitest';
import { parseIsoDate } from '../../src/domain/dates.ts';
import { periodContaining } from '../../src/domain/periods.ts';
import { drawingOf } from '../../src/portal/drawnPage.ts';
import { knownInAddresses, knownTexts } from '../../src/portal/knownTexts.ts';
import { scriptName } from '../../src/portal/maskAddress.ts';
import { maskText, maskTexts, maskUrl, newMasking } from '../../src/portal/maskText.ts';
import { outlineOf } from '../../src/portal/outline.ts';
import { readRecipe } from '../../src/portal/parseRecipe.ts';
import { secretHider } from '../../src/portal/secretForms.ts';
import { shippedReports } from '../shippedReports.ts';
import type { SeenPage } from '../../src/portal/seenPage.ts';

const { recipe } = readRecipe(
  `portal: pages
reports:
  utilization: { title: Variance by Month }
  notes: { title: Signature Check }
signedIn: { link: My Desk }
failures:
  - { when: { text: '/welcome .*/i' }, type: PortalUnavailable, hint: Ask Grace. }
login:
  - { name: Mark, goto: "\${portal.url}/door/login?tab=forms" }
  - { name: enter, fill: "\${secret.user}", into: { label: Badge } }
report:
  - { name: May, click: { role: tab, name: Paper Work } }
  - { name: part, wait: { appears: { text: mailed to } } }
  - { name: date, type: "\${period.start|MMDDYYYY}", into: { label: Since, within: { section: Look Back } }, expect: "\${period.start|MM/DD/YYYY}" }
  - { name: range, wait: { appears: { text: "\${report.title}, \${period.start|MM/DD/YYYY}" } } }
download:
  name: Joy
  click: { button: Hand Over }
`,
  'test.yaml',
  undefined,
  shippedReports,
);
const values = {
  portalUrl: 'https://ehr.example/agency',
  report: {
    period: periodContaining('notes', parseIsoDate('2026-10-01')!),
    values: recipe.reports.notes ?? {},
  },
};

function masking(showPatientData = false) {
  return newMasking({
    secrets: ['reports.bot', 'demo-Passw0rd!', '482913'],
    known: knownTexts(recipe, values),
    knownInAddresses: knownInAddresses(recipe, values),
    showPatientData,
  });
}

describe('a text can be read', () => {
  test.each([
    { title: 'a label of the recipe', text: 'Badge' },
    {
      title: 'in other case and spacing, with what forms add',
      text: '  paper   WORK: *',
      shown: 'paper WORK: *',
    },
    { title: 'a tab’s name', text: 'Paper Work' },
    { title: 'a section', text: 'Look Back' },
    { title: 'the title of the other report', text: 'Variance by Month' },
    { title: 'a date that the recipe enters', text: '10/01/2026' },
    { title: 'a text with its values in place', text: 'Signature Check, 10/01/2026' },
    { title: 'an interface text', text: 'Sign In' },
    { title: 'one that goes on', text: 'Loading…' },
    { title: 'a message of portals', text: 'Invalid user name or password' },
    { title: 'a column of an export', text: 'Staff Sign Date' },
    { title: 'with a space that does not break', text: 'Run\u{a0}report', shown: 'Run report' },
  ])('$title', ({ text, shown = text }) => {
    expect(maskText(text, masking())).toBe(shown);
  });
});

describe('only its shape can be seen', () => {
  test.each([
    { title: 'a person', text: 'DOE, JANE', shown: 'XXX, XXXX' },
    { title: 'with two spaces', text: 'DOE,  JANE', shown: 'XXX, XXXX' },
    { title: 'with a space that does not break', text: 'DOE,\u{a0}JANE', shown: 'XXX, XXXX' },
    { title: 'first name first', text: 'Jane Doe', shown: 'Xxxx Xxx' },
    { title: 'a single name that is the name of a step', text: 'May', shown: 'Xxx' },
    { title: 'that is a step’s too', text: 'Mark', shown: 'Xxxx' },
    { title: 'that is the download’s', text: 'Joy', shown: 'Xxx' },
    { title: 'that a hint holds', text: 'Grace', shown: 'Xxxxx' },
    { title: 'known words in another order', text: 'Work Paper', shown: 'Xxxx Xxxxx' },
    { title: 'a known word and a name', text: 'Open Grace', shown: 'Xxxx Xxxxx' },
    { title: 'a text of which the recipe names a part', text: 'mailed to Grace', shown: 'xxxxxx xx Xxxxx' },
    { title: 'what a pattern of the recipe matches', text: 'Welcome Grace', shown: 'Xxxxxxx Xxxxx' },
    { title: 'numbers', text: '12 of ١٢ ½', shown: '99 xx 99 9' },
    { title: 'other scripts and marks', text: 'Núñez, Жанна 李 e\u{301}', shown: 'Xxxxx, Xxxxx x xx' },
    { title: 'signs that could be letters', text: 'Ⓖⓡⓐⓒⓔ 😀 \u{202e}x', shown: '····· · ·x' },
    { title: 'the user', text: 'Signed in as reports.bot', shown: 'Xxxxxx xx xx [secret]' },
    { title: 'a long text', text: 'x'.repeat(500), shown: `${'x'.repeat(200)}…` },
  ])('$title', ({ text, shown }) => {
    expect(maskText(text, masking())).toBe(shown);
  });

  test('of an interface text that is the user', () => {
    const own = newMasking({ ...masking(), secrets: ['Search'] });
    expect(maskText('search', own)).toBe('[secret]');
  });
});

describe('a secret is left out, patient data shown or not', () => {
  const password = `p&s"s<w'örd 9+`;
  test.each([
    { title: 'as it is', text: (secret: string) => secret },
    { title: 'upper case', text: (secret: string) => secret.toUpperCase() },
    { title: 'lower case', text: (secret: string) => secret.toLowerCase() },
    { title: 'for an address', text: (secret: string) => `?q=${encodeURIComponent(secret)}` },
    {
      title: 'for an address, lower case',
      text: (secret: string) => encodeURIComponent(secret).toLowerCase(),
    },
    {
      title: 'for an address, twice',
      text: (secret: string) => encodeURIComponent(encodeURIComponent(secret)),
    },
    { title: 'as a form sends it', text: (secret: string) => new URLSearchParams({ a: secret }).toString() },
    {
      title: 'for HTML',
      text: (secret: string) =>
        secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
    },
    {
      title: 'for HTML in numbers',
      text: (secret: string) => Array.from(secret, (each) => `&#${each.codePointAt(0)!};`).join(''),
    },
    { title: 'for JSON', text: (secret: string) => JSON.stringify({ secret }) },
    { title: 'in base 64', text: (secret: string) => Buffer.from(secret).toString('base64') },
    {
      title: 'in base 64 behind one byte',
      text: (secret: string) => Buffer.from(`u${secret}!`).toString('base64'),
    },
    {
      title: 'in base 64 behind a user',
      text: (secret: string) => Buffer.from(`ab:${secret}xyz`).toString('base64url'),
    },
    {
      title: 'in base 64, upper case before',
      text: (secret: string) => Buffer.from(secret.toUpperCase()).toString('base64'),
    },
    { title: 'as hexadecimal digits', text: (secret: string) => Buffer.from(secret).toString('hex') },
    { title: 'spread', text: (secret: string) => secret.split('').join(' - ') },
    { title: 'with unseen signs between', text: (secret: string) => secret.split('').join('\u{200b}') },
  ])('$title', ({ text }) => {
    for (const secret of [password, 'reports.bot', '482913']) {
      const [safe = ''] = secretHider([secret])([`before ${text(secret)} after`]);
      expect(safe).toMatch(/\[secret\]/);
      expect(safe).toMatch(/^before /);
      expect(safe).toMatch(/ after$/);
      expect(safe.replaceAll(/[^\p{L}\p{N}]/gu, '').length).toBeLessThan(40);
      expect(safe).not.toContain(text(secret));
    }
  });

  test('from one element to the next', () => {
    const hide = secretHider(['482913', 'reports.bot']);
    expect(hide(['code', '4', '8', '2', '9', '1', '3', 'as re', 'ports', '.bot now'])).toEqual([
      'code',
      ...Array.from({ length: 6 }, () => '[secret]'),
      'as [secret]',
      '[secret]',
      '.[secret] now',
    ]);
  });

  test('and the rest of the texts stays', () => {
    expect(maskTexts(['Jane Doe, reports.bot', 'Units 12'], masking(true))).toEqual([
      'Jane Doe, [secret]',
      'Units 12',
    ]);
  });

  test('costs time in step with the text, whatever it contains', () => {
    const hide = secretHider(['aaaaaaaaab', 'reports.bot', '- - - -']);
    const seconds = (text: string) => {
      const begun = performance.now();
      hide([text]);
      return (performance.now() - begun) / 1000;
    };
    for (const unit of ['a', '-', ' ', 'reports.bo', '&#97;']) {
      // Far from both what it takes and what a quadratic search would.
      expect(seconds(unit.repeat(1_000_000 / unit.length))).toBeLessThan(60);
    }
  });
});

describe('an address', () => {
  test.each([
    {
      title: 'keeps what the recipe and the portal’s own address name',
      url: 'https://ehr.example/agency/door/login?tab=forms',
      shown: 'https://ehr.example/agency/door/login?tab=forms',
    },
    {
      title: 'loses other segments, keys, values and fragments',
      url: 'https://ehr.example/agency/clients/Grace/DOE-JANE.html?tab=May&name=DOE%2C+JANE#/mark/12',
      shown: 'https://ehr.example/agency/xxxxxxx/Xxxxx/XXX-XXXX.xxxx?tab=Xxx&xxxx=XXX%9X+XXXX#/xxxx/99',
    },
    { title: 'loses another host', url: 'https://grace.example/', shown: 'https://xxxxx.xxxxxxx/' },
    { title: 'keeps no document', url: 'data:text/html,Grace', shown: 'data:' },
    { title: 'may be blank', url: 'about:blank', shown: 'about:blank' },
    {
      title: 'loses the user',
      url: 'https://ehr.example/reports.bot',
      shown: 'https://ehr.example/[secret]',
    },
  ])('$title', ({ url, shown }) => {
    expect(maskUrl(url, masking())).toBe(shown);
  });

  test('with patient data still loses the user', () => {
    expect(maskUrl('https://ehr.example/Grace?u=reports%2Ebot', masking(true))).toBe(
      'https://ehr.example/Grace?u=[secret]',
    );
  });

  test.each([
    { address: 'https://ehr.example/js/main.0a1b2c3d.js', name: 'main.0a1b2c3d.js' },
    { address: 'https://ehr.example/js/DOE-JANE.js', name: 'XXX-XXXX.xx' },
    { address: 'https://ehr.example/js/grace.js', name: 'xxxxx.xx' },
    { address: 'https://ehr.example/', name: 'the page' },
    { address: '', name: 'the page' },
  ])('of a script gives $name', ({ address, name }) => {
    expect(scriptName(address)).toBe(name);
  });
});

describe('a page', () => {
  const box = { x: 10, y: 20, width: 100, height: 30 };
  const page: SeenPage = {
    width: 400,
    height: 300,
    frames: [
      {
        nodes: [
          { role: 'button', name: 'Hand Over', box, children: [] },
          { role: 'textbox', name: 'Badge', text: 'Grace', box, children: [] },
          { role: 'textbox', name: 'Password', text: 'half-a-pass', box, children: [] },
          { role: 'row', name: 'Doe 1', box, children: [{ role: 'cell', name: 'Doe', box, children: [] }] },
        ],
        texts: [
          { text: 'Hand', whole: 'Hand Over', box },
          { text: 'Search', whole: 'Search Grace', box },
          { text: '<b>Doe</b>', whole: '<b>Doe</b>', box },
          { text: 'Grace', whole: 'Hand Over', box },
        ],
        pictures: [box],
        passwords: ['half-a-pass'],
      },
    ],
  };

  test('is named by role and name', () => {
    expect(outlineOf(page, masking())).toEqual({
      lines: [
        '- button "Hand Over"',
        '- textbox "Badge": Xxxxx',
        '- textbox "Password": [secret]',
        '- row',
        '  - cell "Xxx"',
      ],
      offered: { button: 1, textbox: 2 },
    });
  });

  test('counts grid cells and tree entries, and says where inner frames are', () => {
    const grid = { role: 'gridcell', name: 'Doe', children: [] };
    const tree = { role: 'treeitem', name: 'Reports', children: [] };
    const empty = { texts: [], pictures: [], passwords: [] };
    const frames = [
      { ...empty, nodes: [grid, grid] },
      { ...empty, nodes: [tree], title: 'Hand over', parent: 0 },
      { ...empty, nodes: [grid], title: 'Grace', parent: 1 },
    ];
    expect(outlineOf({ ...page, frames }, masking())).toEqual({
      lines: [
        '- gridcell "Xxx"',
        '- gridcell "Xxx"',
        'frame 1 "Hand over"',
        '  - treeitem "Reports"',
        'frame 2 in frame 1 "Xxxxx"',
        '  - gridcell "Xxx"',
      ],
      offered: { gridcell: 3, treeitem: 1 },
    });
  });

  test('is drawn with the same words', () => {
    const { html, texts } = drawingOf(page, masking());
    expect(texts.slice(2)).toEqual([
      'button "Hand Over"',
      'Xxxxx',
      'textbox "Badge"',
      '[secret]',
      'textbox "Password"',
      // A run of a known text can be read, a known word of an unknown text cannot.
      'Hand',
      'Xxxxxx',
      '<x>Xxx</x>',
      // Nor can one that the known text does not hold.
      'Xxxxx',
    ]);
    expect(html).not.toMatch(/Grace|Doe|half|<x>/);
  });
});
