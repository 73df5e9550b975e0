/** What a portal's files are like, where they aren't of the plain form; pipeline.yaml, reports.<name>.file. */
export interface FileForm {
  /** Lines of other text, such as a title or `sep=,`, that stand before the header in every file. */
  readonly linesBeforeHeader: number;
  /** False of a portal that never ends the last line of a file. */
  readonly lastLineEnded: boolean;
  /** `accounting` reads `$ -` as zero, as spreadsheets show it. */
  readonly amounts: 'plain' | 'accounting';
}

export const plainFile: FileForm = { linesBeforeHeader: 0, lastLineEnded: true, amounts: 'plain' };
