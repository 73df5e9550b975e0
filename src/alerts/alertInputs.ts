import { z } from 'zod';
import { failureTypes, type FailureType } from '../domain/failures.ts';
import { exactly, periodSchema, reportSchema, runIdSchema } from '../domain/inputs.ts';
import type { AlertActivities } from './activities.ts';
import { type AlertCondition, channelNames } from '../domain/alerts.ts';

/** What the steps of a round take. */

const channel = z.enum(channelNames);
const workflowId = z.string().min(1).max(1000);
const failureType = z.enum(Object.keys(failureTypes) as [FailureType, ...FailureType[]]);
const text = z.string().max(200);

type Of<Kind extends AlertCondition['kind']> = Extract<AlertCondition, { kind: Kind }>;

const about = { report: reportSchema, period: periodSchema };
const run = { workflowId, runId: runIdSchema };

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
]);

export const alertInputs = {
  planAlerts: z.undefined(),
  findAlerts: z.undefined(),
  tellAlert: z.strictObject({
    channel,
    event: z.enum(['began', 'lasts', 'over']),
    causes: z.array(condition).min(1).max(10_000),
  }),
  tellDatabase: z.strictObject({ channel, event: z.enum(['began', 'over']) }),
} satisfies Readonly<Record<keyof AlertActivities, z.ZodType>>;
