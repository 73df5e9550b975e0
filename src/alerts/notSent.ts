import { PipelineError } from '../domain/failures.ts';
import type { ChannelName } from '../domain/alertConditions.ts';

interface NotSent {
  readonly channel: ChannelName;
  /** Ends a sentence; without the address or the other side's text, which may quote it. */
  readonly why: string;
  readonly hint: string;
  /** Whether a retry a minute later may succeed. */
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
