import { z } from 'zod';
import { checkLevels } from '../../domain/checks.ts';
import { figureMeanings } from '../../domain/figuresAre.ts';
import { byReport, reportNames, reports as definitions, type ReportName } from '../../reports/index.ts';
import { section, wholeNumber, yesNo, oneOf } from './kinds.ts';
import { columnAliases } from './columnAliases.ts';
import { gates } from './gates.ts';
import { blankWords, file, reportAmounts } from './exportFile.ts';

const level = z.enum(checkLevels, { error: '"error" (the row is put aside) or "warning" (it is counted)' });

function checks(report: ReportName) {
  const names = Object.keys(definitions[report].checks);
  return section(Object.fromEntries(names.map((name) => [name, level]))).describe(
    'What becomes of a row that a check finds fault with: error puts it aside, warning loads and counts it.',
  );
}

const figuresAre = oneOf(figureMeanings)
  .default('authorization')
  .describe(
    'What the dollars of a row are of: the whole authorization, which each month that lists it repeats, or the part of the month.',
  );

interface Meaning extends z.ZodRawShape {
  readonly figuresAre: z.ZodOptional<typeof figuresAre>;
}

/** Only a report of authorizations can mean either: others do not have the key. */
function meaningOf(name: ReportName): Meaning {
  const given: z.ZodRawShape = definitions[name].history === undefined ? {} : { figuresAre };
  return given as Meaning;
}

function reportSection(name: ReportName) {
  return section({
    inUse: yesNo
      .optional()
      .describe('false: this portal has no such report. The daily run, doctor and alerts leave it out.'),
    ...meaningOf(name),
    refreshPeriods: wholeNumber(1, 24, 'periods').describe(
      'Periods that the daily run loads again: the due one and those before it, since staff go on signing and billing.',
    ),
    currentPeriod: yesNo
      .optional()
      .describe('true: the daily run loads the period that has not ended too, up to now. Default: false.'),
    columnAliases: columnAliases(name),
    blankWords,
    decodeHtmlEntities: yesNo
      .default(false)
      .describe(
        'Whether HTML entities in cells, such as &eacute;, are decoded; they are counted in any case.',
      ),
    checks: checks(name),
    file: file(name),
    gates,
  }).superRefine(reportAmounts);
}

export const reports = section(byReport(reportSection)).refine(
  (given) => reportNames.some((name) => given[name].inUse !== false),
  { error: 'at least one report with inUse: true' },
);
