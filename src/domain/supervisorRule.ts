/** A rule of one agency, `supervisors` in pipeline.yaml: which QP an authorization counts for. */
export interface SupervisorRule {
  /** The QP that the moved authorizations count for. */
  readonly lincsQp: string;
  /** The QP whose authorizations keep their QP. */
  readonly deepCreekQp: string;
}
