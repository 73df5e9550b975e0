import { describe, expect, test } from 'vitest';
import { failureTypes } from '../../src/domain/failures.ts';
import { PipelineMetrics } from '../../src/observability/metrics/pipelineMetrics.ts';
import { activityInputs } from '../../src/activities/index.ts';
import { samplesIn } from '../observability/metrics/samples.ts';
import { alertRules, dashboard, metricsNamed, prometheus, queries } from './ops.ts';

/** Histograms are asked for by their series. */
const familyOf = (name: string) => name.replace(/_(bucket|sum|count)$/, '');

describe('what ops/ asks for', () => {
  test('is exposed, as far as it is ours; test/e2e/metrics.test.ts looks at a worker for all of it', () => {
    const { registry } = new PipelineMetrics({ codeVersion: '0' });
    const exposed = new Set(registry.getMetricsAsArray().map(({ name }) => name));
    const ours = metricsNamed().filter((name) => !name.startsWith('temporal_'));
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter((name) => !exposed.has(familyOf(name)))).toEqual([]);
  });

  test('has its parentheses closed', () => {
    const open = queries.filter((query) =>
      ['()', '{}', '[]'].some(([left, right]) => query.split(left!).length !== query.split(right!).length),
    );
    expect(open).toEqual([]);
  });
});

describe('the dashboard', () => {
  test('asks the data source that is picked', () => {
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    const asking = dashboard.panels.filter(({ type }) => type !== 'row');
    const asked = new Set(asking.map(({ datasource }) => JSON.stringify(datasource)));
    expect([...asked]).toEqual(['{"type":"prometheus","uid":"${datasource}"}']);
  });

  test('has every metric of ours', () => {
    const { registry } = new PipelineMetrics({ codeVersion: '0' });
    const shown = new Set(metricsNamed().map(familyOf));
    const ours = registry.getMetricsAsArray().map(({ name }) => name);
    expect(ours.filter((name) => name.startsWith('ehr_') && !shown.has(name))).toEqual([]);
  });

  test('has no two panels on one place', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from(
        { length: w * h },
        (_, cell) => `${String(x + (cell % w))},${String(y + Math.floor(cell / w))}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBe(24);
  });
});

describe('the alert rules', () => {
  test.each(alertRules)('$alert says what is wrong and what to do', ({ labels, annotations }) => {
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations.summary).not.toBe('');
    expect(annotations.action).not.toBe('');
  });

  test('know every type of failure, each in one rule', () => {
    const named = alertRules.flatMap(({ expr }) => (/type=~"([^"]*)"/.exec(expr)?.[1] ?? '').split('|'));
    expect(named.filter((type) => type !== '').sort()).toEqual(Object.keys(failureTypes).sort());
  });

  test('of a step count its first failure, which an increase shows only of a series that was there before', async () => {
    const { registry } = new PipelineMetrics({ codeVersion: '0' });
    const samples = samplesIn(await registry.metrics());
    const fresh = [...samples].filter(([name]) => name.startsWith('ehr_step_failures_total{'));
    const asked = alertRules.flatMap(({ expr }) =>
      Array.from(expr.matchAll(/ehr_step_failures_total\{([^}]*)\}/g), ([, labels]) => labels!),
    );
    // Any step that fails over and over has a rule of its own, which counts to ten.
    const named = [...new Set(asked)].filter((labels) => /\b(?:step|type)=/.test(labels));
    expect(named).toHaveLength(4);
    for (const labels of named) {
      const step = /step="(\w+)"/.exec(labels)?.[1] ?? '';
      const type = /type=~"(\w+)"/.exec(labels)?.[1] ?? '';
      const known = fresh.filter(
        ([name]) => name.includes(`step="${step}`) && name.includes(`type="${type}`),
      );
      expect(known.map(([, value]) => value)).toEqual(expect.arrayContaining([0]));
    }
    const steps = fresh.map(([name]) => /step="(\w+)"/.exec(name)![1]!);
    expect(Object.keys(activityInputs)).toEqual(expect.arrayContaining([...new Set(steps)]));
  });

  test('hide no agency behind another', () => {
    // A worker's steps and exports at the portal are not counted by agency.
    const byAgency = queries.filter(
      (query) => / by \([^)]*\breport\b/.test(query) && !/portal_duration/.test(query),
    );
    expect(byAgency.length).toBeGreaterThan(20);
    expect(
      byAgency.filter((query) => / (?:by|on) \((?!agency, report\b)[^)]*\breport\b/.test(query)),
    ).toEqual([]);
    const aboutReports = alertRules.filter(({ expr }) => expr.includes('agency'));
    const silent = aboutReports.filter(({ annotations }) => !annotations.summary.includes('$labels.agency'));
    expect(silent).toEqual([]);
    const commands = aboutReports.filter(({ annotations }) => annotations.action.includes('npm run client'));
    const forAgency = 'npm run client --{{ with $labels.agency }} --agency {{ . }}{{ end }} ';
    expect(commands.filter(({ annotations }) => !annotations.action.includes(forAgency))).toEqual([]);
  });

  test('and the example of a scrape are about the same job', () => {
    const [job] = prometheus.scrape_configs;
    for (const { expr } of alertRules) expect(expr).toContain(`job="${job!.job_name}"`);
    expect(prometheus.rule_files).toEqual(['alerts.yml']);
  });
});
