import type { IsoDate } from '../../../src/domain/dates.ts';
import type { Roster } from './people.ts';
import type { DataSettings } from './settings.ts';

/** What all rows follow from, beside their own month or day. */
export interface DataSource {
  readonly seed: string;
  readonly roster: Roster;
  readonly settings: SettledDataSettings;
}

/** With the day that `today` is. */
export type SettledDataSettings = DataSettings & { readonly asOf: IsoDate | null };
