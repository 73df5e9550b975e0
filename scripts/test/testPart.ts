/** A real part that tests need. `temporalCli` is the binary; `temporalServer` is one that runs for all tests. */
export type TestPart =
  | 'temporalCli'
  | 'temporalServer'
  | 'tctl'
  | 'database'
  | 'browser'
  | 'sshd'
  | 'objectStore';
