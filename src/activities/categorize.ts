import { categorizeRow } from '../domain/categorize.ts';
import { createNameLabels } from '../domain/nameKeys.ts';
import { yearMonth } from '../domain/periods.ts';
import { categorizedRowWriter, cleanRowReader } from '../domain/rowFiles.ts';
import { countWarnings } from '../domain/warnings.ts';
import { beatPerRecords } from './heartbeats.ts';
import { readLineBlocks } from './lines.ts';
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
    const terms = {
      rules: settings.rules,
      ym: yearMonth(run.period),
      labelsOf: createNameLabels(nameKey),
    };
    const rowOf = cleanRowReader(report);
    const lineOf = categorizedRowWriter(report);
    const warnings: Record<string, number> = {};
    const sink = await artifacts.create({ run, step: 'categorize', file: 'rows.tsv' });
    return writeArtifact([sink], async () => {
      const beat = beatPerRecords('categorizing');
      let rows = 0;
      for await (const lines of readLineBlocks(await artifacts.open(clean.rows))) {
        for (const line of lines) {
          const cells = line.split('\t');
          const { added, warnings: found } = categorizeRow(report, rowOf(cells), terms);
          countWarnings(warnings, found);
          const behind = sink.add(lineOf(cells, added));
          if (behind !== undefined) await behind;
        }
        rows += lines.length;
        await beat(lines.length);
      }
      const { rulesSha256, codeVersion } = settings;
      return { rows: await sink.commit(rows), warnings, rulesSha256, codeVersion };
    });
  };
}
