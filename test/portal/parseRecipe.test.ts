import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PipelineError } from '../../src/domain/failures.ts';
import { parseRecipe, readRecipe } from '../../src/portal/parseRecipe.ts';
import type { Recipe } from '../../src/portal/recipeSchema.ts';
import { shippedReports } from '../shippedReports.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { editorSchemas } from '../../scripts/editor-schemas.ts';

const demo = readFileSync(new URL('../../config/portals/demo.yaml', import.meta.url), 'utf8');

const small = `portal: small
reports:
  utilization: { title: Use }
  notes: { title: Notes }
signedIn: { link: Log out }
login:
  - name: open
    goto: \${portal.url}/login
  - name: password
    fill: \${secret.password}
    into: { label: Password }
  - name: send
    click: { button: Log in }
    submits: password
report:
  - name: pick
    choose: \${report.title}
    from: { label: Report }
download:
  name: export
  click: { button: Export }
`;

function recipeOf(text: string): Recipe {
  return readRecipe(text, 'portal.yaml', undefined, shippedReports).recipe;
}

function mistakesOf(text: string, required: readonly ReportName[] = shippedReports): string {
  try {
    readRecipe(text, 'portal.yaml', undefined, required);
  } catch (error) {
    if (error instanceof PipelineError && error.type === 'InvalidInput') return error.message;
    throw error;
  }
  return 'no mistake';
}

describe('a recipe that can be used', () => {
  test('the recipe of the stand-in portal is one', () => {
    const recipe = parseRecipe(demo, 'config/portals/demo.yaml');
    expect(recipe.reports.notes).toEqual({ title: 'Service Notes Signature' });
    expect(recipe.report.map(({ kind }) => kind)).toContain('choose');
  });

  test('may have one report only, if that is all that is needed', () => {
    const notesOnly = small
      .replace('  utilization: { title: Use }\n', '')
      .replace('notes: { title: Notes }', 'notes: { tab: Clinical }')
      .replace('${report.title}', '${report.tab}');
    const { recipe } = readRecipe(notesOnly, 'portal.yaml', undefined, ['notes']);
    expect(recipe.reports).toEqual({ notes: { tab: 'Clinical' } });
    expect(mistakesOf(notesOnly)).toContain('portal.yaml:2: reports.utilization: it is missing');
    expect(mistakesOf(small.replace(/reports:\n.*\n.*\n/, 'reports: {}\n'), [])).toContain(
      'portal.yaml:2: reports: at least one report is needed',
    );
  });

  test('leaves out what has a default', () => {
    expect(recipeOf(small).patience).toEqual({
      stepSeconds: 30,
      optionalSeconds: 2,
      downloadSeconds: 900,
      logoutSeconds: 5,
    });
  });

  test('a single way to find a thing and a list of ways come to the same', () => {
    const listed = small.replace('click: { button: Export }', 'click: [{ button: Export }]');
    expect(recipeOf(listed)).toEqual(recipeOf(small));
  });
});

const withReportsOwn = (step: string) =>
  small
    .replace('notes: { title: Notes }', 'notes: { title: Notes, tab: Clinical }\nperiodNames:\n  notes: Now')
    .replace('report:\n', `report:\n  - { name: open, ${step} }\n`);

describe('a step for some reports takes what these have', () => {
  test.each([
    'click: { link: "${report.tab}" }',
    'click: { link: "${period.name}" }',
    'goto: "/${period.name}"',
  ])('%s', (step) => {
    expect(mistakesOf(withReportsOwn(`${step}, reports: [notes]`))).toBe('no mistake');
    expect(mistakesOf(withReportsOwn(step))).toContain('unknown here');
  });
});

describe('a mistake is named with its line', () => {
  test.each([
    {
      title: 'an unknown key at the top',
      change: ['portal: small', 'portal: small\nportals: x'],
      says: ['portal.yaml:2:', 'unknown key "portals"', 'known here: portal'],
    },
    {
      title: 'an unknown key in a step',
      change: ['    submits: password', '    submit: password'],
      says: ['portal.yaml:14:', 'login step 3 "send"', 'unknown key "submit"', 'submits'],
    },
    {
      title: 'a step without an action',
      change: ['    choose: ${report.title}\n    from: { label: Report }', '    pick: Use'],
      says: [
        'portal.yaml:16:',
        'report step 1 "pick"',
        'a step needs one of goto, fill',
        'it has name, pick',
      ],
    },
    {
      title: 'a step with an action but without what it needs',
      change: ['\n    from: { label: Report }', ''],
      says: ['report step 1 "pick", from:', 'expected'],
    },
    {
      title: 'an unknown way to find a thing',
      change: ['{ button: Export }', '{ id: export-1865 }'],
      says: ['portal.yaml:21:', 'one of label, role, button', 'it has id'],
    },
    {
      title: 'an unknown key beside a way',
      change: ['{ button: Export }', '{ button: Export, inside: x }'],
      says: ['portal.yaml:21:', 'unknown key "inside"', 'within'],
    },
    {
      title: 'an unknown placeholder',
      change: ['${report.title}', '${report.name}'],
      says: ['portal.yaml:17:', '${report.name}: unknown here', '${report.title}'],
    },
    {
      title: 'a date without a format',
      change: ['${report.title}', '${period.start}'],
      says: ['portal.yaml:17:', 'a date needs a format', 'YYYY, YY, MMMM, MMM, MM, M, DD, D', '|MM/DD/YYYY}'],
    },
    {
      title: 'an unknown date format',
      change: ['${report.title}', '${period.start|MMMM dd, YYYYY}'],
      says: ['portal.yaml:17:', 'dd is no part of a date', 'YYYY, YY, MMMM, MMM, MM, M, DD, D'],
    },
    {
      title: 'a date format without a date in it',
      change: ['${report.title}', '${period.start|//}'],
      says: ['it has no part of a date', 'YYYY, YY, MMMM, MMM, MM, M, DD, D'],
    },
    {
      title: 'a format on something that is no date',
      change: ['${report.title}', '${report.title|MMDDYYYY}'],
      says: ['only dates take a format'],
    },
    {
      title: 'a secret outside of login',
      change: ['choose: ${report.title}', 'choose: ${secret.password}'],
      says: ['portal.yaml:17:', 'secrets belong into fill and type steps of login'],
    },
    {
      title: 'a secret in what is looked for',
      change: ['{ label: Password }', '{ label: "${secret.user}" }'],
      says: ['portal.yaml:11:', 'secrets belong into fill and type steps of login'],
    },
    {
      title: 'a report value in a login step',
      change: ['goto: ${portal.url}/login', 'goto: ${portal.url}/${report.title}'],
      says: ['portal.yaml:8:', '${report.title}: unknown here'],
    },
    {
      title: 'a placeholder that is not closed',
      change: ['${portal.url}/login', '${portal.url/login'],
      says: ['portal.yaml:8:', 'not closed'],
    },
    {
      title: 'a password that no step is said to send',
      change: ['\n    submits: password', ''],
      says: ['portal.yaml:6:', 'exactly one login step must say "submits: password"', '0 do'],
    },
    {
      title: 'two steps of one name',
      change: ['name: password', 'name: open'],
      says: ['portal.yaml:9:', 'another step of login has the name "open"'],
    },
    {
      title: 'a pattern that is no regular expression',
      change: ['{ button: Export }', '{ button: /(/ }'],
      says: ['portal.yaml:21:', 'not a valid regular expression'],
    },
    {
      title: 'a missing report',
      change: ['  notes: { title: Notes }\n', ''],
      says: ['portal.yaml:2:', 'reports.notes'],
    },
    {
      title: 'an unknown placeholder in an address',
      change: ['goto: ${portal.url}/login', 'goto: ${portal.url}/${report.page}'],
      says: ['portal.yaml:8:', '${report.page}: unknown here'],
    },
    {
      title: 'a period name where the recipe gives none',
      change: ['${report.title}', '${period.name}'],
      says: ['portal.yaml:17:', '${period.name}: unknown here', '${period.end}'],
    },
    {
      title: 'a period name that one report of the step lacks',
      change: [
        'signedIn: { link: Log out }',
        'periodNames:\n  notes: Now\nsignedIn: { link: "${period.name}" }',
      ],
      says: ['portal.yaml:7:', '${period.name}: unknown here'],
    },
    {
      title: 'a first day of a period without a name',
      change: ['signedIn:', 'periodNames:\n  notes: { 1: First half }\nsignedIn:'],
      says: ['portal.yaml:6:', 'periods of notes also start on day 16 of a month'],
    },
    {
      title: 'a first day that no month has',
      change: ['signedIn:', 'periodNames:\n  notes: { 1: A, 32: B }\nsignedIn:'],
      says: ['portal.yaml:6:', 'a day of the month, 1 to 31'],
    },
    {
      title: 'a period name that is no text',
      change: ['signedIn:', 'periodNames:\n  notes: [A, B]\nsignedIn:'],
      says: ['portal.yaml:6:', 'one name, or a name for each day of the month on which periods start'],
    },
    {
      title: 'a value of the report in the name of a period',
      change: ['signedIn:', 'periodNames:\n  notes: ${report.title}\nsignedIn:'],
      says: ['portal.yaml:6:', '${report.title}: unknown here', '${period.start}'],
    },
    {
      title: 'a number of records where no report is shown',
      change: ['    submits: password', '    submits: password\n    recordCount: { text: rows }'],
      says: ['portal.yaml:15:', 'login step 3 "send"', 'read in report or download'],
    },
    {
      title: 'a repetition until nothing',
      change: [
        'click: { button: Log in }\n    submits: password',
        'click: { button: Log in }\n    repeat: { until: {} }',
      ],
      says: ['portal.yaml:14:', 'login step 3 "send"', 'until needs "appears", "gone" or both'],
    },
    {
      title: 'a repetition beyond an hour',
      change: [
        '    from: { label: Report }',
        '    from: { label: Report }\n  - name: refresh\n    reload: page\n    repeat: { until: { link: x }, every: 60, atMost: 100 }',
      ],
      says: ['portal.yaml:21:', 'more than 3600 seconds'],
    },
    {
      title: 'a password that is sent again and again',
      change: ['    submits: password', '    submits: password\n    repeat: { until: { link: Log out } }'],
      says: ['portal.yaml:15:', 'the step that sends the password runs once'],
    },
    {
      title: 'a condition on a number without a limit',
      change: [
        '    from: { label: Report }',
        '    from: { label: Report }\n    if: { countOf: { role: row } }',
      ],
      says: ['portal.yaml:19:', 'needs "atLeast", "atMost" or both'],
    },
    {
      title: 'an unknown key of a condition',
      change: [
        '    from: { label: Report }',
        '    from: { label: Report }\n    if: { numberIn: { text: rows }, more: 5 }',
      ],
      says: ['portal.yaml:19:', 'unknown key "more"', 'atLeast'],
    },
    {
      title: 'a calendar that nothing turns',
      change: [
        'choose: ${report.title}\n    from: { label: Report }',
        'pickDate: period.start\n    calendar: { role: grid }',
      ],
      says: ['portal.yaml:16:', 'pickDate needs "previous", "next" or both'],
    },
    {
      title: 'a date to pick that no period has',
      change: [
        'choose: ${report.title}\n    from: { label: Report }',
        'pickDate: today\n    calendar: { role: grid }\n    next: { button: Next }',
      ],
      says: ['portal.yaml:17:', 'report step 1 "pick", pickDate:', 'period.start'],
    },
    {
      title: 'a month that a calendar cannot show',
      change: [
        'choose: ${report.title}\n    from: { label: Report }',
        'pickDate: period.start\n    calendar: { role: grid }\n    next: { button: Next }\n    month: Month YYYY',
      ],
      says: ['portal.yaml:20:', 'report step 1 "pick", month:', 'as in MMMM YYYY'],
    },
    {
      title: 'a wait for nothing',
      change: ['choose: ${report.title}\n    from: { label: Report }', 'wait: {}'],
      says: ['portal.yaml:17:', 'wait needs "appears", "gone" or both'],
    },
    {
      title: 'a patience beyond an hour',
      change: ['  name: export', '  name: export\n  patienceSeconds: 86400'],
      says: ['portal.yaml:21:', 'download.patienceSeconds'],
    },
    {
      title: 'broken YAML',
      change: ['portal: small', 'portal: [small'],
      says: ['portal.yaml:', 'not valid YAML'],
    },
  ])('$title', ({ change, says }) => {
    const [from, to] = change as [string, string];
    expect(small).toContain(from);
    const message = mistakesOf(small.replace(from, () => to));
    for (const part of says) expect(message).toContain(part);
  });

  test('several mistakes are all named', () => {
    const message = mistakesOf(
      small.replace('{ button: Export }', '{ id: x }').replace('submits:', 'submit:'),
    );
    expect(message).toContain('portal.yaml:14:');
    expect(message).toContain('portal.yaml:21:');
  });

  test('no text is not a recipe', () => {
    expect(mistakesOf('')).toContain('portal.yaml:1:');
  });
});

test('editors get a schema that knows every key of a step', () => {
  const schema = JSON.stringify(editorSchemas['config/recipe.schema.json']);
  for (const key of [
    'signedIn',
    'interruptions',
    'submits',
    'failsAs',
    'recordCount',
    'dialogSays',
    'within',
  ]) {
    expect(schema).toContain(`"${key}"`);
  }
});

test('editors explain every key of a recipe', () => {
  const schema = editorSchemas['config/recipe.schema.json'] as JsonSchema;
  const definitions = schema.definitions ?? {};
  const explained = (node: JsonSchema): boolean =>
    node.description !== undefined ||
    (node.$ref !== undefined && explained(definitions[node.$ref.replace('#/definitions/', '')]!));
  const keys = propertiesIn(schema);
  expect(keys.length).toBeGreaterThan(100);
  expect(keys.filter(([, node]) => !explained(node)).map(([key]) => key)).toEqual([]);
});

interface JsonSchema {
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** Every key that a part of the schema declares. */
function propertiesIn(node: unknown): [string, JsonSchema][] {
  if (typeof node !== 'object' || node === null) return [];
  const own = Object.entries((node as JsonSchema).properties ?? {});
  return [...own, ...Object.values(node).flatMap(propertiesIn)];
}

describe('a goto leads to the portal', () => {
  const addresses = { portalUrl: 'https://portal.example/ehr', signInOrigins: ['https://login.example'] };
  const mistakesWith = (goto: string, known: typeof addresses | undefined = addresses) => {
    try {
      const text = small.replace('${portal.url}/login', () => JSON.stringify(goto));
      readRecipe(text, 'portal.yaml', known, shippedReports);
    } catch (error) {
      if (error instanceof PipelineError && error.type === 'InvalidInput') return error.message;
      throw error;
    }
    return 'no mistake';
  };

  test.each([
    '${portal.url}/login',
    '/login?next=//elsewhere.example',
    'https://portal.example:443/x',
    'https://login.example/saml',
  ])('%s does', (goto) => {
    expect(mistakesWith(goto)).toBe('no mistake');
  });

  test.each([
    { goto: 'https://elsewhere.example/login', leads: 'https://elsewhere.example' },
    { goto: 'http://portal.example/login', leads: 'http://portal.example' },
    { goto: 'https://portal.example:8443/', leads: 'https://portal.example:8443' },
    { goto: '//elsewhere.example/login', leads: 'https://elsewhere.example' },
    { goto: '/\\elsewhere.example/login', leads: 'https://elsewhere.example' },
    { goto: 'https://me@elsewhere.example/', leads: 'https://elsewhere.example' },
    { goto: 'https://portal.example@elsewhere.example/', leads: 'https://elsewhere.example' },
  ])('$goto does not', ({ goto, leads }) => {
    const says = mistakesWith(goto);
    expect(says).toContain('portal.yaml:8: login step 1 "open"');
    expect(says).toContain(`leads to ${leads}, which is neither EHR_PORTAL_URL's origin`);
    expect(says).toContain('portal.signInOrigins');
  });

  test('what is added to the portal’s address may make another of it', () => {
    expect(
      mistakesOf(small.replace('${portal.url}/login', '${portal.url}.elsewhere.example/login')),
    ).toContain('leads to https://portal.invalid.elsewhere.example');
  });

  test.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://portal.example/',
    'about:blank',
    'login',
  ])('%s is no web address', (goto) => {
    expect(mistakesWith(goto)).toContain('portal.yaml:8: login step 1 "open"');
    expect(mistakesWith(goto, undefined)).toContain('needs a web address');
  });
});
