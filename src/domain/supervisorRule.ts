/** A rule of one agency, `supervisors` in pipeline.yaml: which QP an authorization counts for. */
export interface SupervisorRule {
  /** The QP that the moved authorizations count for. */
  readonly lincsQp: string;
  /** The QP whose authorizations keep their QP. */
  readonly deepCreekQp: string;
}

/**
 * The supervisor rule: `DS` services that PARTNERS does not pay count for the LINCS QP, unless the Deep Creek QP
 * supervises them. Exact case; `rawServiceCode` still has its effective date.
 */
export function supervisingQp(
  authorization: { rawServiceCode: string; payer: string | null; qp: string | null },
  rule: SupervisorRule | undefined,
): string | null {
  if (rule === undefined) return authorization.qp;
  const moves =
    authorization.rawServiceCode.includes('DS') &&
    !(authorization.payer ?? '').includes('PARTNERS') &&
    authorization.qp !== rule.deepCreekQp;
  return moves ? rule.lincsQp : authorization.qp;
}
