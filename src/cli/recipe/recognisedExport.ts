import { createReadStream } from 'node:fs';
import { PipelineError } from '../../domain/failures.ts';
import { fileFormOf, type Rules } from '../../domain/rules.ts';
import { reportNames, reports, type ReportName } from '../../reports/index.ts';
import { openExport } from '../../rows/csv.ts';
import { ExportBytes } from '../../rows/exportBytes.ts';
import { isHeader, readHeader } from '../../rows/exportHeader.ts';

export interface RecognisedExport {
  readonly report: ReportName;
  readonly records: number;
  /** Words of the names in it, in lower case. */
  readonly people: ReadonlySet<string>;
}

/** Shorter ones are initials. */
const shortestWord = 2;

/** Which report a file is; undefined if it is none of ours. */
export async function recognisedExport(path: string, rules: Rules): Promise<RecognisedExport | undefined> {
  for (const report of reportNames) {
    try {
      const found = await readAs(report, path, rules);
      if (found !== undefined) return found;
    } catch (error) {
      // No CSV, or another form than this report's files have.
      if (!(error instanceof PipelineError)) throw error;
    }
  }
  return undefined;
}

async function readAs(report: ReportName, path: string, rules: Rules): Promise<RecognisedExport | undefined> {
  const form = fileFormOf(report, rules);
  const source = createReadStream(path);
  try {
    const { header, blocks } = await openExport(source, new ExportBytes(form), form);
    if (header === undefined || !isHeader(report, header.cells, rules)) return undefined;
    const { positions } = readHeader(report, header.cells, rules);
    const columns = reports[report].people.map(({ column }) => positions[column]!);
    const people = new Set<string>();
    let records = 0;
    for await (const block of blocks) {
      records += block.length;
      for (const { cells } of block) for (const at of columns) addWords(people, cells[at] ?? '');
    }
    return { report, records, people };
  } finally {
    source.destroy();
  }
}

function addWords(words: Set<string>, text: string): void {
  for (const word of text.match(/\p{L}[\p{L}\p{M}]*/gu) ?? []) {
    if (word.length >= shortestWord) words.add(word.toLowerCase());
  }
}
