import { PipelineError } from '../domain/failures.ts';
import type { FileForm } from '../domain/fileForm.ts';
import { openArchive, type Archive } from './archive.ts';
import type { ExportRecord } from './exportRecord.ts';
import { dateStyles } from './sheetCells.ts';
import { SheetReader, type SheetTerms } from './sheetReader.ts';
import { notWorkbook, parseXml, type XmlReader } from './xml.ts';

/**
 * Reads a sheet of an Excel workbook (XLSX) in blocks of records, the header first. A record's line is the sheet's row.
 * Numbers are read as the digits in the file, never as binary fractions. Without a name, it is the first sheet that can
 * be seen, and no other may have rows.
 * @throws PipelineError ExportNotCsv if it is no such workbook, ExportWrongReport if it has no such sheet or several
 */
export async function* readWorkbook(
  source: AsyncIterable<Buffer>,
  { sheet, linesBeforeHeader }: Pick<FileForm, 'sheet' | 'linesBeforeHeader'>,
): AsyncGenerator<readonly ExportRecord[]> {
  const archive = await openArchive(source);
  const parts = await findParts(archive);
  const { part, others, system } = await findSheet(archive, parts, sheet);
  const texts = await sharedTexts(archive, parts.byType.get('sharedStrings'));
  const styles = await readStyles(archive, parts.byType.get('styles'));
  const terms = { texts, styles, system, linesBeforeHeader };
  let header: ExportRecord | undefined;
  for await (const records of recordsIn(archive, part, terms)) {
    if (header === undefined) {
      [header] = records;
      // A lone cell is a title.
      const looked = header!.cells.length === 1 ? [] : others;
      for (const other of looked) await assertNoRows(lookedAt(archive, other.part, terms), header!, other);
    }
    yield records;
  }
}

function recordsIn(
  archive: Archive,
  part: string,
  terms: SheetTerms,
): AsyncGenerator<readonly ExportRecord[]> {
  const reader = new SheetReader(terms);
  return parseXml(partOf(archive, part), reader, () => reader.take());
}

/** The first blocks of a sheet, whose first rows may be any. A chunk without rows is an empty block. */
function lookedAt(
  archive: Archive,
  part: string,
  terms: SheetTerms,
): AsyncGenerator<readonly ExportRecord[]> {
  const reader = new SheetReader({ ...terms, linesBeforeHeader: 0 });
  return parseXml(partOf(archive, part), reader, () => reader.take() ?? []);
}

/** Titles and filters above a header take a few rows. */
const rowsLookedAt = 50;

/** A chunk holds some dozen rows, unless they are blank. */
const chunksLookedAt = 16;

/** A sheet of filters or explanations has names and values side by side. */
const mostCellsOfOtherSheet = 2;

/** A part of the report may stand on another sheet, with its header, another one or none. */
async function assertNoRows(
  blocks: AsyncIterable<readonly ExportRecord[]>,
  { cells: header }: ExportRecord,
  other: OtherSheet,
): Promise<void> {
  const most = Math.min(mostCellsOfOtherSheet, header.length - 1);
  let [rows, chunks] = [0, 0];
  for await (const records of blocks) {
    const looked = records.slice(0, rowsLookedAt - rows);
    if (looked.some(({ cells }) => cells.filter((cell) => cell.trim() !== '').length > most)) {
      throw rowsOnOtherSheet(other);
    }
    rows += records.length;
    chunks += 1;
    if (rows >= rowsLookedAt || chunks >= chunksLookedAt) return;
  }
}

/** Programs name sheets so. Any other name may be a person's. */
const usualName = /^(?:sheet|page|part|export|report|data|table|results?)[ _-]?\(?\d{0,4}\)?$/i;

function rowsOnOtherSheet({ name, number }: OtherSheet): PipelineError {
  const which = `sheet ${String(number)}${usualName.test(name) ? ` ("${name}")` : ''}`;
  return new PipelineError(
    'ExportWrongReport',
    `${which} of the workbook has rows too, and no setting says which sheet is the report`,
    {
      hint: 'If the portal splits the report over several sheets, have it export into one. If one sheet alone is the report, name it in pipeline.yaml: under reports, in the setting file of the report, sheet: "its name".',
      details: { sheet: number },
    },
  );
}

const folder = 'xl/';

function partOf(archive: Archive, name: string): AsyncGenerator<Buffer> {
  if (!archive.names.includes(name)) throw notWorkbook('a part of it is missing');
  return archive.read(name);
}

async function read(chunks: AsyncIterable<Buffer>, reader: XmlReader): Promise<void> {
  // Nothing is passed on, so that this reads to the end.
  await parseXml(chunks, reader, () => undefined).next();
}

/** Limit of a workbook's list of texts, which is kept in memory. */
const mostTextBytes = 256 * 1024 * 1024;

/** Limit of each list of parts, sheets or styles. */
const mostIndexBytes = 16 * 1024 * 1024;

const mostSheets = 1_000;

/** The format's own limit. */
const mostStyles = 65_490;

async function* limited(chunks: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > most) throw notWorkbook('a part of it is too large');
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
  await read(limited(partOf(archive, `${folder}_rels/workbook.xml.rels`), mostIndexBytes), {
    ...ignored,
    open: (name, { Id: id = '', Type: type = '', Target: target = '' }) => {
      if (name !== 'Relationship') return;
      if (byId.has(id)) throw notWorkbook('two parts of it have the same number');
      byId.set(id, placeOf(target));
      byType.set(type.slice(type.lastIndexOf('/') + 1), placeOf(target));
    },
  });
  return { byId, byType };
}

interface Sheet {
  readonly name: string;
  readonly id: string;
  readonly isVisible: boolean;
}

interface OtherSheet {
  readonly name: string;
  /** From 1, as the person sees them. */
  readonly number: number;
  readonly part: string;
}

interface FoundSheet {
  readonly part: string;
  /** Where the sheet was not named: the others that can be seen. */
  readonly others: readonly OtherSheet[];
  readonly system: 1900 | 1904;
}

async function findSheet(archive: Archive, { byId }: Parts, wanted: string): Promise<FoundSheet> {
  const sheets: Sheet[] = [];
  const found = { system: 1900 as 1900 | 1904 };
  await read(limited(partOf(archive, `${folder}workbook.xml`), mostIndexBytes), {
    ...ignored,
    open: (name, attributes) => {
      if (name === 'workbookPr' && isOn(attributes['date1904'])) found.system = 1904;
      if (name !== 'sheet') return;
      if (sheets.length === mostSheets) throw notWorkbook('it has too many sheets');
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      const isVisible = (attributes['state'] ?? 'visible') === 'visible';
      sheets.push({ name: attributes['name'] ?? '', id, isVisible });
    },
  });
  const fitting = sheets.flatMap(({ name, id, isVisible }, index) =>
    (wanted === '' ? isVisible : name === wanted)
      ? [{ name, number: index + 1, part: byId.get(id) ?? '' }]
      : [],
  );
  const [sheet, ...others] = fitting;
  if (sheet === undefined) throw noSheet(wanted, sheets.length);
  return { part: sheet.part, others: wanted === '' ? others : [], system: found.system };
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
    `the workbook has ${String(sheets)} sheets, and none ${wanted === '' ? 'can be seen' : `is called "${wanted}"`}`,
    { hint: 'Look at the setting sheet of the report in pipeline.yaml.', details: { sheets } },
  );
}

const ignored: XmlReader = { open: () => undefined, close: () => undefined, text: () => undefined };

/** Characters of all different texts together. Names and codes repeat, so that a million rows have far fewer. */
const mostSharedCharacters = 64 * 1024 * 1024;

/** Overhead of each text. */
const charactersPerText = 16;

async function sharedTexts(archive: Archive, part: string | undefined): Promise<readonly string[]> {
  if (part === undefined) return [];
  const texts: string[] = [];
  const current = { text: '', isText: false, isReading: false };
  let characters = 0;
  await read(limited(partOf(archive, part), mostTextBytes), {
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
      characters += current.text.length + charactersPerText;
      if (characters > mostSharedCharacters) throw notWorkbook('it has too many different texts');
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
  await read(limited(partOf(archive, part), mostIndexBytes), {
    ...ignored,
    open: (name, attributes) => {
      const id = Number(attributes['numFmtId'] ?? 0);
      if (name === 'numFmt') codes.set(id, attributes['formatCode'] ?? '');
      if (name === 'cellXfs') isCellStyles = true;
      if (name !== 'xf' || !isCellStyles) return;
      if (ids.length === mostStyles) throw notWorkbook('it has too many cell styles');
      ids.push(id);
    },
    close: (name) => {
      if (name === 'cellXfs') isCellStyles = false;
    },
  });
  return dateStyles(ids, codes);
}
