import type { SpanPeriod, SpanState } from '../domain/periodState.ts';

/** A period and its state, with the name that a reader calls it by. */
export interface NamedPeriod extends SpanPeriod {
  /** Empty where the words stand in the period's own row. */
  readonly name: string;
  /** The failure type of the newest run where it failed. */
  readonly failureType: string | null;
}

export interface StateContext {
  /** All that the figures should be made of. */
  readonly periods: readonly NamedPeriod[];
  /** Names of the periods that are not loaded, as far as they are to be listed here. */
  readonly missing: readonly string[];
  /** When the exports of the loaded periods were taken; null if none is loaded. */
  readonly asOf: string | null;
}

/**
 * The wording of a state, the same on every page: `Held: the newest run of October 2026 is held; figures are of
 * Nov 17, 2026`.
 */
export function stateWords(
  { state }: Pick<SpanState, 'state'>,
  { periods, missing, asOf }: StateContext,
): string {
  const lacks = missing.length === 0 || asOf === null ? '' : `; not loaded: ${listed(missing)}`;
  const figures = asOf === null ? '; no figures yet' : `; figures are of ${asOf}`;
  const inState = periods.filter((period) => period.state === state);
  const named = listed(inState.map(({ name }) => name).filter((name) => name !== ''));
  const newest = named === '' ? 'the newest run' : `the newest run of ${named}`;
  switch (state) {
    case 'settled':
      return 'Settled';
    case 'preliminary':
      return `Preliminary${lacks}`;
    case 'not loaded':
      return 'Not loaded; no figures yet';
    case 'stale':
      return `Stale: the daily run should have loaded ${named === '' ? 'it' : named} again${figures}${lacks}`;
    case 'held':
      return `Held: ${newest} is held${figures}${lacks}`;
    case 'failed': {
      const types = [...new Set(inState.map(({ failureType }) => failureType ?? 'InternalError'))];
      return `Failed: ${newest} failed (${types.join(', ')})${figures}${lacks}`;
    }
  }
}

/** Further periods are only counted; the page Data lists all. */
const mostNamed = 3;

function listed(texts: readonly string[]): string {
  const more = texts.length - mostNamed;
  return `${texts.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
