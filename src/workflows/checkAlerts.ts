import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { ChannelName } from '../domain/alerts.ts';
import type { Notification } from '../alerts/notifications.ts';
import { findAlerts, planAlerts, tellAlert, tellDatabase } from './alertProxies.ts';
import { knownFailure, workflowFailure } from './runFailure.ts';

export interface AlertRound {
  /** Causes that were told, as begun, lasting or over. */
  readonly told: number;
}

/**
 * One look at how things stand, and every message that is due. The database remembers what was told; that it is away
 * itself, each round hands on to the next with its failure, which the schedule gives to it.
 */
export async function checkAlerts(): Promise<AlertRound> {
  const databaseTold = new Set(databaseToldBefore());
  try {
    const { channels } = await planAlerts();
    const tellings = await findOrTell(channels, databaseTold);
    let told = 0;
    await inTurn([
      ...Array.from(databaseTold, (channel) => () => takeBack(channel, databaseTold)),
      ...tellings.map((telling) => async () => {
        told += (await tellAlert(telling)).told;
      }),
    ]);
    return { told };
  } catch (error) {
    throw handingOn(databaseTold, workflowFailure(error));
  }
}

/** What is to be told; where the database does not say, just that, once per channel. */
async function findOrTell(
  channels: readonly ChannelName[],
  databaseTold: Set<ChannelName>,
): Promise<readonly Notification[]> {
  try {
    return (await findAlerts()).tellings;
  } catch (error) {
    if (knownFailure(error).type !== 'WarehouseUnavailable') throw error;
    const untold = channels.filter((channel) => !databaseTold.has(channel));
    await inTurn(
      untold.map((channel) => async () => {
        await tellDatabase({ channel, event: 'began' });
        databaseTold.add(channel);
      }),
    );
    throw error;
  }
}

async function takeBack(channel: ChannelName, databaseTold: Set<ChannelName>): Promise<void> {
  await tellDatabase({ channel, event: 'over' });
  databaseTold.delete(channel);
}

/** A message that cannot be sent keeps none of the others back; the round fails, and the next one tries it again. */
async function inTurn(sendings: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const send of sendings) await send().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function databaseToldBefore(): readonly ChannelName[] {
  const { lastFailure } = workflowInfo();
  if (!(lastFailure instanceof ApplicationFailure)) return [];
  const [details] = (lastFailure.details ?? []) as { databaseTold?: ChannelName[] }[];
  return details?.databaseTold ?? [];
}

function handingOn(databaseTold: ReadonlySet<ChannelName>, failure: unknown): unknown {
  if (!(failure instanceof ApplicationFailure) || databaseTold.size === 0) return failure;
  const carrying = ApplicationFailure.create({
    type: failure.type ?? 'InternalError',
    message: failure.message,
    nonRetryable: true,
    details: [{ databaseTold: [...databaseTold] }],
    ...(failure.cause === undefined ? {} : { cause: failure.cause }),
  });
  carrying.stack = failure.stack ?? '';
  return carrying;
}
