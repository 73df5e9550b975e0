import { goldenMonths, goldenRules } from '../golden/golden.ts';
import { defaultBlankWords, foldBlankWord } from '../../src/domain/blankWords.ts';
import type { Rules } from '../../src/domain/rules.ts';
import { byReport } from '../../src/reports/index.ts';

/** The rules in force in the golden months, with another exclusion list and the default words for blank. */
export function readRules(excludedServices: readonly string[]): Rules {
  const reading = { blankWords: new Set(defaultBlankWords.map(foldBlankWord)), decodeHtmlEntities: false };
  return {
    ...goldenRules({ ...goldenMonths[0]!, excludedServices }),
    reading: byReport(() => reading),
  };
}
