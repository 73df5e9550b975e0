import { describe, expect, test } from 'vitest';
import { whyLeft } from '../../src/cli/reload.ts';
import { chosenRules } from '../../src/cli/approveRules.ts';
import type { IsoDate } from '../../src/domain/dates.ts';

const [older, newer, newest] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];

const heldUnder = (...rules: readonly string[]) => rules.map((rulesSha256) => ({ rulesSha256 }));

describe('the rules that are accepted', () => {
  test.each<{
    title: string;
    held: readonly string[];
    inForce?: string;
    named?: string;
    chosen: string;
  }>([
    { title: 'those of the runs that are held', held: [newer, newer], inForce: newer, chosen: newer },
    { title: 'those of here beforehand, where no run is held', held: [], inForce: newer, chosen: newer },
    { title: 'those of here, among others', held: [older, newer], inForce: newer, chosen: newer },
    { title: 'those that are held, where here are none', held: [newer], chosen: newer },
    { title: 'those that are named', held: [older, newer], inForce: newer, named: 'aaaa', chosen: older },
  ])('are $title', ({ held, inForce, named, chosen }) => {
    expect(chosenRules(heldUnder(...held), { named, inForce })).toBe(chosen);
  });

  test.each<{ title: string; held: readonly string[]; inForce?: string; named?: string; says: string }>([
    { title: 'runs are held under others', held: [older], inForce: newer, says: 'made under other rules' },
    { title: 'runs are held under several', held: [older, newer], says: 'made under other rules' },
    { title: 'none are known', held: [], says: 'no run is held' },
    { title: 'none begin so', held: [older], inForce: newest, named: 'ffff', says: 'names none' },
    { title: 'several begin so', held: [older, newer], named: '', says: 'names none' },
  ])('are not guessed where $title', ({ held, inForce, named, says }) => {
    expect(() => chosenRules(heldUnder(...held), { named, inForce })).toThrow(says);
  });
});

describe('a period is left as it is', () => {
  const period = { from: '2026-10-01' as IsoDate, to: '2026-10-15' as IsoDate };
  const shown = { period, shown: 'r1', exportOf: 'r1', rulesSha256: newer, pinned: false };

  test.each([
    { title: 'made under these rules', of: shown, inForce: newer, left: 'made under these rules' },
    { title: 'pinned', of: { ...shown, pinned: true }, inForce: newest, left: 'pinned, left as it is' },
    { title: 'made under older ones', of: shown, inForce: newest, left: undefined },
    {
      title: 'made under unknown ones',
      of: { ...shown, rulesSha256: undefined },
      inForce: newer,
      left: undefined,
    },
    { title: 'read here without the rules', of: shown, inForce: undefined, left: undefined },
    { title: 'with a newer export held', of: { ...shown, exportOf: 'r2' }, inForce: newer, left: undefined },
  ])('$title: $left', ({ of, inForce, left }) => {
    expect(whyLeft(of, inForce)).toBe(left);
  });
});
