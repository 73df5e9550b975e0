import type { Readable } from 'node:stream';
import { Context } from '@temporalio/activity';
import type { ArtifactRef } from '../domain/artifacts.ts';
import type { PublishResult, RejectedRow, UnknownService } from '../domain/publication.ts';
import { decodeTsv, type TsvCell } from '../domain/tsv.ts';
import { readLines } from './lines.ts';
import type { Ports } from './ports.ts';
import { assertSameRules } from './rules.ts';
import type { Made, StepInput } from './steps.ts';

/** Replaces the period in the tables by what the steps made, all or nothing. */
export function createLoad({
  settings,
  artifacts,
  warehouse,
}: Pick<Ports, 'settings' | 'artifacts' | 'warehouse'>) {
  return async function load({ run, made }: StepInput & { made: Made }): Promise<PublishResult> {
    assertSameRules({ step: 'clean', rulesSha256: made.categorize.rulesSha256 }, settings.rulesSha256);
    const context = Context.current();
    const lines = async function* (ref: ArtifactRef): AsyncGenerator<TsvCell[]> {
      for await (const line of readLines(await artifacts.open(ref))) yield decodeTsv(line);
    };
    const unknownServices: UnknownService[] = [];
    for await (const [code, rows, dollars] of lines(made.aggregate.unknownServices)) {
      unknownServices.push({ code: code!, rows: Number(rows), dollars: dollars ?? null });
    }
    const rows: Readable = await artifacts.open(made.categorize.rows);
    return (
      warehouse
        .publish({
          run,
          versions: {
            exportSha256: made.export.sha256,
            rulesSha256: settings.rulesSha256,
            codeVersion: settings.codeVersion,
          },
          counts: {
            accounting: made.clean.accounting,
            movedToLincs: made.clean.movedToLincs,
            warnings: warningsOf(made),
          },
          unknownServices,
          openRows: () => rows,
          expected: { rows: made.categorize.rows.rows, sums: made.aggregate.sums },
          rollups: () => lines(made.aggregate.rollups),
          rejected: () => rejectedRows(lines(made.clean.rejected)),
          onProgress: (doing, records) => context.heartbeat({ doing, records }),
          signal: context.cancellationSignal,
        })
        // An unchanged period leaves the file unread.
        .finally(() => rows.destroy())
    );
  };
}

function warningsOf({ clean, categorize, aggregate }: Made): Record<string, number> {
  const counted = {
    ...categorize.warnings,
    'unknown-service': aggregate.unknownRows,
    'extra-column': clean.extraColumns,
  };
  return Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0));
}

async function* rejectedRows(lines: AsyncIterable<TsvCell[]>): AsyncGenerator<RejectedRow> {
  for await (const [line, column, rule, reason] of lines) {
    yield { sourceLine: Number(line), column: column!, rule: rule!, reason: reason! };
  }
}
