import { PipelineError } from '../domain/failures.ts';
import { CellsReader } from './cellsReader.ts';
import { isAsciiInPlace, widthOf, type ExportRecord } from './exportRecord.ts';
import { windows1252High } from './windows1252.ts';

/** A continuation byte of UTF-8 (0x80 to 0xBF), read as Latin-1 or as Windows-1252. */
const following = `[\\u0080-\\u00bf${windows1252High}]`;

/**
 * UTF-8 that was read as Latin-1 or Windows-1252. Of the two-byte characters only those of Latin alphabets (U+0080 to
 * U+017F): their first byte shows as \u00c2, \u00c3, \u00c4 or \u00c5. With more of them \u00daS with a caron, as in a
 * Slovak first name, would count as one.
 */
const encodedTwice = new RegExp(
  `[\\u00c2-\\u00c5]${following}|[\\u00e0-\\u00ef]${following}{2}|[\\u00f0-\\u00f4]${following}{3}`,
);

/** Whether a text shows that it was encoded twice. A name in such a cell would be another person's. */
export function isEncodedTwice(cell: string): boolean {
  return encodedTwice.test(cell);
}

type Kind = 'ascii' | 'sound' | 'broken';

function kindOf(cell: string): Kind {
  if (!beyondAscii.test(cell)) return 'ascii';
  return isEncodedTwice(cell) ? 'broken' : 'sound';
}

const beyondAscii = /[^\0-\x7f]/;

/**
 * Counts the non-ASCII cells of an export, and those of them that were encoded twice. A portal that breaks an export
 * breaks all of them; a single name that the portal itself stores so is no fault of the export, however many rows
 * contain it.
 */
export class EncodingCheck {
  readonly #cells = new CellsReader((cell) => ({ kind: kindOf(cell), cell }));
  #sound = 0;
  #broken = 0;
  #firstBroken: string | undefined;
  readonly #isDeclared: boolean;
  #severalTexts: boolean;

  /** @param isDeclared pipeline.yaml names the encoding: one broken text then shows that it names the wrong one */
  constructor({ isDeclared = false }: { readonly isDeclared?: boolean } = {}) {
    this.#isDeclared = isDeclared;
    this.#severalTexts = isDeclared;
  }

  add(record: Pick<ExportRecord, 'cells' | 'inPlace'>): void {
    if (record.inPlace?.ascii === true) return;
    // Called once: such a record makes new texts each time.
    if (record.inPlace === undefined) {
      for (const cell of record.cells) this.#count(kindOf(cell), cell);
      return;
    }
    for (let position = 0; position < widthOf(record); position += 1) {
      if (isAsciiInPlace(record, position)) continue;
      const { kind, cell } = this.#cells.of(record, position);
      this.#count(kind, cell);
    }
  }

  /** @throws PipelineError ExportNotCsv if more of these cells are broken than sound, and not all alike. */
  assertSound(): void {
    if (this.#broken <= this.#sound || !this.#severalTexts) return;
    const counts = `its characters were encoded twice, in ${String(this.#broken)} of the ${String(this.#broken + this.#sound)} cells that have other letters than A to Z`;
    const [what, hint] = this.#isDeclared
      ? [
          'Windows-1252 as pipeline.yaml says',
          'Look at the setting encoding of the report; if it is right, ask the portal vendor about the encoding of exports.',
        ]
      : [
          'in UTF-8 as it should be',
          'Download the export again. If it stays so, ask the portal vendor about the encoding of exports.',
        ];
    throw new PipelineError('ExportNotCsv', `the export is not ${what}: ${counts}`, {
      hint,
      details: { encodedTwice: this.#broken, sound: this.#sound },
    });
  }

  #count(kind: Kind, cell: string): void {
    if (kind === 'sound') this.#sound += 1;
    if (kind !== 'broken') return;
    this.#broken += 1;
    this.#firstBroken ??= cell;
    this.#severalTexts ||= cell !== this.#firstBroken;
  }
}
