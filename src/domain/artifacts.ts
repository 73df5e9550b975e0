/**
 * What one step hands to the next: where a file is and what must be in it. Small enough for Temporal's
 * history, and safe there, since it holds no row.
 */
export interface ArtifactRef {
  /** Names the file in the artifact store, e.g. `artifact:notes/2026-10-01..2026-10-15/<run>/clean-1a2b3c4d.tsv`. */
  readonly uri: string;
  /** Hex digest of the file's bytes. */
  readonly sha256: string;
  readonly bytes: number;
  /** Records in the file, a header line not counted. */
  readonly rows: number;
}
