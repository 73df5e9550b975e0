/**
 * What the dollars of a row of the utilization report are of: the whole authorization, which each month that lists it
 * repeats, or the month's own part of it. The export cannot tell; pipeline.yaml says it.
 */
export const figureMeanings = ['authorization', 'month'] as const;

export type FiguresAre = (typeof figureMeanings)[number];

/** What is known of the authorizations that several loaded months list with an authorized amount. */
export interface ListedAgain {
  readonly authorizations: number;
  /** How many of them have the same authorized dollars in each of those months. */
  readonly sameAuthorized: number;
  /** How many of them have less used in one of those months than in the one before. */
  readonly usedFell: number;
  /** The first and the last month that lists any of them, `YYYY-MM`; null where there are none. */
  readonly months: { readonly from: string; readonly to: string } | null;
}

/** What the loaded months have that does not fit the setting, as text; undefined if they fit. */
export function meaningContradiction(figuresAre: FiguresAre, again: ListedAgain): string | undefined {
  const { authorizations, sameAuthorized, usedFell } = again;
  const share = (count: number) =>
    `${String(count)} of ${String(authorizations)} authorizations that several months list`;
  if (figuresAre === 'month') {
    if (sameAuthorized === 0) return undefined;
    return `${share(sameAuthorized)} have the same authorized dollars in each, as figures of whole authorizations do`;
  }
  // Single ones are amended or corrected.
  const differing = authorizations - sameAuthorized;
  const words = [
    ...(differing * 2 > authorizations ? [`${share(differing)} have other authorized dollars in each`] : []),
    ...(usedFell * 2 > authorizations ? [`${share(usedFell)} have less used than the month before`] : []),
  ];
  return words.length === 0 ? undefined : `${words.join('; ')}, as figures of a month do`;
}
