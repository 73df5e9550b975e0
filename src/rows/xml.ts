import { SaxesParser } from 'saxes';
import { PipelineError } from '../domain/failures.ts';
import { longestLine, askForAnother } from './exportBytes.ts';

/** What a part of a workbook is read with. Names come without their prefix. */
export interface XmlReader {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text(text: string): void;
}

/**
 * Parses XML as it comes. `afterChunk` is called between chunks, and what it gives is passed on.
 * @throws PipelineError ExportNotCsv if it is no XML in UTF-8, or has a run of text or a tag longer than any real one
 */
export async function* parseXml<Result>(
  chunks: AsyncIterable<Buffer>,
  reader: XmlReader,
  afterChunk: () => Result | undefined,
): AsyncGenerator<Result> {
  const parser = parserFor(reader);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const runs = new RunLengths();
  for await (const chunk of chunks) {
    runs.add(chunk);
    guarded(() => parser.write(decoder.decode(chunk, { stream: true })));
    const result = afterChunk();
    if (result !== undefined) yield result;
  }
  guarded(() => {
    decoder.decode();
    parser.close();
  });
  const result = afterChunk();
  if (result !== undefined) yield result;
}

/** A workbook's parts have fewer than twenty levels, and the parser keeps each open one. */
const deepest = 100;

function parserFor(reader: XmlReader): SaxesParser {
  const parser = new SaxesParser();
  let depth = 0;
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > deepest) throw notXml();
    reader.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    reader.close(localName(name));
  });
  parser.on('text', (text) => reader.text(text));
  parser.on('cdata', (text) => reader.text(text));
  // No workbook has one, and it could define entities.
  parser.on('doctype', () => {
    throw notXml();
  });
  parser.on('error', () => {
    throw notXml();
  });
  return parser;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function guarded(act: () => void): void {
  try {
    act();
  } catch (error) {
    // The decoder's.
    throw error instanceof TypeError ? notXml() : error;
  }
}

/** The parser keeps a text or a tag until it ends, so that each must end soon. */
class RunLengths {
  readonly #since = { '<': 0, '>': 0 };

  add(chunk: Buffer): void {
    for (const mark of ['<', '>'] as const) {
      const first = chunk.indexOf(mark);
      const run = first === -1 ? chunk.length : first;
      if (this.#since[mark] + run > longestLine) throw notXml();
      this.#since[mark] = first === -1 ? this.#since[mark] + run : chunk.length - 1 - chunk.lastIndexOf(mark);
    }
  }
}

function notXml(): PipelineError {
  return notWorkbook('a part of it is damaged');
}

export function notWorkbook(why: string): PipelineError {
  return new PipelineError('ExportNotCsv', `the export cannot be read as an Excel workbook: ${why}`, {
    hint: askForAnother,
  });
}
