import type { KillReport } from '../../test/faults/kills.ts';
import type { ScenarioReport } from '../../test/faults/stage.ts';
import { targets } from '../../test/faults/killPlan.ts';

/** The report of the kills as people read it. */
export function killTable(report: KillReport): string {
  const places = [...new Set(report.kills.map(({ place }) => place))].sort();
  const count = (place: string | undefined, target: string | undefined) =>
    report.kills
      .filter((row) => (place ?? row.place) === row.place && (target ?? row.target) === row.target)
      .reduce((sum, { kills }) => sum + kills, 0);
  const line = (label: string, place: string | undefined) =>
    [
      label.padEnd(28),
      ...targets.map((target) => String(count(place, target) || '').padStart(9)),
      String(count(place, undefined)).padStart(9),
    ].join('');
  return [
    '',
    ['killed at'.padEnd(28), ...[...targets, 'in all'].map((name) => name.padStart(9))].join(''),
    ...places.map((place) => line(place, place)),
    line('in all', undefined),
    '',
    ...figures(report).map(([name, value]) => `${name.padEnd(28)}${value}`),
    ...Object.values(report.failedRuns).map(({ example }) => `started again after    ${example}`),
    ...report.defects.map((text) => `UNKNOWN ERROR  ${text}`),
    ...differenceLines(report),
  ].join('\n');
}

/** The report of any other scenario. */
export function scenarioTable(report: ScenarioReport): string {
  const { figures: own, reader, differences } = report;
  const all = [
    ...Object.entries(own).map(([name, value]) => [name, String(value)] as const),
    readerFigure(reader),
    ['differences', String(differences.length)] as const,
  ];
  const lines = all.map(([name, value]) => `${name.padEnd(70)}${value}`);
  return ['', ...lines, ...differenceLines(report)].join('\n');
}

function differenceLines({ differences, reader }: Pick<ScenarioReport, 'differences' | 'reader'>): string[] {
  return [...differences, ...reader.violations].map((text) => `DIFFERENCE  ${text}`);
}

function readerFigure({ polls, away, violations }: ScenarioReport['reader']): readonly [string, string] {
  return [
    'reader',
    `${String(polls)} snapshots, ${String(away)} times the database was away, ${String(violations.length)} wrong`,
  ];
}

function figures(report: KillReport): (readonly [string, string])[] {
  const { reader, killsPerMinute } = report;
  const failed = Object.entries(report.failedRuns).map(([type, { count }]) => `${String(count)} ${type}`);
  return [
    ['runs', `${String(report.runs)} ended, ${String(report.replaced)} versions brought in`],
    [
      'kills',
      `${String(report.killsInAll)} in ${String(report.seconds)} s: ${String(killsPerMinute.striking)} a minute while striking, ${String(killsPerMinute.inAll)} in all; ${String(report.missed)} found nobody`,
    ],
    [
      'runs started again',
      failed.length === 0 ? 'none' : `${failed.join(', ')}, after too many kills of one`,
    ],
    [
      'logins unblocked',
      `${String(report.loginsUnblocked)} (cut off twice between password and answer: the guard asks for a person)`,
    ],
    ['workers that ended alone', String(report.workersEndedByThemselves)],
    readerFigure(reader),
    ['differences', String(report.differences.length)],
  ];
}
