import { setTimeout as sleep } from 'node:timers/promises';
import { configPath, loginKey, nameKey, readPipelineConfig } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import type { NamedLock } from '../warehouse/namedLock.ts';
import { loginNames } from '../warehouse/portalLogins.ts';
import { takeLogin } from '../wiring/portalLoginQueue.ts';
import { portalsInUse } from '../wiring/portals.ts';
import { withWarehouse } from './connections.ts';
import { interruptible } from './interruptible.ts';
import { print, type OutputOptions } from './output.ts';

/** An export in progress ends within an hour, and its worker then hands the login to the next in line. */
const patienceSeconds = 60 * 60;

/**
 * Takes the login of every portal as an export does, so that no run signs in until the command is interrupted or
 * the time is up.
 */
export async function holdPortal(options: OutputOptions & { readonly minutes: number }): Promise<void> {
  const { minutes } = options;
  // With --json, stdout holds the answer alone.
  const say = (line: string) => (options.json === true ? console.error(line) : console.log(line));
  await withWarehouse((warehouse) =>
    interruptible(async (interrupted) => {
      const held: NamedLock[] = [];
      try {
        await takeLogins(warehouse, held, { signal: interrupted, say });
        say(
          `no run signs in for ${String(minutes)} minutes, or until Ctrl-C: change the password at the portal, then in the file that every worker reads`,
        );
        const lost = held.map((each) => each.lost);
        await sleep(minutes * 60_000, undefined, { signal: AbortSignal.any([interrupted, ...lost]) }).catch(
          () => undefined,
        );
        if (lost.some(({ aborted }) => aborted)) throw notHeld();
      } finally {
        await Promise.all(held.map((each) => each.release()));
      }
      print(options, { released: held.length }, () => 'runs sign in again');
    }),
  );
}

async function takeLogins(
  warehouse: Warehouse,
  held: NamedLock[],
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  const secrets = { loginKey: loginKey(), nameKey: nameKey() };
  for (const { settings } of portalsInUse(readPipelineConfig(configPath()))) {
    const names = loginNames({ url: settings.url, user: settings.user, password: '', recipe: '' }, secrets);
    let isSaid = false;
    const onWait = () => {
      if (!isSaid) say('a run uses the login: waiting until its export has ended');
      isSaid = true;
    };
    held.push(await takeLogin(warehouse, names, { signal, timeoutSeconds: patienceSeconds, onWait }));
  }
}

function notHeld(): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'The login is no longer held: runs sign in again.', {
    hint: 'If the password is not changed everywhere yet, hold the login again.',
  });
}
