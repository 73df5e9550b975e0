import { expect, test } from 'vitest';
import { meaningContradiction, type FiguresAre } from '../../src/domain/figuresAre.ts';

test.each<{
  title: string;
  figuresAre: FiguresAre;
  again: [authorizations: number, sameAuthorized: number, usedFell: number];
  says: string | undefined;
}>([
  { title: 'one month alone tells nothing', figuresAre: 'month', again: [0, 0, 0], says: undefined },
  { title: 'nor does it of whole ones', figuresAre: 'authorization', again: [0, 0, 0], says: undefined },
  { title: 'parts of months that differ', figuresAre: 'month', again: [5, 0, 2], says: undefined },
  {
    title: 'one authorization with the same amount in each month',
    figuresAre: 'month',
    again: [1, 1, 0],
    says: '1 of 1 authorizations that several months list have the same authorized dollars in each, as figures of whole authorizations do',
  },
  {
    title: 'whole ones of which a half was amended',
    figuresAre: 'authorization',
    again: [4, 2, 2],
    says: undefined,
  },
  {
    title: 'whole ones that nearly all differ from month to month',
    figuresAre: 'authorization',
    again: [4, 1, 0],
    says: '3 of 4 authorizations that several months list have other authorized dollars in each, as figures of a month do',
  },
  {
    title: 'whole ones that keep their amount but are used less and less',
    figuresAre: 'authorization',
    again: [4, 4, 3],
    says: '3 of 4 authorizations that several months list have less used than the month before, as figures of a month do',
  },
])('$title', ({ figuresAre, again: [authorizations, sameAuthorized, usedFell], says }) => {
  expect(meaningContradiction(figuresAre, { authorizations, sameAuthorized, usedFell, months: null })).toBe(
    says,
  );
});
