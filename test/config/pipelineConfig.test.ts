import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { editorSchemas } from '../../scripts/editor-schemas.ts';
import { ConfigError, readPipelineConfig } from '../../src/config.ts';
import { plainFile } from '../../src/domain/fileForm.ts';
import { groupOf, isExcluded } from '../../src/domain/rules.ts';
import { pipelineWith, plainPipeline, readText } from './pipelineFile.ts';
import { ofShipped } from '../shippedReports.ts';

const committed = (name: string) => new URL(`../../config/${name}`, import.meta.url);

describe('the committed pipeline.yaml', () => {
  const config = readPipelineConfig(committed('pipeline.yaml').pathname);

  test.each([
    { group: 1, codes: ['CN'] },
    { group: 2, codes: ['DS'] },
    { group: 3, codes: ['CLS'] },
    { group: 4, codes: ['PA'] },
    { group: 5, codes: ['RCI', 'RCG'] },
    { group: 6, codes: ['RS', 'LTCS', 'SS', 'GLH', 'RES'] },
    { group: 7, codes: ['TFC'] },
    { group: 8, codes: ['SE', 'IS'] },
    { group: 9, codes: ['Ind', 'Tra Supp', 'TRA SUPP'] },
    { group: 0, codes: ['DSX', 'XYZ', ''] },
  ])('has $codes in group $group', ({ group, codes }) => {
    expect(codes.map((code) => groupOf(code, config.rules))).toEqual(codes.map(() => group));
  });

  test('names nine groups and no other', () => {
    expect(config.rules.groups.size).toBe(16);
    expect(Object.keys(config.groupNames)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  test('refreshes two months and three cycles, and holds both reports by the same gates', () => {
    const gates = {
      rejectedPercent: 20,
      smallestRows: 20,
      sameRejects: { rows: 3, percent: 2 },
      statusSharePoints: 8,
      lastLoad: { fewerPercent: 10, morePercent: 50 },
      median: { periods: 6, fewerPercent: 50, morePercent: 100 },
    };
    expect(ofShipped(config.reports)).toEqual({
      utilization: { refreshPeriods: 2, gates, figuresAre: 'authorization' },
      notes: { refreshPeriods: 3, gates },
    });
  });

  test('knows no alias, and puts aside only what ends before it starts', () => {
    expect(ofShipped(config.rules.columnAliases)).toEqual({ utilization: new Map(), notes: new Map() });
    expect(ofShipped<object>(config.rules.checks)).toEqual({
      utilization: {
        'end-before-start': 'error',
        'negative-units': 'warning',
        'over-authorized': 'warning',
        'unauthorized-spending': 'warning',
      },
      notes: { 'signed-before-service': 'warning' },
    });
  });
});

const demoFile = new URL('../../demo/pipeline.yaml', import.meta.url).pathname;

describe('rules of one agency', () => {
  test('are in the file of the demo alone: nobody invented gets into the tables of others', () => {
    expect(readPipelineConfig(committed('pipeline.yaml').pathname).rules).not.toHaveProperty('supervisor');
    expect(readPipelineConfig(demoFile).rules.supervisor).toEqual({
      lincsQp: 'FERNHOLLOW, ADELE',
      deepCreekQp: 'BRACKENBURY, IVO',
    });
  });

  test('are all that the two files differ in', () => {
    const { rules, rulesSha256: _, ...theirs } = readPipelineConfig(demoFile);
    const { supervisor: _rule, ...others } = rules;
    const {
      rules: neutral,
      rulesSha256: _digest,
      ...ours
    } = readPipelineConfig(committed('pipeline.yaml').pathname);
    expect({ ...theirs, others }).toEqual({ ...ours, others: neutral });
  });

  test('change figures: a file without them has another digest', () => {
    const without = plainPipeline.replace(/^supervisors:\n(  .*\n)+/m, '');
    expect(readText(without).rules).not.toHaveProperty('supervisor');
    expect(digestOf(without)).not.toBe(digestOf(plainPipeline));
  });
});

describe('the JSON Schemas for editors are those of the code (npm run generate:schema)', () => {
  test.each(Object.entries(editorSchemas))('%s', (path, schema) => {
    const kept = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(kept).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });
});

describe('dashboards after each daily run', () => {
  test('are off unless the file asks for them, as the committed one does not', () => {
    expect(readText(plainPipeline)).not.toHaveProperty('dashboards');
    expect(readPipelineConfig(committed('pipeline.yaml').pathname)).not.toHaveProperty('dashboards');
  });

  test('lie in a folder that is counted from the file, and change no figure', () => {
    const wanted = 'dashboards: { folder: ../out, months: 12, perQp: true, pdf: A4, names: false }\n';
    const { folder, dashboards, rulesSha256 } = readText(
      pipelineWith({ 'runTimeoutHours: 6': `${wanted}runTimeoutHours: 6` }),
    );
    expect(dashboards).toEqual({
      folder: join(folder, '../out'),
      months: 12,
      perQp: true,
      perSupervisor: false,
      pdf: 'A4',
      names: false,
    });
    expect(rulesSha256).toBe(readText(plainPipeline).rulesSha256);
  });

  test('are on with the commented lines of the committed file as they stand', () => {
    const text = readFileSync(committed('pipeline.yaml'), 'utf8').replace(
      /^# ?(dashboards:|sources:|supervisors:|  )/gm,
      '$1',
    );
    const { dashboards, sources } = readText(text);
    expect(dashboards).toMatchObject({
      months: 24,
      perQp: false,
      perSupervisor: false,
      pdf: 'none',
      names: false,
    });
    expect(dashboards?.mail?.recipients).toEqual([
      { to: ['director@example.org'], send: 'html', every: 'day', patientData: false },
    ]);
    expect(sources).toMatchObject({ everyMinutes: 15, places: [{ name: 'staff' }, { name: 'vendor' }] });
  });
});

describe('a pipeline.yaml without mistakes', () => {
  const gates = {
    rejectedPercent: 20,
    smallestRows: 30,
    sameRejects: { rows: 3, percent: 2 },
    statusSharePoints: 8,
    lastLoad: { fewerPercent: 10, morePercent: 50 },
    median: { periods: 6, fewerPercent: 40, morePercent: 100 },
  };

  /** The default words for blank, folded. */
  const reading = {
    blankWords: new Set(['N/A', 'NA', 'NULL', 'NONE', '--', '-', '\u2013', '\u2014']),
    decodeHtmlEntities: false,
  };

  test('becomes the configuration', () => {
    const { folder, ...config } = readText(
      pipelineWith({ 'excludedServices: []': 'excludedServices: [Transport]' }),
    );
    const { columnAliases, checks, reading: readings, files, ...rules } = config.rules;
    const ofEach = {
      columnAliases: ofShipped(columnAliases),
      checks: ofShipped<object>(checks),
      reading: ofShipped(readings),
      files: ofShipped(files!),
    };
    const shipped = { ...config, reports: ofShipped(config.reports), rules: { ...rules, ...ofEach } };
    expect(shipped).toEqual({
      organisation: { timeZone: 'America/New_York' },
      rules: {
        groups: new Map([
          ['DS', 2],
          ['CLS', 3],
          ['CN', 3],
        ]),
        excludedServices: new Set(['TRANSPORT']),
        supervisor: { lincsQp: 'FERNHOLLOW, ADELE', deepCreekQp: 'BRACKENBURY, IVO' },
        columnAliases: { utilization: new Map(), notes: new Map([['staff_name', 'caregiver']]) },
        checks: {
          utilization: {
            'end-before-start': 'error',
            'negative-units': 'warning',
            'over-authorized': 'warning',
            'unauthorized-spending': 'error',
          },
          notes: { 'signed-before-service': 'warning' },
        },
        reading: { utilization: reading, notes: reading },
        files: { utilization: plainFile, notes: plainFile },
      },
      rulesSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      services: [],
      groupNames: { 2: 'Day supports', 3: 'Living' },
      reports: {
        utilization: { refreshPeriods: 2, gates, figuresAre: 'authorization' },
        notes: { refreshPeriods: 3, gates },
      },
      portal: {
        recipe: join(folder, 'portals/demo.yaml'),
        idleSeconds: 60,
        attempts: 4,
        retrySeconds: 60,
        showPatientData: false,
        headless: true,
      },
      backfill: { concurrency: 2, periodsPerRun: 24 },
      schedule: { at: '03:30', catchUpDays: 3, executionTimeoutHours: 12, overlap: 'BUFFER_ONE' },
      alerts: {
        webhook: 'none',
        mail: { from: 'ehr@example.org', to: [] },
        everyMinutes: 5,
        missingAfterHours: 3,
        remindAfterHours: 0,
        webUi: '',
      },
      runTimeoutHours: 6,
      worker: { shutdownGraceSeconds: 120 },
    });
  });

  test.each([
    {
      title: 'a code both grouped and excluded',
      change: { 'excludedServices: []': 'excludedServices: [ds]' },
    },
    { title: 'a time zone under an older name', change: { 'America/New_York': 'US/Eastern' } },
    { title: 'UTC', change: { 'America/New_York': 'UTC' } },
    { title: 'a time zone of three parts', change: { 'America/New_York': 'America/Indiana/Tell_City' } },
    { title: 'the last minute of the day', change: { '03:30': '23:59' } },
    { title: 'a numeric code in quotes', change: { '[CLS, CN]': '["0012", CN]' } },
    {
      title: 'several headings for several columns',
      change: { '{ caregiver: [Staff Name] }': '{ caregiver: [Staff Name, Staff], client: [Member] }' },
    },
    { title: 'a heading of the other report', change: { '[Staff Name]': '[QP]' } },
    {
      title: 'limits of nothing at all',
      change: { 'rejectedPercent: 20': 'rejectedPercent: 0', 'smallestRows: 30': 'smallestRows: 0' },
    },
    {
      title: 'words for blank of its own',
      change: { 'refreshPeriods: 3': "refreshPeriods: 3, blankWords: ['N/A', Not signed]" },
    },
    { title: 'no words for blank', change: { 'refreshPeriods: 3': 'refreshPeriods: 3, blankWords: []' } },
    { title: 'HTML decoded', change: { 'refreshPeriods: 3': 'refreshPeriods: 3, decodeHtmlEntities: true' } },
    { title: 'a daily run as long as one of its runs', change: { 'TimeoutHours: 12': 'TimeoutHours: 6' } },
  ])('may have $title', ({ change }) => {
    expect(readText(pipelineWith(change)).rules.supervisor?.lincsQp).toBe('FERNHOLLOW, ADELE');
  });

  test('leaves out what it is asked to, whatever the case', () => {
    const { rules } = readText(pipelineWith({ 'excludedServices: []': 'excludedServices: [Transport]' }));
    expect(['transport', 'TRANSPORT', 'Transport 2'].map((code) => isExcluded(code, rules))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('names, codes and words are compared in the form in which cells are read', () => {
  const nbsp = '\u00A0';

  test.each([
    { title: 'a QP', change: { 'FERNHOLLOW, ADELE': `FERNHOLLOW,${nbsp} ADELE` } },
    { title: 'a code', change: { '[CLS, CN]': `[CLS, "${nbsp}CN"]` } },
    { title: 'a code with a date of another form', change: { '[CLS, CN]': '[CLS, "CN [2026-07-01]"]' } },
    { title: 'a heading', change: { '[Staff Name]': `[Staff${nbsp}Name]` } },
  ])('$title', ({ change }) => {
    expect(readText(pipelineWith(change)).rules).toEqual(readText(plainPipeline).rules);
  });

  test('a word for blank', () => {
    const change = { 'refreshPeriods: 3': `refreshPeriods: 3, blankWords: ["not ${nbsp}Signed"]` };
    const { blankWords } = readText(pipelineWith(change)).rules.reading.notes;
    expect([...blankWords]).toEqual(['NOT SIGNED']);
  });
});

function digestOf(text: string): string {
  return readText(text).rulesSha256;
}

describe('the digest of the rules', () => {
  test.each([
    { title: 'a code in another group', change: { '[CLS, CN]': '[CN]', '[DS]': '[DS, CLS]' } },
    { title: 'a code more', change: { '[CLS, CN]': '[CLS, CN, PA]' } },
    { title: 'an excluded service', change: { 'excludedServices: []': 'excludedServices: [PA]' } },
    { title: 'another LINCS QP', change: { 'FERNHOLLOW, ADELE': 'FERNHOLLOW, ADA' } },
    { title: 'another heading of a column', change: { '[Staff Name]': '[Staff Name, Staff]' } },
    { title: 'a heading under another column', change: { 'caregiver: [Staff': 'client: [Staff' } },
    {
      title: 'other words for blank',
      change: { 'refreshPeriods: 3': 'refreshPeriods: 3, blankWords: [Not signed]' },
    },
    {
      title: 'HTML decoded',
      change: { 'refreshPeriods: 2': 'refreshPeriods: 2, decodeHtmlEntities: true' },
    },
    {
      title: 'amounts in another form',
      change: {
        'columnAliases: { caregiver: [Staff Name] },':
          'columnAliases: { caregiver: [Staff Name] }, file: { amounts: accounting },',
      },
    },
    ...[
      '{ separator: tab }',
      '{ encoding: windows-1252 }',
      '{ quote: none }',
      '{ totals: [Total] }',
      '{ repeatedHeaders: true }',
      '{ emptyCellsAtEnd: true }',
      '{ dates: { date_of_service: D/M/YYYY } }',
      '{ blankWords: { staff_sign_date: [Not signed] } }',
      '{ decimalMark: comma }',
      '{ credits: negative }',
      '{ currencyWords: [USD] }',
    ].map((form) => ({
      title: `files of the form ${form}`,
      change: {
        'columnAliases: { caregiver: [Staff Name] },': `columnAliases: { caregiver: [Staff Name] }, file: ${form},`,
      },
    })),
    { title: 'another level of a check', change: { 'negative-units: warning': 'negative-units: error' } },
    {
      title: 'the two QPs exchanged',
      change: {
        'FERNHOLLOW, ADELE': 'BRACKENBURY, IVO',
        '  deepCreekQp: BRACKENBURY, IVO': '  deepCreekQp: FERNHOLLOW, ADELE',
      },
    },
  ])('changes with $title', ({ change }) => {
    expect(digestOf(pipelineWith(change))).not.toBe(digestOf(plainPipeline));
  });

  test.each([
    { title: 'another order', change: { '[CLS, CN]': '[CN, CLS]' } },
    { title: 'another case', change: { '[CLS, CN]': '[cls, Cn]' } },
    { title: 'another name of a group', change: { 'Day supports': 'Days' } },
    { title: 'a comment', change: { 'groups:': 'groups: # as published' } },
    { title: 'another case of a heading', change: { '[Staff Name]': '[STAFF  NAME]' } },
    { title: 'other gates', change: { 'fewerPercent: 10': 'fewerPercent: 11' } },
    {
      title: 'the words that hold anyway, in another order and case',
      change: {
        'refreshPeriods: 3':
          "refreshPeriods: 3, blankWords: [n/a, na, none, '-', '--', \u2014, \u2013, 'null']",
      },
    },
    {
      title: 'files that begin or end otherwise',
      change: {
        'columnAliases: { caregiver: [Staff Name] },':
          'columnAliases: { caregiver: [Staff Name] }, file: { linesBeforeHeader: 3, lastLineEnded: false },',
      },
    },
    { title: 'a service that is respite', change: { '[CLS, CN]': '[{ code: CLS, respite: true }, CN]' } },
    { title: 'another patience', change: { 'attempts: 4': 'attempts: 5' } },
  ])('stays with $title', ({ change }) => {
    expect(digestOf(pipelineWith(change))).toBe(digestOf(plainPipeline));
  });
});

function servicesOf(services: string) {
  return readText(pipelineWith({ '[CLS, CN]': services })).services;
}

describe('what the groups say of a service besides its code', () => {
  test('is whether it is respite; once one service says so, all others are not', () => {
    expect(servicesOf('[{ code: cls, respite: true }, CN]')).toEqual([
      { code: 'DS', respite: false },
      { code: 'cls', respite: true },
      { code: 'CN', respite: false },
    ]);
    expect(servicesOf('[CLS, { code: CN, respite: false }]').map(({ respite }) => respite)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('is not known while no service says so', () => {
    expect(servicesOf('[CLS, CN]')).toEqual([]);
  });

  test('is in the committed file and in the demo the same one service', () => {
    for (const file of [committed('pipeline.yaml').pathname, demoFile]) {
      const { services } = readPipelineConfig(file);
      expect(services.length).toBe(16);
      expect(services.filter(({ respite }) => respite)).toEqual([{ code: 'RCI', respite: true }]);
    }
  });
});

describe('the configuration is frozen', () => {
  const config = readPipelineConfig(demoFile);

  test.each<{ title: string; change: () => unknown }>([
    { title: 'a section', change: () => Object.assign(config.portal, { attempts: 99 }) },
    {
      title: 'a section within a section',
      change: () => Object.assign(config.reports.notes, { refreshPeriods: 9 }),
    },
    { title: 'the groups', change: () => (config.rules.groups as Map<string, number>).set('DS', 9) },
    {
      title: 'the excluded services',
      change: () => (config.rules.excludedServices as Set<string>).add('DS'),
    },
    {
      title: 'the headings',
      change: () => (config.rules.columnAliases.notes as Map<string, string>).set('staff', 'caregiver'),
    },
    {
      title: 'the levels of the checks',
      change: () => Object.assign(config.rules.checks.notes, { 'signed-before-service': 'error' }),
    },
    { title: 'the gates', change: () => Object.assign(config.reports.notes.gates.median, { periods: 1 }) },
    { title: 'the supervisor rule', change: () => Object.assign(config.rules.supervisor!, { lincsQp: '' }) },
  ])('$title', ({ change }) => {
    expect(change).toThrow(TypeError);
  });
});

test('a ConfigError says one problem a line', () => {
  expect(new ConfigError(['a: wrong', 'b: missing']).message).toBe('a: wrong\nb: missing');
});
