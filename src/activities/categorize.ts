import { categorizeRow } from '../domain/categorize.ts';
import { yearMonth } from '../domain/periods.ts';
import { categorizedRowCodec, cleanRowCodec } from '../domain/rowFiles.ts';
import { countWarnings } from '../domain/warnings.ts';
import { beatPerRecords } from './heartbeats.ts';
import { readLines } from './lines.ts';
import type { Ports } from './ports.ts';
import { assertSameRules } from './rules.ts';
import type { CategorizeMade, CleanMade, StepInput } from './steps.ts';
import { writeArtifact } from './storeFile.ts';

/** Adds to every clean row its group, its name codes and keys, and what is computed from the row alone. */
export function createCategorize({
  settings,
  artifacts,
  nameKey,
}: Pick<Ports, 'settings' | 'artifacts' | 'nameKey'>) {
  return async function categorize({
    run,
    clean,
  }: StepInput & { clean: CleanMade }): Promise<CategorizeMade> {
    assertSameRules({ step: 'clean', rulesSha256: clean.rulesSha256 }, settings.rulesSha256);
    const { report } = run;
    const terms = { rules: settings.rules, ym: yearMonth(run.period), nameKey };
    const from = cleanRowCodec(report);
    const to = categorizedRowCodec(report);
    const warnings: Record<string, number> = {};
    const sink = await artifacts.create({ run, step: 'categorize', file: 'rows.tsv' });
    return writeArtifact([sink], async () => {
      const beat = beatPerRecords('categorizing');
      let rows = 0;
      for await (const line of readLines(await artifacts.open(clean.rows))) {
        const { row, warnings: found } = categorizeRow(report, from.decode(line), terms);
        countWarnings(warnings, found);
        await sink.add(to.encode(row));
        rows += 1;
        await beat();
      }
      const { rulesSha256, codeVersion } = settings;
      return { rows: await sink.commit(rows), warnings, rulesSha256, codeVersion };
    });
  };
}
