/** The form of a portal's files, if it is not the plain one; pipeline.yaml, reports.<name>.file. */
export interface FileForm {
  /** Lines of other text, such as a title or `sep=,`, before the header of every file. */
  readonly linesBeforeHeader: number;
  /** False for a portal that never ends the last line of a file. */
  readonly lastLineEnded: boolean;
  /** `accounting` reads `$ -` as zero, as spreadsheets show it. */
  readonly amounts: 'plain' | 'accounting';
}

export const plainFile: FileForm = { linesBeforeHeader: 0, lastLineEnded: true, amounts: 'plain' };
