import type { IsoDate } from '../../../src/domain/dates.ts';

/** What the portal holds and how it writes its files. */
export interface DataSettings {
  /** 1 is about 240 authorizations a month and 480 notes a cycle. */
  scale: number;
  /** The share of rows with one cell that cannot be read exactly. */
  unreadableRate: number;
  /**
   * The day on which the portal is asked, `today` for that of the clock; null means that everyone has signed and billed
   * all there is.
   */
  asOf: IsoDate | 'today' | null;
  /** There is nothing before this day, */
  firstDay: IsoDate;
  /** and nothing after this one. */
  lastDay: IsoDate;
  lineEnd: 'CRLF' | 'LF';
  byteOrderMark: boolean;
}

export const defaultDataSettings: DataSettings = {
  scale: 1,
  // About one row of a month of utilization and two of a cycle of notes.
  unreadableRate: 0.004,
  asOf: null,
  firstDay: '2015-01-01' as IsoDate,
  // Far enough that no test's calendar reaches it: without asOf no clock decides what the data are.
  lastDay: '2035-12-31' as IsoDate,
  lineEnd: 'CRLF',
  byteOrderMark: false,
};
