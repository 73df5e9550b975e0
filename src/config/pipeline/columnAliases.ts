import { z } from 'zod';
import { columnName } from '../../domain/headings.ts';
import { reports as definitions, type ReportName } from '../../reports/index.ts';
import type { SeeAlso } from '../checkedYaml.ts';
import { exportText } from './kinds.ts';

const headings = z
  .array(exportText('a heading, as text'), { error: 'a list of headings' })
  .min(1, { error: 'at least one heading' })
  .describe('Other headings of this column, compared ignoring case and the number of spaces.')
  .optional();

export function columnAliases(report: ReportName) {
  const columns = definitions[report].exportColumns;
  return z
    .strictObject(Object.fromEntries(columns.map((column) => [column, headings])), {
      error: 'a mapping of columns to lists of other headings, {} for none',
    })
    .superRefine((given, context) => {
      const parent = ['reports', report, 'columnAliases'];
      reportUnclear(placedHeadings(given), { columns, parent }, context);
    })
    .describe('Other headings under which the portal may export a column; {} for none.');
}

interface PlacedHeading {
  readonly heading: string;
  readonly column: string;
  readonly path: (string | number)[];
}

function placedHeadings(given: Readonly<Record<string, readonly string[] | undefined>>): PlacedHeading[] {
  return Object.entries(given).flatMap(([column, list = []]) =>
    list.map((heading, index) => ({ heading, column, path: [column, index] })),
  );
}

/** A heading must lead to exactly one column. */
function reportUnclear(
  placed: readonly PlacedHeading[],
  { columns, parent }: { columns: readonly string[]; parent: string[] },
  context: z.RefinementCtx,
): void {
  const first = new Map<string, PlacedHeading>(
    columns.map((column) => [column, { heading: column, column, path: [] }]),
  );
  for (const { heading, column, path } of placed) {
    const earlier = first.get(columnName(heading));
    if (earlier === undefined) {
      first.set(columnName(heading), { heading, column, path });
      continue;
    }
    const issue = { code: 'custom', path } as const;
    if (earlier.path.length === 0) {
      const message = `a heading that is not itself a column of the report, as ${earlier.column} is`;
      context.addIssue({ ...issue, input: heading, message });
      continue;
    }
    const places =
      earlier.column === column ? `twice under ${column}` : `under ${column} and under ${earlier.column}`;
    const params: SeeAlso = { seeAlso: [...parent, ...earlier.path] };
    context.addIssue({ ...issue, message: `this heading is ${places}; keep one`, params });
  }
}
