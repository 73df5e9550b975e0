/** A cell of a row file, decoded; null is NULL. */
export type TsvCell = string | null;

/** The cells of one line of a row file in place, not decoded. */
export interface LineCells {
  readonly bytes: Buffer;
  /** `starts[first + i]` is the start of cell i, one byte after the end of the previous one. */
  readonly starts: Int32Array;
  readonly first: number;
}
