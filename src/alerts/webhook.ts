import { webhookBody, type WebhookForm } from './formats.ts';
import { alertNotSent } from './notSent.ts';
import type { Channel } from '../domain/alertConditions.ts';

export interface WebhookSettings {
  readonly form: WebhookForm;
  /** Anyone who has it can post: a secret. */
  readonly url: string;
}

/** Slack and Teams answer within a second or two; a proxy that takes longer than this will not answer. */
const answerSeconds = 15;
/** A longer wait is left to the next round. */
const longestWaitSeconds = 300;

/** Posts to an incoming webhook of Slack or Teams. */
export function createWebhook({ form, url }: WebhookSettings): Channel {
  return {
    name: 'webhook',
    async send(message) {
      const response = await post(url, webhookBody(form, message));
      await response.body?.cancel();
      if (!response.ok) throw refused(response);
    },
  };
}

async function post(url: string, body: object): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // A webhook has no reason to redirect, and another server's answer would not be its answer.
      redirect: 'error',
      signal: AbortSignal.timeout(answerSeconds * 1000),
    });
  } catch (error) {
    throw alertNotSent({
      channel: 'webhook',
      why: whyUnanswered(error),
      hint: 'Look whether the worker reaches the host of EHR_ALERT_WEBHOOK_URL.',
      retry: true,
    });
  }
}

/** The error's message may hold the address. */
function whyUnanswered(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${String(answerSeconds)} s`;
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? `no answer (${cause.code})` : 'no answer';
}

function refused({ status, headers }: Response) {
  const passes = status === 408 || status === 429 || status >= 500;
  return alertNotSent({
    channel: 'webhook',
    why: `it answered ${String(status)}`,
    hint: passes
      ? 'Nothing, if it passes; it is sent again.'
      : 'Make a new webhook at Slack or Teams and give the workers its address as EHR_ALERT_WEBHOOK_URL.',
    retry: passes,
    retryAfterSeconds: passes ? retryAfter(headers.get('retry-after')) : undefined,
  });
}

/** Slack and Teams send seconds; for a date, the retry's own pause applies. */
function retryAfter(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined;
  return Math.min(Number(header), longestWaitSeconds);
}
