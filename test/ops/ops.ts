import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
}

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

function read(file: string): string {
  return readFileSync(new URL(`../../ops/${file}`, import.meta.url), 'utf8');
}

export const dashboard = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
export const alertRules = (parse(read('alerts.yml')) as RuleFile).groups.flatMap(({ rules }) => rules);
export const prometheus = parse(read('prometheus.yml')) as {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly { readonly job_name: string }[];
};

/** Every query of the dashboard and of the rules. */
export const queries: readonly string[] = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ definition = '' }) => definition),
  ...alertRules.map(({ expr }) => expr),
];

/** The metrics that the queries name; `up` is Prometheus' own. */
export function metricsNamed(): string[] {
  const found = queries.flatMap((query) => query.match(/\b(?:ehr|temporal|process|nodejs)_[a-z_]+/g) ?? []);
  return [...new Set(found)].sort();
}
