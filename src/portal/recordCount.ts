import type { RunningStep } from './locate.ts';
import type { Target } from './recipeSchema.ts';
import { countShown } from './shownNumbers.ts';
import { elementFinder } from './targets.ts';
import { PortalTrouble } from './trouble.ts';
import { searchOf, type ReadCount } from './walk.ts';
import { waitUntil } from './waiting.ts';

/** Reads the number of records, which may still be on its way to the page. */
export async function readCount(recordCount: Target, { walk, wait }: RunningStep): Promise<number> {
  const finder = elementFinder(recordCount, searchOf(walk));
  const count = await waitUntil(async () => {
    const locator = await finder.look();
    return locator === undefined ? undefined : countShown(locator, recordCount);
  }, wait);
  if (count !== undefined) return count;
  const lookedFor = finder.seen();
  throw new PortalTrouble(
    'PortalLayoutChanged',
    `looked for the number of records in ${lookedFor[0]?.what ?? ''}`,
    { details: { lookedFor } },
  );
}

/** @throws PortalTrouble if the steps of a walk read different numbers: then none of them is to be trusted. */
export function agreedCount(counts: readonly ReadCount[]): number | undefined {
  const [first] = counts;
  const other = counts.find(({ count }) => count !== first?.count);
  if (first === undefined || other === undefined) return first?.count;
  throw new PortalTrouble(
    'ExportWrongReport',
    `the portal shows ${first.count} records at "${first.step}" and ${other.count} at "${other.step}"`,
    {
      hint: 'Nothing to do at first: the export is tried again. If it lasts, let the recipe read the number of records at one step only, where it counts what is exported.',
      details: { shown: [first.count, other.count] },
    },
  );
}
