import { PipelineError } from '../domain/failures.ts';
import type { FileForm } from '../domain/fileForm.ts';
import { openArchive, type Archive } from './archive.ts';
import type { ExportRecord } from './exportRecord.ts';
import { dateStyles } from './sheetCells.ts';
import { SheetReader } from './sheetReader.ts';
import { notWorkbook, parseXml, type XmlReader } from './xml.ts';

/**
 * Reads a sheet of an Excel workbook (XLSX) in blocks of records, the header first. A record's line is the sheet's row.
 * Numbers are read as the digits in the file, never as binary fractions.
 * @throws PipelineError ExportNotCsv if it is no such workbook, ExportWrongReport if it has no such sheet
 */
export async function* readWorkbook(
  source: AsyncIterable<Buffer>,
  { sheet, linesBeforeHeader }: Pick<FileForm, 'sheet' | 'linesBeforeHeader'>,
): AsyncGenerator<readonly ExportRecord[]> {
  const archive = await openArchive(source);
  const parts = await findParts(archive);
  const { part, system } = await findSheet(archive, parts, sheet);
  const texts = await sharedTexts(archive, parts.byType.get('sharedStrings'));
  const styles = await readStyles(archive, parts.byType.get('styles'));
  const reader = new SheetReader({ texts, styles, system, linesBeforeHeader });
  yield* parseXml(partOf(archive, part), reader, () => reader.take());
}

const folder = 'xl/';

function partOf(archive: Archive, name: string): AsyncGenerator<Buffer> {
  if (!archive.names.includes(name)) throw notWorkbook('a part of it is missing');
  return archive.read(name);
}

async function read(chunks: AsyncIterable<Buffer>, reader: XmlReader): Promise<void> {
  // Nothing is passed on, so that this reads to the end.
  await parseXml(limited(chunks), reader, () => undefined).next();
}

/** Of a part that is kept in memory, unlike a sheet. */
const mostPartBytes = 256 * 1024 * 1024;

async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > mostPartBytes) throw notWorkbook('a part of it is too large');
    yield chunk;
  }
}

/** Where the parts of the workbook are in the archive. */
interface Parts {
  readonly byId: ReadonlyMap<string, string>;
  /** By the last word of their type, such as `styles`. */
  readonly byType: ReadonlyMap<string, string>;
}

async function findParts(archive: Archive): Promise<Parts> {
  const byId = new Map<string, string>();
  const byType = new Map<string, string>();
  await read(partOf(archive, `${folder}_rels/workbook.xml.rels`), {
    ...ignored,
    open: (name, { Id: id = '', Type: type = '', Target: target = '' }) => {
      if (name !== 'Relationship') return;
      byId.set(id, placeOf(target));
      byType.set(type.slice(type.lastIndexOf('/') + 1), placeOf(target));
    },
  });
  return { byId, byType };
}

async function findSheet(
  archive: Archive,
  { byId }: Parts,
  wanted: string,
): Promise<{ readonly part: string; readonly system: 1900 | 1904 }> {
  const sheets: { name: string; id: string }[] = [];
  const found = { system: 1900 as 1900 | 1904 };
  await read(partOf(archive, `${folder}workbook.xml`), {
    ...ignored,
    open: (name, attributes) => {
      if (name === 'workbookPr' && isOn(attributes['date1904'])) found.system = 1904;
      if (name !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      sheets.push({ name: attributes['name'] ?? '', id });
    },
  });
  const sheet = wanted === '' ? sheets[0] : sheets.find(({ name }) => name === wanted);
  if (sheet === undefined) throw noSheet(wanted, sheets.length);
  return { part: byId.get(sheet.id) ?? '', system: found.system };
}

/** A target counts from the folder of the workbook, or from the archive's root. */
function placeOf(target: string): string {
  return target.startsWith('/') ? target.slice(1) : `${folder}${target}`;
}

function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

function noSheet(wanted: string, sheets: number): PipelineError {
  return new PipelineError(
    'ExportWrongReport',
    `the workbook has ${String(sheets)} sheets, and none is called "${wanted}"`,
    { hint: 'Look at the setting sheet of the report in pipeline.yaml.', details: { sheets } },
  );
}

const ignored: XmlReader = { open: () => undefined, close: () => undefined, text: () => undefined };

/** Letters of all different texts together. Names and codes repeat, so that a million rows have far fewer. */
const mostSharedLetters = 64 * 1024 * 1024;

/** What a text takes besides. */
const lettersPerText = 16;

async function sharedTexts(archive: Archive, part: string | undefined): Promise<readonly string[]> {
  if (part === undefined) return [];
  const texts: string[] = [];
  const current = { text: '', isText: false, isReading: false };
  let letters = 0;
  await read(partOf(archive, part), {
    open: (name) => {
      if (name === 'si') current.text = '';
      if (name === 'rPh') current.isReading = true;
      current.isText = name === 't' && !current.isReading;
    },
    text: (text) => {
      if (current.isText) current.text += text;
    },
    close: (name) => {
      current.isText = false;
      if (name === 'rPh') current.isReading = false;
      if (name !== 'si') return;
      letters += current.text.length + lettersPerText;
      if (letters > mostSharedLetters) throw notWorkbook('it has too many different texts');
      texts.push(current.text);
    },
  });
  return texts;
}

/** Whether each cell style shows a number as a date. */
async function readStyles(archive: Archive, part: string | undefined): Promise<readonly boolean[]> {
  if (part === undefined) return [];
  const codes = new Map<number, string>();
  const ids: number[] = [];
  let isCellStyles = false;
  await read(partOf(archive, part), {
    ...ignored,
    open: (name, attributes) => {
      const id = Number(attributes['numFmtId'] ?? 0);
      if (name === 'numFmt') codes.set(id, attributes['formatCode'] ?? '');
      if (name === 'cellXfs') isCellStyles = true;
      if (name === 'xf' && isCellStyles) ids.push(id);
    },
    close: (name) => {
      if (name === 'cellXfs') isCellStyles = false;
    },
  });
  return dateStyles(ids, codes);
}
