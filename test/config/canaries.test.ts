import { describe, expect, test } from 'vitest';
import { databaseSettings } from '../../src/config.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import {
  parseBackfillInput,
  parseDailyRunInput,
  parseDecisionInput,
  parseRunReportInput,
} from '../../src/domain/inputs.ts';
import { parseRecipe } from '../../src/portal/parseRecipe.ts';
import { pipelineWith, plainPipeline, problemsOf } from './pipelineFile.ts';

/** What somebody has put into the wrong place: a password, a name, a line of a terminal. */
const canaries = [
  'Tr0ub4dor&3-horse',
  'DOE, JANE',
  'hunter2!',
  '7391826455',
  'a\u{1b}[2Jb\u{7}c',
  'x'.repeat(5000),
];
/** Parts of them that must not be told either. */
const anyCanary = /Tr0ub4|DOE|JANE|hunter2|73918|\[2J|x{100}/;
const quoted = (canary: string) => JSON.stringify(canary);

/** Where in a pipeline.yaml a text can stand that does not belong there. */
const places: { title: string; text: (canary: string) => string }[] = [
  {
    title: 'the value of an unknown key',
    text: (c) => pipelineWith({ 'portal:\n': `portal:\n  password: ${quoted(c)}\n` }),
  },
  { title: 'an unknown key', text: (c) => pipelineWith({ 'portal:\n': `portal:\n  ${quoted(c)}: 1\n` }) },
  { title: 'an unknown key at the top', text: (c) => `${plainPipeline}${quoted(c)}: 1\n` },
  { title: 'a list under an unknown key', text: (c) => `${plainPipeline}logins: [${quoted(c)}]\n` },
  { title: 'a number', text: (c) => pipelineWith({ 'runTimeoutHours: 6': `runTimeoutHours: ${quoted(c)}` }) },
  {
    title: 'a number as it stands',
    text: () => pipelineWith({ 'runTimeoutHours: 6': 'runTimeoutHours: 7391826455' }),
  },
  {
    title: 'a yes or no',
    text: (c) => pipelineWith({ 'showPatientData: false': `showPatientData: ${quoted(c)}` }),
  },
  { title: 'one of several words', text: (c) => pipelineWith({ 'webhook: none': `webhook: ${quoted(c)}` }) },
  { title: 'an address of mail', text: (c) => pipelineWith({ 'to: []': `to: [${quoted(c)}]` }) },
  { title: 'a path', text: (c) => pipelineWith({ 'recipe: portals/demo.yaml': `recipe: ${quoted(c)}` }) },
  { title: 'a time', text: (c) => pipelineWith({ 'at: 03:30': `at: ${quoted(c)}` }) },
  { title: 'a zone', text: (c) => pipelineWith({ 'timeZone: America/New_York': `timeZone: ${quoted(c)}` }) },
  { title: 'a group', text: (c) => pipelineWith({ '  3:': `  ${quoted(c)}:` }) },
  { title: 'a section', text: (c) => pipelineWith({ '[CLS, CN]': quoted(c) }) },
  {
    title: 'a code with its date, twice',
    text: (c) => pipelineWith({ '[CLS, CN]': `[${quoted(c)}, ${quoted(c)}]`, '[DS]': `[${quoted(c)}]` }),
  },
  { title: 'a key twice', text: (c) => `${plainPipeline}${quoted(c)}: 1\n${quoted(c)}: 2\n` },
  { title: 'a quote that is not closed', text: (c) => `${plainPipeline}zzz: ${quoted(c).slice(0, -1)}\n` },
  { title: 'a bracket that is not closed', text: (c) => `${plainPipeline}zzz: [${quoted(c)}\n` },
  { title: 'an anchor', text: () => `${plainPipeline}zzz: &Tr0ub4dor3-horse 1\n` },
  { title: 'an alias', text: () => `${plainPipeline}zzz: *Tr0ub4dor3-horse\n` },
  { title: 'a tag', text: () => `${plainPipeline}zzz: !Tr0ub4dor3-horse 1\n` },
  { title: 'a directive', text: () => `%Tr0ub4dor3-horse DOE\n---\n${plainPipeline}` },
  { title: 'an escape', text: () => `${plainPipeline}zzz: "hunter2\\q"\n` },
  { title: 'the head of a block', text: () => `${plainPipeline}zzz: |hunter2\n  x\n` },
  { title: 'a text that begins with @', text: () => `${plainPipeline}zzz: @hunter2\n` },
  { title: 'a text behind a value', text: () => `${plainPipeline}zzz: "a" hunter2\n` },
  { title: 'a line by itself', text: (c) => `${plainPipeline}${c}\n` },
  { title: 'a second document', text: (c) => `${plainPipeline}---\n${quoted(c)}\n` },
  { title: 'all of the file', text: (c) => quoted(c) },
];

test.each(places)('no message about pipeline.yaml repeats the text that stands for $title', ({ text }) => {
  for (const canary of canaries) {
    const problems = problemsOf(text(canary));
    expect(problems.join('\n')).not.toMatch(anyCanary);
    expect(problems.join('\n')).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(problems.join('\n').length).toBeLessThan(4000);
    expect(problems.every((problem) => /^pipeline\.yaml:\d+: /.test(problem))).toBe(true);
  }
});

test('most of these places are mistakes at all', () => {
  expect(places.filter(({ text }) => problemsOf(text(canaries[0]!)).length > 0)).toHaveLength(places.length);
});

const recipe = (change: (text: string) => string) =>
  change(`portal: small
reports:
  utilization: { title: Use }
  notes: { title: Notes }
signedIn: { link: Log out }
login:
  - { name: open, goto: "\${portal.url}/login" }
report:
  - { name: pick, click: { button: Go } }
download:
  name: export
  click: { button: Export }
`);

const recipePlaces: { title: string; text: (canary: string) => string }[] = [
  { title: 'the value of an unknown key', text: (c) => recipe((text) => `${text}password: ${quoted(c)}\n`) },
  { title: 'an unknown key', text: (c) => recipe((text) => `${text}${quoted(c)}: 1\n`) },
  {
    title: 'an unknown key of a step',
    text: (c) => recipe((text) => text.replace('name: pick,', `name: pick, ${quoted(c)}: 1,`)),
  },
  {
    title: 'the only key of a step',
    text: (c) => recipe((text) => text.replace('click: { button: Go }', `${quoted(c)}: 1`)),
  },
  {
    title: 'a way to find a thing',
    text: (c) => recipe((text) => text.replace('{ button: Go }', `{ ${quoted(c)}: 1 }`)),
  },
  { title: 'a thing itself', text: (c) => recipe((text) => text.replace('{ button: Go }', quoted(c))) },
  {
    title: 'a role',
    text: (c) => recipe((text) => text.replace('{ button: Go }', `{ role: ${quoted(c)} }`)),
  },
  { title: 'a report', text: (c) => recipe((text) => text.replace('  notes: {', `  ${quoted(c)}: {`)) },
  { title: 'a report’s values', text: (c) => recipe((text) => text.replace('{ title: Notes }', quoted(c))) },
  { title: 'a patience', text: (c) => recipe((text) => `${text}patience: { stepSeconds: ${quoted(c)} }\n`) },
  {
    title: 'a placeholder',
    text: (c) => recipe((text) => text.replace('{ button: Go }', `{ button: ${quoted(`\${secret ${c}}`)} }`)),
  },
  {
    title: 'a pattern',
    text: (c) => recipe((text) => text.replace('{ button: Go }', `{ button: ${quoted(`/(${c}/`)} }`)),
  },
  {
    title: 'a type of failure',
    text: (c) => recipe((text) => `${text}failures: [{ when: { text: a }, type: ${quoted(c)} }]\n`),
  },
  { title: 'a key twice', text: (c) => recipe((text) => `${text}${quoted(c)}: 1\n${quoted(c)}: 2\n`) },
  {
    title: 'a quote that is not closed',
    text: (c) => recipe((text) => `${text}zzz: ${quoted(c).slice(0, -1)}\n`),
  },
  { title: 'an alias', text: () => recipe((text) => `${text}zzz: *Tr0ub4dor3\n`) },
  { title: 'a line by itself', text: (c) => recipe((text) => `${text}${c}\n`) },
  { title: 'all of the file', text: (c) => quoted(c) },
];

test.each(recipePlaces)('no message about a recipe repeats the text that stands for $title', ({ text }) => {
  for (const canary of canaries) {
    const told = refusalOf(() => parseRecipe(text(canary), 'portal.yaml'));
    expect(told).toContain('portal.yaml:');
    expect(told).not.toMatch(anyCanary);
    expect(told).not.toMatch(/(?!\n)\p{Cc}/u);
  }
});

/** All that a refusal says. */
function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof PipelineError)
      return JSON.stringify([error.message, error.hint, error.details]).replaceAll(String.raw`\n`, '\n');
    throw error;
  }
  throw new Error('It was not refused.');
}

const wholePeriod = { report: 'notes', from: '2026-10-01', to: '2026-10-15' };

describe('the input of a workflow', () => {
  test.each([
    {
      title: 'runReport',
      refuse: (key: string, value: unknown) => parseRunReportInput({ ...wholePeriod, [key]: value }),
    },
    {
      title: 'backfill',
      refuse: (key: string, value: unknown) => parseBackfillInput({ ...wholePeriod, [key]: value }),
    },
    { title: 'dailyRun', refuse: (key: string, value: unknown) => parseDailyRunInput({ [key]: value }) },
    { title: 'publishHeld', refuse: (key: string, value: unknown) => parseDecisionInput({ [key]: value }) },
  ])('about $title names no unknown key that is not plain, and no value', ({ refuse }) => {
    for (const canary of canaries.filter((each) => each !== '7391826455')) {
      expect(refusalOf(() => refuse(canary, 1))).not.toMatch(anyCanary);
      expect(refusalOf(() => refuse(canary, 1))).toMatch(/\(a key of \d+ characters\): no such field/);
      expect(refusalOf(() => refuse('day', canary))).not.toMatch(anyCanary);
      expect(refusalOf(() => refuse('report', canary))).not.toMatch(anyCanary);
    }
    expect(refusalOf(() => refuse('concurency', 2))).toContain('concurency: no such field');
  });

  test('names the first of many unknown keys', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${String(index)}`, 1]));
    expect(refusalOf(() => parseDailyRunInput(many))).toContain(
      'key0, key1, key2, key3, key4 and 995 more: no such field',
    );
  });
});

test('a password in place of the file that holds it is not reported', () => {
  expect(() => databaseSettings({ DATABASE_URL_FILE: 'Tr0ub4dor&3-horse' })).toThrow(
    /^DATABASE_URL_FILE: cannot read the file that it names \(ENOENT\)/,
  );
});
