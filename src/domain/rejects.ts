/** Rows rejected for the same reason in the same column. */
export interface RejectKind {
  readonly column: string;
  readonly rule: string;
  readonly rows: number;
}

/** Rows of one status: the loaded ones, and the rejected ones that certainly or possibly have it. */
export interface StatusDoubt {
  readonly status: string;
  readonly loaded: number;
  readonly sure: number;
  readonly possible: number;
}

/** What the gates check of the rejected rows. Names no one. */
export interface RejectCounts {
  /** Most rows first, at most twenty. */
  readonly kinds: readonly RejectKind[];
  /** Empty in reports whose rows have no status. */
  readonly statuses: readonly StatusDoubt[];
  /** What the file looks like and which settings would read it, if that is another form than the configured one. */
  readonly form?: string;
}
