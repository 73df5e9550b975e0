import type { Readable } from 'node:stream';
import type { RunIdentity } from './runIdentity.ts';

/**
 * What one step passes to the next: where a file is and what it must contain. Small enough for Temporal's history, and
 * safe there, since it holds no row.
 */
export interface ArtifactRef {
  /**
   * Names the file in the artifact store: its run, the step that made it and the first 12 digits of `sha256`, e.g.
   * `artifact:notes/2026-10-01..2026-10-15/<run id>/clean-1a2b3c4d5e6f-rows.tsv`.
   */
  readonly uri: string;
  /** Hex digest of the file's bytes. */
  readonly sha256: string;
  readonly bytes: number;
  /** Records in the file, without a header line. */
  readonly rows: number;
}

/** What a file is for: its run, the step that makes it, and its content. */
export interface ArtifactPlace {
  readonly run: RunIdentity;
  /** The activity to run again if the file is lost. */
  readonly step: string;
  /** Name and extension, e.g. `rows.tsv`. */
  readonly file: string;
}

/** A file being written. It appears under its name only once committed, complete and on disk. */
export interface ArtifactSink {
  /** Adds text; a promise means that the disk is behind, and it must be awaited. */
  add(text: string | Buffer): Promise<void> | undefined;
  commit(rows: number): Promise<ArtifactRef>;
  discard(): Promise<void>;
}

export interface ArtifactStore {
  create(place: ArtifactPlace): Promise<ArtifactSink>;
  /**
   * The file's bytes. The stream fails with ArtifactMissing at its end if they are not the bytes of the reference, so
   * nothing made from them may be kept before the end.
   */
  open(ref: ArtifactRef): Promise<Readable>;
  /** All files of runs, in pages, in no order. One that is written or removed meanwhile may be in it. */
  list(): AsyncIterable<readonly StoredFile[]>;
  /** Removes a file for good; does nothing if it is not there. */
  remove(uri: string): Promise<void>;
}

/** A file as the store holds it. */
export interface StoredFile {
  readonly uri: string;
  /** As stored. */
  readonly bytes: number;
  readonly writtenAt: Date;
}

/** A file that somebody handed in, on this machine until it is released. */
export interface InboxFile {
  /** From its beginning, each time. */
  read(): Readable;
  release(): Promise<void>;
}

/** A private folder on the worker's disk, for data that does not fit into memory. */
export interface Scratch {
  append(file: string, text: string): Promise<void>;
  /** The whole text of a file that was appended to. It takes no more text then, and is read once. */
  read(file: string): Promise<string>;
  /** Removes the folder and its contents. */
  remove(): Promise<void>;
}
