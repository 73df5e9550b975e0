import type { IsoDate } from '../domain/dates.ts';
import type { MailDay } from '../domain/dashboardMails.ts';
import { fileName } from './exports.ts';

/** Who gets which page, and how; one entry of `dashboards.mail.recipients` in pipeline.yaml. */
export interface MailEntry {
  readonly to: readonly string[];
  /** The code of the QP whose page it is; undefined for the page of everyone. */
  readonly qp?: string | undefined;
  readonly send: 'link' | 'html' | 'pdf';
  readonly every: MailDay;
}

/** A page as it lies in the folder. */
interface PageFile {
  readonly path: string;
  readonly bytes: number;
}

/** What the pages of today are. */
export interface PagesToday {
  /** The files written just now: none where nothing is loaded or they could not be written. */
  readonly files: readonly PageFile[];
  /** What is wrong with the figures, such as `notes 2026-11-01..2026-11-15 failed`. */
  readonly notCurrent: readonly string[];
  /** Why there are no pages at all. */
  readonly missing?: string | undefined;
}

/** Mail servers take 10 MB as a rule, and an attachment grows by a third on its way. */
export const mostAttachedBytes = 7_000_000;
/** Beyond these the page itself says the rest. */
const mostTold = 20;

export interface PageMail {
  readonly subject: string;
  readonly text: string;
  readonly attach?: PageFile;
  /** Nothing is missing, late or wrong: there is no need for another one today. */
  readonly isWhole: boolean;
}

/** The mail of one entry. What is not there or not current stands in its subject and in its first line. */
export function pageMail(
  entry: Pick<MailEntry, 'qp' | 'send'>,
  pages: PagesToday,
  { today, link }: { readonly today: IsoDate; readonly link: string },
): PageMail {
  const { qp, send } = entry;
  const who = qp === undefined ? 'everyone' : `QP ${qp}`;
  const name = `dashboard${qp === undefined ? '' : `-qp-${fileName(qp)}`}`;
  const fileOf = (ending: string) =>
    pages.files.find(
      ({ path }) => path.endsWith(`/${name}.${ending}`) || path.endsWith(`\\${name}.${ending}`),
    );
  const page = fileOf(send === 'pdf' ? 'pdf' : 'html');
  const missing =
    page === undefined ? (pages.missing ?? `no page of ${who} was written`) : tooLarge(send, page);
  const about = `utilization and notes of ${who}, ${today}`;
  if (page === undefined || missing !== undefined) {
    return {
      subject: `[EHR] NO PAGE: ${about}`,
      text: lines([`There is no page of ${who} today: ${missing ?? ''}.`, 'Older files are not of today.']),
      isWhole: false,
    };
  }
  const { notCurrent } = pages;
  const warning =
    notCurrent.length === 0
      ? []
      : [
          'NOT UP TO DATE. The page shows the figures of an earlier load, or none, of:',
          ...notCurrent.slice(0, mostTold).map((what) => `  ${what}`),
          ...(notCurrent.length > mostTold ? [`  and ${String(notCurrent.length - mostTold)} more`] : []),
          '',
        ];
  const place =
    send === 'link'
      ? `The page of ${who} is ${name}.html in ${link}`
      : `The page of ${who} is attached; save the file and open it.`;
  return {
    subject: `[EHR] ${notCurrent.length === 0 ? 'Utilization' : 'NOT UP TO DATE: utilization'} and notes of ${who}, ${today}`,
    text: lines([...warning, place]),
    ...(send === 'link' ? {} : { attach: page }),
    isWhole: notCurrent.length === 0,
  };
}

function tooLarge(send: MailEntry['send'], { bytes }: PageFile): string | undefined {
  if (send === 'link' || bytes <= mostAttachedBytes) return undefined;
  return `its file has ${String(bytes)} bytes, more than a mail takes (${String(mostAttachedBytes)}); send a link instead`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
