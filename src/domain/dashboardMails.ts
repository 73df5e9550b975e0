import { addDays, type IsoDate } from './dates.ts';

/** From Sunday, as Date counts them. */
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** When a page is mailed: after the daily run of every day, or of one weekday. */
export const mailDays = ['day', ...weekdays] as const;

export type MailDay = (typeof mailDays)[number];

/**
 * The day whose page is due: today, or that weekday's last one. Its daily run may end after midnight or come late: the
 * page then goes with the next run.
 */
export function mailDueOn(every: MailDay, today: IsoDate): IsoDate {
  if (every === 'day') return today;
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  return addDays(today, -((weekday - weekdays.indexOf(every) + 7) % 7));
}

/** Who is not allowed single authorizations and notes gets the page of totals. */
export function getsTotals({ patientData }: { readonly patientData: boolean }): boolean {
  return !patientData;
}

/** The mails of today's pages, in counts; never an address. */
export interface MailsResult {
  readonly sent: number;
  /** By an earlier attempt or run of the day, or since the weekday on which the page was due. */
  readonly sentBefore: number;
  readonly notSent: number;
  /** Why the first of them were not sent: each one's place in pipeline.yaml and the server's code. */
  readonly why: readonly string[];
}

/** `2 sent, 1 not sent (recipients[0]: it answered 550)`. */
export function mailsWords({ sent, sentBefore, notSent, why }: MailsResult): string {
  const counts = [
    `${String(sent)} sent`,
    ...(sentBefore === 0 ? [] : [`${String(sentBefore)} sent before`]),
    ...(notSent === 0 ? [] : [`${String(notSent)} not sent (${why.join('; ')})`]),
  ];
  return counts.join(', ');
}
