import { z } from 'zod';
import { section, wholeNumber } from './kinds.ts';

/** Clocks change between midnight and 03:00, in a few zones a little later. */
const earliestStart = '03:30';
const wantedStart =
  `a time from "${earliestStart}" to "23:59"; before that, a clock change makes the time happen twice or not ` +
  'at all on some days';

export const schedule = section({
  at: z
    .string({ error: wantedStart })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: wantedStart })
    .refine((time) => time >= earliestStart, { error: wantedStart })
    .describe('When the daily run starts, HH:MM in the time zone of the organisation, 03:30 or later.'),
  catchUpDays: wholeNumber(1, 30, 'days').describe(
    'How far back runs are made up for that were due while the Temporal server was down.',
  ),
  executionTimeoutHours: wholeNumber(1, 168, 'hours').describe('A daily run that takes longer is ended.'),
  overlap: z
    .enum(['BUFFER_ONE', 'BUFFER_ALL', 'SKIP'], { error: '"BUFFER_ONE", "BUFFER_ALL" or "SKIP"' })
    .describe(
      'What becomes of a daily run that is due while one is running: one waits, all wait, it is left out.',
    ),
});
