import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { ChannelName } from '../domain/alerts.ts';
import { alertChecks, notifications } from './activityProxies.ts';
import { knownFailure, workflowFailure } from './runFailure.ts';

export interface AlertRound {
  /** Conditions of which a message was sent, as begun, lasting or over. */
  readonly told: number;
}

/**
 * Evaluates the alert conditions once, and sends every message that is due. The database remembers what was sent; that
 * it is away itself, each round hands on to the next with its failure, which the schedule gives to it.
 */
export async function checkAlerts(): Promise<AlertRound> {
  const databaseTold = new Set(databaseToldBefore());
  try {
    const { channels } = await alertChecks.planAlerts();
    const due = await findOrTell(channels, databaseTold);
    let told = 0;
    await inTurn([
      ...Array.from(databaseTold, (channel) => () => takeBack(channel, databaseTold)),
      ...due.map((notification) => async () => {
        told += (await notifications.tellAlert(notification)).told;
      }),
    ]);
    return { told };
  } catch (error) {
    throw handingOn(databaseTold, workflowFailure(error));
  }
}

/** The notifications that are due. Where the database is away, the one of that, once per channel. */
async function findOrTell(channels: readonly ChannelName[], databaseTold: Set<ChannelName>) {
  try {
    return (await alertChecks.findAlerts()).tellings;
  } catch (error) {
    if (knownFailure(error).type !== 'WarehouseUnavailable') throw error;
    const untold = channels.filter((channel) => !databaseTold.has(channel));
    await inTurn(
      untold.map((channel) => async () => {
        await notifications.tellDatabase({ channel, event: 'began' });
        databaseTold.add(channel);
      }),
    );
    throw error;
  }
}

async function takeBack(channel: ChannelName, databaseTold: Set<ChannelName>): Promise<void> {
  await notifications.tellDatabase({ channel, event: 'over' });
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
