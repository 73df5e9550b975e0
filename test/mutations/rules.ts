import { goldenMonths, goldenRules } from '../golden/golden.ts';
import type { Rules } from '../../src/domain/rules.ts';

/** The rules in force in the golden months, with another exclusion list. */
export function readRules(excludedServices: readonly string[]): Rules {
  return goldenRules({ ...goldenMonths[0]!, excludedServices });
}
