import { z } from 'zod';
import { conditionKey } from '../alerts/openConditions.ts';
import { findDueNotifications } from '../alerts/evaluate.ts';
import { messageOf } from '../alerts/messages.ts';
import type { Notification } from '../alerts/notifications.ts';
import { type AlertCondition, channelNames } from '../domain/alertConditions.ts';
import { failureTypes, type FailureType } from '../domain/failures.ts';
import { exactly, periodSchema, reportSchema, runIdSchema } from '../domain/inputs.ts';
import type { Ports } from '../ports.ts';
import { sendMessage } from './parts/sendMessage.ts';
import { sourceInput } from './settleFile.ts';

/**
 * Sends one message and records it once the other side has accepted it. If the worker dies in between, the message is
 * sent twice, never lost. Evaluates the conditions again under the lock, so that a concurrent round does not send the
 * same.
 */
export function createTellAlert({ alerts }: Pick<Ports, 'alerts'>) {
  const { ledger, settings } = alerts;
  return function tellAlert(notification: Notification): Promise<{ told: number }> {
    return ledger.alone(async () => {
      const conditions = stillDue(notification, await findDueNotifications(alerts));
      if (conditions.length === 0) return { told: 0 };
      const { channel, event } = notification;
      await sendMessage(alerts, channel, messageOf({ event, causes: conditions }, settings.webUi));
      const keyed = conditions.map((condition) => ({ key: conditionKey(condition), condition }));
      if (event !== 'over') await ledger.noteNotified(channel, keyed);
      else
        await ledger.forget(
          channel,
          keyed.map(({ key }) => key),
        );
      return { told: conditions.length };
    });
  };
}

function stillDue(
  { channel, event, causes }: Notification,
  due: readonly Notification[],
): Notification['causes'] {
  const same = due.filter((each) => each.channel === channel && each.event === event);
  // The message describes the current state: the notification only selects the conditions.
  const wanted = new Set(causes.map(conditionKey));
  return same.flatMap((each) => each.causes).filter((condition) => wanted.has(conditionKey(condition)));
}

const text = z.string().max(200);
const failureType = z.enum(Object.keys(failureTypes) as [FailureType, ...FailureType[]]);

type Of<Kind extends AlertCondition['kind']> = Extract<AlertCondition, { kind: Kind }>;

const about = { report: reportSchema, period: periodSchema };
const run = { workflowId: z.string().min(1).max(1000), runId: runIdSchema };

const condition = z.discriminatedUnion('kind', [
  exactly<Of<'failed'>>()({ kind: z.literal('failed'), ...about, ...run, failureType }),
  exactly<Of<'held'>>()({ kind: z.literal('held'), ...about, ...run, gates: z.array(text).max(100) }),
  exactly<Of<'missing'>>()({ kind: z.literal('missing'), ...about, startsAt: text }),
  exactly<Of<'login'>>()({ kind: z.literal('login'), login: text, failureType: failureType.nullable() }),
  exactly<Of<'schedule'>>()({ kind: z.literal('schedule'), state: z.enum(['paused', 'absent']) }),
  exactly<Of<'stuck'>>()({
    kind: z.literal('stuck'),
    ...run,
    why: z.enum(['no-worker', 'task-fails']),
    detail: text,
  }),
  exactly<Of<'source'>>()({ kind: z.literal('source'), source: sourceInput }),
  exactly<Of<'pages'>>()({ kind: z.literal('pages'), ...run, state: z.enum(['not-written', 'not-mailed']) }),
]);

export const notificationInput = exactly<Notification>()({
  channel: z.enum(channelNames),
  event: z.enum(['began', 'lasts', 'over']),
  causes: z.array(condition).min(1).max(10_000),
});
