import type { LoginGuard } from '../portal/login.ts';
import { LoginBusy } from '../portal/loginQueue.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import type { LoginSecrets } from '../warehouse/portalLogins.ts';
import { loginAccess } from './portalLoginQueue.ts';

/** Where it is known whether the login is free, and whether its password was refused. */
export interface GuardedLogin {
  readonly warehouse: Warehouse;
  readonly secrets: LoginSecrets;
}

export interface HeldLogin {
  readonly guard: LoginGuard;
  /** Aborted if the turn is lost. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
}

/** A run may need the login for an hour; a person at a terminal would rather come back. */
const busySeconds = 20;
/** As for doctor: the next submission without an answer belongs to a run. */
const submissionLimit = { unresolved: 1 };

/**
 * Takes the login's turn for a person at a terminal; without a database there is none to take.
 * @throws PipelineError if the login is blocked, LoginBusy if it is in use
 */
export async function holdLogin(
  login: GuardedLogin | undefined,
  parts: Pick<Parameters<typeof loginAccess>[0], 'settings' | 'recipe'>,
  signal: AbortSignal,
): Promise<HeldLogin> {
  if (login === undefined) return withoutDatabase;
  const { refuseBlocked, takeTurn, beforePasswordSubmit, afterLogin } = loginAccess({
    ...login,
    ...parts,
    submissionLimit,
  });
  await refuseBlocked();
  const busy = new AbortController();
  const turn = await takeTurn({
    signal: AbortSignal.any([signal, busy.signal]),
    onWait: (seconds) => {
      if (seconds >= busySeconds)
        busy.abort(new LoginBusy('The portal login is in use, by a run or a doctor.'));
    },
  });
  return { guard: { beforePasswordSubmit, afterLogin }, lost: turn.lost, release: () => turn.release() };
}

const withoutDatabase: HeldLogin = {
  guard: { beforePasswordSubmit: async () => {}, afterLogin: async () => {} },
  lost: new AbortController().signal,
  release: async () => {},
};
