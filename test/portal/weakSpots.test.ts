import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generatedIdIn } from '../../src/portal/generatedIds.ts';
import { readRecipe } from '../../src/portal/parseRecipe.ts';
import { shippedReports } from '../shippedReports.ts';
import { weakSpots } from '../../src/portal/weakSpots.ts';

const project = new URL('../../', import.meta.url);
const demo = readFileSync(new URL('config/portals/demo.yaml', project), 'utf8');
const explained = /```yaml\n(portal: acme[\s\S]*?)```/.exec(
  readFileSync(new URL('docs/recipes.md', project), 'utf8'),
)![1]!;

/** Line, place and weakness, as `client recipe check` prints them. */
function weaknesses(text: string): string[] {
  const { recipe, lineOf, placeOf } = readRecipe(text, 'acme.yaml', undefined, shippedReports);
  return weakSpots(recipe).map(({ path, what }) => `${String(lineOf(path))}: ${placeOf(path)}: ${what}`);
}

test.each([
  { title: 'the recipe of the stand-in portal', text: demo },
  { title: 'the recipe that docs/recipes.md explains', text: explained },
])('$title has none', ({ text }) => {
  expect(weaknesses(text)).toEqual([]);
});

/** The recipe of the documentation with one change. */
const changes: {
  title: string;
  change: [from: string | RegExp, to: string];
  says: RegExp;
  count?: number;
}[] = [
  {
    title: 'no wait between the run and the next step',
    change: [/ {2}- name: wait for the result\n(?: {4}.*\n){2} {2}- name: see that[^\n]*\n(?: {4}.*\n)/, ''],
    says: /report step 6 "run it": no wait after the click: "ask for the export" follows at once$|nothing checks that the result/,
    count: 2,
  },
  {
    title: 'a click, and then a field that was there before',
    change: [
      '  - { name: run it, ',
      '  - { name: clear, click: { button: Clear } }\n  - { name: once more, fill: x, into: { label: To, within: { section: Report period } } }\n  - { name: run it, ',
    ],
    says: /report step 6 "clear": no wait after the click: "once more" uses what was there before$/,
  },
  {
    title: 'a page that is left right after a click',
    change: [
      '  - { name: choose the area, ',
      '  - { name: save, click: { button: Save } }\n  - { name: on, goto: /x }\n  - { name: choose the area, ',
    ],
    says: /report step 2 "save": no wait after the click: "on" leaves the page at once$/,
  },
  {
    title: 'no record count',
    change: ['  recordCount: { text: "/([0-9,]+) rows/" }\n', ''],
    says: /^\d+: download: no recordCount/,
  },
  {
    title: 'a generated id',
    change: ['{ label: From, within: { section: Report period } }', '{ css: "#datefield-1865-inputEl" }'],
    says: /^\d+: report step 4 "enter the start date", into.*: the CSS names "datefield-1865-inputEl"/,
  },
  {
    title: 'a generated id around it',
    change: ['within: { section: Report period }', 'within: { css: "[id=ext-gen1034]" }'],
    says: /report step 4 .*the CSS names "ext-gen1034"/,
  },
  {
    title: 'no sign for a rejected password',
    change: ['    type: PortalLoginRejected', '    type: PortalLocked'],
    says: /^\d+: failures: no sign says that the password was rejected$/,
  },
  {
    title: 'no sign for an ended session',
    change: [/sessionLost:[\s\S]*?\n\n/, 'sessionLost: []\n'],
    says: /^\d+: sessionLost: no sign says that the session has ended/,
  },
  {
    title: 'a result that is not checked for its dates',
    change: [
      'wait: { appears: { text: "${report.title}, ${period.start|MM/DD/YYYY} to ${period.end|MM/DD/YYYY}" } }',
      'wait: { appears: { text: "${report.title}" } }',
    ],
    says: /report step 5 "enter the end date": nothing checks that the result is the one of these dates$/,
  },
  {
    title: 'dates that are checked in their own field only',
    change: [
      'wait: { appears: { text: "${report.title}, ${period.start|MM/DD/YYYY} to ${period.end|MM/DD/YYYY}" } }',
      'verify: "${period.end|MM/DD/YYYY}"\n    in: { label: To, within: { section: Report period } }',
    ],
    says: /nothing checks that the result is the one of these dates$/,
  },
  {
    title: 'a report that begins where the last one ended',
    change: [/ {2}- \{ name: open the report centre.*\n/, ''],
    says: /report step 1 "choose the area": the report does not begin with goto/,
  },
  {
    title: 'what the recorder left to decide',
    change: ['title: Unsigned Notes', 'title: "DECIDE: what the portal calls the notes"'],
    says: /^5: reports\.notes\.title: is still to decide$/,
  },
];

describe('a weak step is named with its line', () => {
  test.each(changes)('$title', ({ change: [from, to], says, count = 1 }) => {
    const changed = explained.replace(from, () => to);
    expect(changed).not.toBe(explained);
    const found = weaknesses(changed);
    expect(found.filter((each) => !says.test(each))).toEqual([]);
    expect(found).toHaveLength(count);
  });

  test('a click right before the export', () => {
    const steps = / {2}- name: wait for the result\n[\s\S]*?\n\n(?=download)/;
    expect(weaknesses(demo.replace(steps, '\n'))).toEqual([
      expect.stringMatching(
        /report step 8 "run the report": no wait after the click: the export follows at once/,
      ),
      expect.stringMatching(/report step 6 "enter the end date": nothing checks that the result/),
    ]);
  });

  test('no step says which period is wanted', () => {
    const without = demo.replaceAll(/\$\{period\.(start|end)\|[A-Z/]+\}/g, 'today');
    expect(weaknesses(without)).toEqual([
      expect.stringMatching(/^\d+: report: no step says which period is wanted$/),
    ]);
  });
});

describe('an id that looks generated', () => {
  test.each([
    '#datefield-1865-inputEl',
    '#ext-gen1034',
    'div#ext-comp-12 > input',
    '[id="textfield-9-inputEl"]',
    "[id^='combobox-10']",
    'input#mat-input-3',
    '#cdk-overlay-0',
    '#ember412',
    String.raw`#\:r1f\:`,
    '[id=":r3:"]',
    '[aria-labelledby="radix-:r0:"]',
    '#j_idt47',
    '#select2-report-container-4',
    '#field_3f2a9c1e-77d0-4c1b-9a55-0123456789ab',
    '#react-select-2-input',
    '.css-1q2w3e4 input',
    '.Button_root__x3Yz9',
    '[for=gwt-uid-12]',
  ])('%s', (css) => expect(generatedIdIn(css)).toBeTypeOf('string'));

  test.each([
    'input[name=from]',
    'input[name="startDate"]',
    '#startDate',
    '#ctl00_Content_txtFrom',
    '#report-list .title',
    'table.results td.count',
    '.x-grid-row',
    '.btn-primary',
    'body',
    'iframe[title="Viewer"]',
    '#address2',
    '[data-testid=export]',
    'a[href$=".csv"]',
    'a[href="/reports/2026/notes"]',
    'input[type=date]:not(.hidden)',
  ])('is not %s', (css) => expect(generatedIdIn(css)).toBeUndefined());
});
