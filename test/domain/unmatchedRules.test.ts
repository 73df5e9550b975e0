import { describe, expect, test } from 'vitest';
import { type Rules } from '../../src/domain/rules.ts';
import { utilization } from '../../src/reports/utilization.ts';
import { unmatchedRules, type SeenInExports } from '../../src/domain/unmatchedRules.ts';

const rules = {
  groups: new Map([
    ['DS', 2],
    ['TRA SUPP', 9],
  ]),
  excludedServices: new Set(['H2015']),
  columnAliases: {
    utilization: new Map([['assigned_qp', 'qp']]),
    notes: new Map([['signed_on', 'staff_sign_date']]),
  },
  supervisor: { lincsQp: 'FERNHOLLOW, ADELE', deepCreekQp: 'BRACKENBURY, IVO' },
} as unknown as Rules;

/** A month that knows every name and code of the rules. */
function aMonth(changes: Partial<SeenInExports> = {}): SeenInExports {
  return {
    report: 'utilization',
    services: ['DS', 'Tra Supp', 'CAP'],
    excluded: 1,
    rowsOfQp: new Map([
      ['FERNHOLLOW, ADELE', 5],
      ['BRACKENBURY, IVO', 1],
    ]),
    moved: 4,
    ...changes,
  };
}

describe('rules that no export knows', () => {
  test.each<{ title: string; seen: readonly SeenInExports[]; unmatched: readonly string[] }>([
    { title: 'none', seen: [aMonth()], unmatched: [] },
    {
      title: 'a QP who has only the rows that were moved there',
      seen: [aMonth({ moved: 5 })],
      unmatched: ['supervisors.lincsQp'],
    },
    {
      title: 'two QPs of somebody else',
      seen: [aMonth({ moved: 0, rowsOfQp: new Map([['OTHER, ONE', 9]]) })],
      unmatched: ['supervisors.lincsQp', 'supervisors.deepCreekQp'],
    },
    { title: 'an exclusion', seen: [aMonth({ excluded: 0 })], unmatched: ['excludedServices: H2015'] },
    { title: 'a code of a group', seen: [aMonth({ services: ['ds'] })], unmatched: ['groups.9: TRA SUPP'] },
    {
      title: 'none that notes know: they have no QP',
      seen: [aMonth({ report: 'notes', rowsOfQp: new Map(), moved: 0 })],
      unmatched: [],
    },
    {
      title: 'none, over all periods together',
      seen: [aMonth({ services: [] }), aMonth({ report: 'notes', excluded: 0 })],
      unmatched: [],
    },
  ])('$title', ({ seen, unmatched }) => {
    expect(unmatchedRules(rules, seen)).toEqual(unmatched);
  });

  test('are single codes where the exports tell which of them they have', () => {
    const two = { ...rules, excludedServices: new Set(['H2015', 'TRANSPORT']) };
    const month = (codes: string[]) => aMonth({ excluded: 3, excludedCodes: new Set(codes) });
    expect(unmatchedRules(two, [month(['H2015'])])).toEqual(['excludedServices: TRANSPORT']);
    expect(unmatchedRules(two, [month(['H2015']), month(['TRANSPORT'])])).toEqual([]);
    // One of them may have the other code.
    expect(unmatchedRules(two, [month(['H2015']), aMonth({ excluded: 3 })])).toEqual([]);
  });

  test('are headings that a report has under no such name', () => {
    const month = (headings: string[]) => aMonth({ headings: new Set(headings) });
    expect(unmatchedRules(rules, [month(['client', 'qp'])])).toEqual([
      'reports.utilization.columnAliases.qp: assigned_qp',
    ]);
    expect(unmatchedRules(rules, [month(['client', 'assigned_qp'])])).toEqual([]);
    expect(unmatchedRules(rules, [aMonth()])).toEqual([]);
  });

  test('are reported without names', () => {
    expect(unmatchedRules(rules, [aMonth({ rowsOfQp: new Map() })]).join()).not.toMatch(/FERN|BRACK/);
  });

  test('are no supervisors where there is no such rule', () => {
    const { supervisor: _, ...without } = rules;
    expect(unmatchedRules(without, [aMonth({ rowsOfQp: new Map() })])).toEqual([]);
  });
});

test('without the supervisor rule every authorization keeps its QP', () => {
  const authorization = { authorizing_payer: null, qp: 'OTHER, ONE' };
  const terms = { rawServiceCode: 'DS', supervisor: undefined };
  expect(utilization.reassigned?.to(authorization, terms)).toBe('OTHER, ONE');
});
