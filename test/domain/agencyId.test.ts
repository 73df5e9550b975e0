import { describe, expect, test } from 'vitest';
import {
  agencyId,
  agencyNamedIn,
  agencyOfId,
  isAgencyId,
  splitAgency,
  withAgency,
} from '../../src/domain/agencyId.ts';
import { runReportId } from '../../src/domain/temporalNames.ts';
import type { Period } from '../../src/domain/periods.ts';

describe('an id of an agency', () => {
  test.each(['acme', 'a', 'north-side-2', '42', 'a'.repeat(40)])('%s', (id) => {
    expect(isAgencyId(id)).toBe(true);
  });

  test.each([
    '',
    'Acme',
    'acme:bolt',
    '../acme',
    'a_b',
    '-acme',
    'acme-',
    'a--b',
    'acme\n',
    'a'.repeat(41),
    'notes',
    'utilization',
    'backfill',
    'preview',
    'daily',
    'sources',
    'default',
    'reader',
    7,
    null,
    undefined,
    ['acme'],
  ])('%j is none', (id) => {
    expect(isAgencyId(id)).toBe(false);
    expect(agencyNamedIn({ agency: id })).toBeUndefined();
  });
});

test.each([
  ['acme:notes:2026-10-16..2026-10-31', 'acme'],
  ['acme:daily', 'acme'],
  ['notes:2026-10-16..2026-10-31', undefined],
  ['backfill:notes:2026-01-01..2026-06-30', undefined],
  ['3f2a8c10-5b7e-4d21-9c4e-0f6d2b1a9e77', undefined],
  ['manual-2026-01-05', undefined],
])('%s is a run of %s', (id, agency) => {
  expect(agencyOfId(id)).toBe(agency);
});

test('begins the ids of its runs', () => {
  const period = { from: '2026-10-16', to: '2026-10-31' } as Period;
  expect(runReportId('notes', period, 'acme')).toBe('acme:notes:2026-10-16..2026-10-31');
  expect(runReportId('notes', period)).toBe('notes:2026-10-16..2026-10-31');
  expect(agencyId('acme', 'ehr-daily')).toBe('acme:ehr-daily');
});

describe('in the argument of a step', () => {
  test.each([[[{ run: 1 }]], [[]], [[{}]]])('%j comes out as it went in', (args) => {
    const split = splitAgency(withAgency('acme', args));
    expect(split.agency).toBe('acme');
    // A step without an input gets none.
    expect(split.args).toEqual(Object.keys(args[0] ?? {}).length === 0 ? [] : args);
    expect(splitAgency(withAgency(undefined, args))).toEqual({ agency: undefined, args });
  });

  test.each(['../acme', '', 7, null])('%j is refused', (agency) => {
    expect(() => splitAgency([{ agency, run: 1 }])).toThrow(/^agency: must be an agency's id/);
  });
});
