import { ApplicationFailure } from '@temporalio/common';
import { messageFor } from '../../alerts/messages.ts';
import type { AlertMessage, AlertPorts, Channel, ChannelName } from '../../domain/alertConditions.ts';
import { failureText, hintFor, PipelineError } from '../../domain/failures.ts';

/** The other side may say when to retry; Temporal waits that long. */
export async function sendMessage(
  ports: Pick<AlertPorts, 'agency' | 'channels'>,
  name: ChannelName,
  message: AlertMessage,
): Promise<void> {
  const channel = channelOf(ports, name);
  try {
    await channel.send(messageFor(ports.agency, message));
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const { retryAfterSeconds } = error.details;
    if (typeof retryAfterSeconds !== 'number') throw error;
    throw ApplicationFailure.create({
      type: error.type,
      message: hintFor(ports.agency, failureText(error)),
      nonRetryable: !error.retry,
      nextRetryDelay: retryAfterSeconds * 1000,
      details: [error.details],
    });
  }
}

function channelOf({ channels }: Pick<AlertPorts, 'channels'>, name: ChannelName): Channel {
  const channel = channels.find((each) => each.name === name);
  if (channel !== undefined) return channel;
  throw new PipelineError('AlertNotSent', `This worker has no channel ${name}.`, {
    hint: 'Give every worker the same configuration; the next round asks again which channels there are.',
    retry: false,
  });
}
