import type { IsoDate } from '../domain/dates.ts';
import { getsTotals, type MailDay } from '../domain/dashboardMails.ts';
import { everyonesPage, pageOfPerson, totalsPage } from './pageFiles.ts';

/** Who gets which page, and how; one entry of `dashboards.mail.recipients` in pipeline.yaml. */
export interface MailEntry {
  readonly to: readonly string[];
  /** The code of the QP or the supervisor whose page it is; without either it is everyone's. */
  readonly qp?: string | undefined;
  readonly supervisor?: string | undefined;
  /** Whether they may have single authorizations and notes; without it, it is the page of totals. */
  readonly patientData: boolean;
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
  /** The name of the page's files, without their ending. */
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  readonly attach?: PageFile;
  /** Nothing is missing, late or wrong: there is no need for another one today. */
  readonly isWhole: boolean;
}

/** The mail of one entry. What is not there or not current stands in its subject and in its first line. */
export function pageMail(
  entry: Omit<MailEntry, 'to' | 'every'>,
  pages: PagesToday,
  { today, link }: { readonly today: IsoDate; readonly link: string },
): PageMail {
  const { send } = entry;
  const { who, name } = pageOf(entry);
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
      name,
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
    name,
    subject: `[EHR] ${notCurrent.length === 0 ? 'Utilization' : 'NOT UP TO DATE: utilization'} and notes of ${who}, ${today}`,
    text: lines([...warning, place]),
    ...(send === 'link' ? {} : { attach: page }),
    isWhole: notCurrent.length === 0,
  };
}

function pageOf(entry: Pick<MailEntry, 'qp' | 'supervisor' | 'patientData'>): {
  readonly who: string;
  readonly name: string;
} {
  const { qp, supervisor } = entry;
  if (getsTotals(entry)) return { who: 'the agency, totals only', name: totalsPage };
  if (qp !== undefined) return { who: `QP ${qp}`, name: pageOfPerson('qp', qp) };
  if (supervisor === undefined) return { who: 'everyone', name: everyonesPage };
  return { who: `supervisor ${supervisor}`, name: pageOfPerson('supervisor', supervisor) };
}

function tooLarge(send: MailEntry['send'], { bytes }: PageFile): string | undefined {
  if (send === 'link' || bytes <= mostAttachedBytes) return undefined;
  return `its file has ${String(bytes)} bytes, more than a mail takes (${String(mostAttachedBytes)}); send a link instead`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
