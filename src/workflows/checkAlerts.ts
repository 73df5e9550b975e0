import { ApplicationFailure, patched, workflowInfo } from '@temporalio/workflow';
import type { ChannelName } from '../domain/alertConditions.ts';
import { forAgency } from './agencyOfRun.ts';
import { alertChecks, notifications } from './activityProxies.ts';
import { knownFailure, workflowFailure } from './runFailure.ts';

export interface AlertRound {
  /** How many conditions messages were sent about: begun, still open, or over. */
  readonly told: number;
}

/**
 * Evaluates the alert conditions once and sends every message that is due. The database records what was sent. It
 * cannot record its own outage: a failed round keeps in its failure which channels were told about that, and the
 * schedule hands the failure to the next round. So this workflow does not use `withRunHandling`, which sets other
 * details; it has no period to show progress of either.
 */
export async function checkAlerts(): Promise<AlertRound> {
  const toldBefore = databaseToldBefore();
  const told = new Map(Object.entries(toldBefore.agencies ?? {}).map(([id, names]) => [id, new Set(names)]));
  const ownTold = new Set(toldBefore.databaseTold);
  let sent = 0;
  try {
    const { channels, agencies = [] } = await alertChecks.planAlerts();
    await inTurn([
      async () => {
        sent += await evaluate(() => Promise.resolve(channels), ownTold);
      },
      ...agencies.map((agency) => async () => {
        const agencyTold = told.get(agency) ?? new Set();
        told.set(agency, agencyTold);
        sent += await forAgency(agency, () => evaluate(planChannels, agencyTold));
      }),
    ]);
    return { told: sent };
  } catch (error) {
    throw handingOn(ownTold, told, workflowFailure(error));
  }
}

async function planChannels(): Promise<readonly ChannelName[]> {
  return (await alertChecks.planAlerts()).channels;
}

/** Sends the alerts of one agency. Returns how many conditions messages were sent about. */
async function evaluate(
  channels: () => Promise<readonly ChannelName[]>,
  databaseTold: Set<ChannelName>,
): Promise<number> {
  const due = await findOrTell(channels, databaseTold);
  await forgetRemoved(channels, databaseTold);
  let told = 0;
  await inTurn([
    ...Array.from(databaseTold, (channel) => () => takeBack(channel, databaseTold)),
    ...due.map((notification) => async () => {
      told += (await notifications.tellAlert(notification)).told;
    }),
  ]);
  return told;
}

/**
 * Finds the notifications that are due. If the database is away, sends the alert about that, once per channel, and
 * throws.
 */
async function findOrTell(channels: () => Promise<readonly ChannelName[]>, databaseTold: Set<ChannelName>) {
  try {
    return (await alertChecks.findAlerts()).tellings;
  } catch (error) {
    if (knownFailure(error).type !== 'WarehouseUnavailable') throw error;
    const untold = (await channels()).filter((channel) => !databaseTold.has(channel));
    await inTurn(
      untold.map((channel) => async () => {
        await notifications.tellDatabase({ channel, event: 'began' });
        databaseTold.add(channel);
      }),
    );
    throw error;
  }
}

/** Forgets channels that are no longer configured: they cannot be told that the database is back. */
async function forgetRemoved(
  channels: () => Promise<readonly ChannelName[]>,
  databaseTold: Set<ChannelName>,
): Promise<void> {
  // Rounds that began before this do without: their order of commands stays.
  if (databaseTold.size === 0 || !patched('removed-channels')) return;
  const configured = await channels();
  for (const channel of databaseTold) if (!configured.includes(channel)) databaseTold.delete(channel);
}

async function takeBack(channel: ChannelName, databaseTold: Set<ChannelName>): Promise<void> {
  await notifications.tellDatabase({ channel, event: 'over' });
  databaseTold.delete(channel);
}

/**
 * Sends one message after another. One that cannot be sent does not hold back the others, but fails the round; the next
 * round tries again.
 */
async function inTurn(sendings: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const send of sendings) await send().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** The channels that got the alert about the database; `agencies`: about each agency's own database. */
interface DatabaseTold {
  readonly databaseTold?: readonly ChannelName[];
  readonly agencies?: Readonly<Record<string, readonly ChannelName[]>>;
}

function databaseToldBefore(): DatabaseTold {
  const { lastFailure } = workflowInfo();
  if (!(lastFailure instanceof ApplicationFailure)) return {};
  const [details] = (lastFailure.details ?? []) as DatabaseTold[];
  return details ?? {};
}

function handingOn(
  own: ReadonlySet<ChannelName>,
  told: ReadonlyMap<string, ReadonlySet<ChannelName>>,
  failure: unknown,
): unknown {
  const agencies = [...told].filter(([, names]) => names.size > 0).map(([id, names]) => [id, [...names]]);
  if (!(failure instanceof ApplicationFailure) || (own.size === 0 && agencies.length === 0)) return failure;
  const carrying = ApplicationFailure.create({
    type: failure.type ?? 'InternalError',
    message: failure.message,
    nonRetryable: true,
    details: [
      {
        databaseTold: [...own],
        ...(agencies.length === 0 ? {} : { agencies: Object.fromEntries(agencies) as object }),
      },
    ],
    ...(failure.cause === undefined ? {} : { cause: failure.cause }),
  });
  carrying.stack = failure.stack ?? '';
  return carrying;
}
