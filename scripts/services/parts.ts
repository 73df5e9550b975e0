/** What the set-up found, and how the run reaches it. */
export interface Parts {
  /** A running server that the environment names; undefined: start one of our own with `temporalCli`. */
  readonly temporalAddress: string | undefined;
  /** Path of the `temporal` binary. */
  readonly temporalCli: string | undefined;
  readonly database: DatabasePart | undefined;
  /** Path of a Chromium. */
  readonly browser: string | undefined;
  /** Path of Chromium's headless shell; undefined where `browser` has to do its work. */
  readonly headlessShell: string | undefined;
  /** Path of tctl 1.18. */
  readonly tctl: string | undefined;
  /** Path of OpenSSH's sshd. */
  readonly sshd?: string | undefined;
  /** Path of versitygw, a small S3 server. */
  readonly objectStore: string | undefined;
  /** Paths of Temporal's server of production and of the tool that makes its tables. */
  readonly temporalServer?: { readonly server: string; readonly sqlTool: string } | undefined;
}

export type DatabasePart =
  /** A running server that the environment names. */
  | { readonly kind: 'url'; readonly url: string }
  /** A mysqld or mariadbd to run privately. */
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'docker' };

/** A service that this program started and has to stop. */
export interface Running {
  readonly pid: number;
  /** Ends it and waits for its end. Safe to call twice. */
  readonly stop: () => Promise<void>;
}
