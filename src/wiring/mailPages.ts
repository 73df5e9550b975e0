import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSmtp, type Mail, type Refusal } from '../alerts/smtp.ts';
import { pageMail, type MailEntry, type PageMail, type PagesToday } from '../dashboard/mails.ts';
import { addDays, type IsoDate } from '../domain/dates.ts';
import { mailDueOn, type MailsResult } from '../domain/dashboardMails.ts';

export interface DashboardMails {
  readonly url: string;
  readonly from: string;
  /** Where people find the folder. */
  readonly link: string;
  readonly recipients: readonly MailEntry[];
}

/** Time for all mails of a day. Mails that are not sent by then are reported as not sent. */
const longestSeconds = 300;
/** Pause before a busy server is asked once more. */
const usualPauseMilliseconds = 5_000;
/** At most this many reasons are listed; the rest is counted. */
const mostTold = 10;

interface Mailing {
  /** Where the files and the marks lie. */
  readonly folder: string;
  readonly today: IsoDate;
  readonly signal: AbortSignal;
  readonly pauseMilliseconds?: number;
}

/**
 * Mails today's pages, each address by itself. Never rejects for a mail's sake. An address gets a page once a day or a
 * week, and once more if what it got was missing or not up to date: a mark in the folder is made before each mail, and
 * taken away only where the server certainly has not taken it. So whatever is run again, no mail that was accepted is
 * sent twice.
 */
export async function mailPages(
  { url, from, link, recipients }: DashboardMails,
  pages: PagesToday,
  { folder, today, signal, pauseMilliseconds = usualPauseMilliseconds }: Mailing,
): Promise<MailsResult> {
  const send = createSmtp(url);
  const marks = await marksIn(folder, today);
  const until = Date.now() + longestSeconds * 1000;
  const sendInTime = (mail: Mail) =>
    Date.now() > until ? Promise.resolve(outOfTime) : sendPatiently(send, mail, pauseMilliseconds);
  const result = { sent: 0, sentBefore: 0, notSent: 0, why: [] as string[] };
  for (const [index, entry] of recipients.entries()) {
    const due = mailDueOn(entry.every, today);
    const page = pageMail(entry, pages, { today, link });
    const content = await contentOf(page);
    for (const to of entry.to) {
      signal.throwIfAborted();
      const mark = await marks.make([page.name, entry.send, to], { isWhole: page.isWhole, due });
      const refusal = mark === undefined ? 'sent before' : await sendInTime({ from, to: [to], ...content });
      if (refusal === undefined) result.sent += 1;
      else if (refusal === 'sent before') result.sentBefore += 1;
      else {
        if (!refusal.mayBeTaken) await mark?.remove();
        result.notSent += 1;
        if (result.why.length < mostTold) result.why.push(`recipients[${String(index)}]: ${words(refusal)}`);
      }
    }
  }
  return result;
}

const outOfTime: Refusal = {
  why: `the mails took longer than ${String(longestSeconds)} s`,
  code: undefined,
  isFinal: true,
  mayBeTaken: false,
};

function words({ why, mayBeTaken }: Refusal): string {
  return mayBeTaken ? `${why}; it may have arrived, and is not sent again` : why;
}

async function contentOf({ subject, text, attach }: PageMail): Promise<Omit<Mail, 'from' | 'to'>> {
  if (attach === undefined) return { subject, text };
  const attachment = { filename: path.basename(attach.path), content: await readFile(attach.path) };
  return { subject, text, attachments: [attachment] };
}

async function sendPatiently(
  send: ReturnType<typeof createSmtp>,
  mail: Mail,
  pauseMilliseconds: number,
): Promise<Refusal | undefined> {
  const first = await send(mail);
  if (first === undefined || first.isFinal || first.mayBeTaken) return first;
  await sleep(pauseMilliseconds);
  return send(mail);
}

const prefix = '.mailed-';

/** A page that was due on a weekday is due until the day before the next one. */
const daysKept = 7;

interface Due {
  readonly due: IsoDate;
  /** Whether there is no need for another one. */
  readonly isWhole: boolean;
}

/** Marks of the mails by the day on which they went; those that no weekday asks for any more go. */
async function marksIn(folder: string, today: IsoDate) {
  const placeOf = (day: IsoDate) => path.join(folder, `${prefix}${day}`);
  await mkdir(placeOf(today), { recursive: true, mode: 0o700 });
  const oldest = `${prefix}${addDays(today, 1 - daysKept)}`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix) && name < oldest) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
  return {
    /** Undefined if it was sent since the day on which it was due. The mark names nobody. */
    async make(
      of: readonly string[],
      { due, isWhole }: Due,
    ): Promise<{ remove(): Promise<void> } | undefined> {
      const nameOf = (whole: boolean) =>
        createHash('sha256')
          .update(JSON.stringify([...of, whole]))
          .digest('hex')
          .slice(0, 32);
      // What goes late makes up for a page that did not come, or not whole; after a whole one there is no other.
      if (due < today) {
        const names = [nameOf(true), nameOf(isWhole)];
        for (let day = due; day <= today; day = addDays(day, 1)) {
          if (names.some((name) => existsSync(path.join(placeOf(day), name)))) return undefined;
        }
      }
      const file = path.join(placeOf(today), nameOf(isWhole));
      try {
        await writeFile(file, '', { flag: 'wx', mode: 0o600 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
        throw error;
      }
      return { remove: () => rm(file, { force: true }) };
    },
  };
}
