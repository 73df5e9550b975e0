import { createCategorizer } from '../rows/categorizer.ts';
import { LineWriter } from '../rows/lineWriter.ts';
import { createNameLabels } from '../rows/nameLabels.ts';
import { yearMonth } from '../domain/periods.ts';
import { categorizedRowWriter, cleanRowReader } from '../rows/rowFiles.ts';
import { reports } from '../reports/index.ts';
import { countWarnings } from '../domain/warnings.ts';
import { beatPerRecords } from './parts/heartbeats.ts';
import { readRowBlocks } from '../rows/lines.ts';
import type { Ports } from '../ports.ts';
import { assertSameRules } from './parts/assertSameRules.ts';
import type { CategorizeMade, CleanMade, StepInput } from './contracts.ts';
import { writeArtifact } from './parts/storeFile.ts';

/** Adds to every clean row its group, its name codes and keys, and the columns derived from the row alone. */
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
    const report = reports[run.report];
    const categorizeRow = createCategorizer(report, {
      rules: settings.rules,
      ym: yearMonth(run.period),
      labelsOf: createNameLabels(nameKey),
    });
    const { width, rowOf } = cleanRowReader(report);
    const write = categorizedRowWriter(report);
    const out = new LineWriter();
    const warnings: Record<string, number> = {};
    const sink = await artifacts.create({ run, step: 'categorize', file: 'rows.tsv' });
    return writeArtifact([sink], async () => {
      const beat = beatPerRecords('categorizing');
      let rows = 0;
      for await (const lines of readRowBlocks(await artifacts.open(clean.rows), width)) {
        for (const cells of lines) {
          const added = categorizeRow(rowOf(cells));
          countWarnings(warnings, added.warnings);
          write(out, cells, added);
        }
        await sink.add(out.take());
        rows += lines.length;
        await beat(lines.length);
      }
      const { rulesSha256, codeVersion } = settings;
      return { rows: await sink.commit(rows), warnings, rulesSha256, codeVersion };
    });
  };
}
