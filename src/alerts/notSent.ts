import { PipelineError } from '../domain/failures.ts';
import type { ChannelName } from '../domain/alerts.ts';

interface NotSent {
  readonly channel: ChannelName;
  /** Ends a sentence; no address and no text of the other side, which may quote it. */
  readonly why: string;
  readonly hint: string;
  /** Whether the same may be taken a minute later. */
  readonly retry: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

const others: Readonly<Record<ChannelName, string>> = { webhook: 'The webhook', mail: 'The mail server' };

export function alertNotSent({ channel, why, hint, retry, retryAfterSeconds }: NotSent): PipelineError {
  return new PipelineError('AlertNotSent', `${others[channel]} did not take the message: ${why}.`, {
    hint,
    retry,
    details: { channel, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  });
}
