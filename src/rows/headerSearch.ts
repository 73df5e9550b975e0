import { isHeader } from './exportHeader.ts';
import { PipelineError } from '../domain/failures.ts';
import type { ReportName } from '../reports/index.ts';
import type { Rules } from '../domain/rules.ts';

/** A title, filters and blank lines before a header take a few lines. */
const linesLookedAt = 50;

const separators = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' } as const;

interface FoundHeader {
  readonly line: number;
  readonly separator: keyof typeof separators;
}

/** Finds the report's header near the beginning of a file, whatever separates its cells. */
function findHeader(beginning: string, report: ReportName, rules: Rules): FoundHeader | undefined {
  const lines = beginning.split('\n', linesLookedAt);
  for (const [index, line] of lines.entries()) {
    for (const separator of Object.keys(separators) as (keyof typeof separators)[]) {
      const headings = line.split(separator).map((heading) => heading.trim().replaceAll('"', ''));
      if (isHeader(report, headings, rules)) return { line: index + 1, separator };
    }
  }
  return undefined;
}

/** The failures that a header in another place can cause. */
const headerFailures: ReadonlySet<string> = new Set(['ExportWrongReport', 'SchemaDrift', 'ExportNotCsv']);

/**
 * The failure to throw if an export could not be read: it names the header's actual place, if that is not the expected
 * one.
 */
export function withHeaderPlace(
  error: unknown,
  { beginning, firstLine }: { readonly beginning: string; readonly firstLine: number },
  report: ReportName,
  rules: Rules,
): unknown {
  if (!(error instanceof PipelineError) || !headerFailures.has(error.type)) return error;
  const found = findHeader(beginning, report, rules);
  if (found === undefined || (found.line === firstLine && found.separator === ',')) return error;
  const { line, separator } = found;
  const where = `the header of the ${report} report stands in line ${String(line)} of the file`;
  const [message, hint] =
    separator === ','
      ? [`${where}, and was looked for in line ${String(firstLine)}`, skipLines(report, line - 1)]
      : [
          `${where}, with ${separators[separator]} between its cells and not commas`,
          'Have the portal export with commas, or save the file so, and run the period again.',
        ];
  return new PipelineError(error.type, message, {
    hint,
    details: { line, separator: separators[separator] },
    cause: error,
  });
}

function skipLines(report: ReportName, lines: number): string {
  return `If all files of this portal are so, set reports.${report}.file.linesBeforeHeader: ${String(lines)} in pipeline.yaml; else take those lines out of the file.`;
}
