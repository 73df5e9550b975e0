export type Report = 'utilization' | 'notes';

/** What the oracle is told: the run and the analyst's rules. */
export interface Terms {
  readonly report: Report;
  readonly from: string;
  readonly to: string;
  /** Group by service code in upper case. */
  readonly groups: ReadonlyMap<string, number>;
  /** Service codes in upper case. */
  readonly excluded: ReadonlySet<string>;
  /** Words that mean blank, in upper case. */
  readonly blankWords: ReadonlySet<string>;
  readonly lincsQp: string;
  readonly deepCreekQp: string;
  readonly nameSecret: string;
  /** How the file is written; absent for the plain form. */
  readonly form?: WrittenForm;
}

/** A form of files, in the oracle's own words. */
export interface WrittenForm {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly separator: string;
  /** Empty where quotes are letters like others. */
  readonly quote: string;
  readonly linesBefore: number;
  readonly emptyEnds: boolean;
  readonly pageHeaders: boolean;
  /** In upper case; empty where there are no such lines. */
  readonly totalsWord: string;
  readonly dates: 'month first' | 'day first' | 'year first' | 'usual';
  readonly decimalComma: boolean;
  /** The sign of an amount with CR after it; 0 where there are none. */
  readonly credit: -1 | 0 | 1;
  readonly currency: string;
  /** Whether `$ -` is zero. */
  readonly accounting: boolean;
  /** In upper case, a word for blank in the last column of people and in the one of signatures. */
  readonly blankWord: string;
}

export const plainForm: WrittenForm = {
  encoding: 'utf-8',
  separator: ',',
  quote: '"',
  linesBefore: 0,
  emptyEnds: false,
  pageHeaders: false,
  totalsWord: '',
  dates: 'usual',
  decimalComma: false,
  credit: 0,
  currency: '',
  accounting: false,
  blankWord: '',
};

/** The exported columns in the order of the contract, under the names that the tables give them. */
export const exported: Readonly<Record<Report, readonly string[]>> = {
  utilization: [
    'client',
    'qp',
    'authorizing_payer',
    'service_code',
    'authorization_number',
    'start_date',
    'end_date',
    'authorized_units',
    'in_process_units',
    'billed_units',
    'authorized_dollars',
    'in_process_dollars',
    'billed_dollars',
    'variance_billed',
  ],
  notes: [
    'client',
    'caregiver',
    'client_supervisor',
    'service_code',
    'date_of_service',
    'staff_sign_date',
    'days_to_sign',
  ],
};

/** The columns of the row files, as the tables' contract lists them. */
export const tableColumns: Readonly<Record<Report, readonly string[]>> = {
  utilization: (
    'source_line client client_code client_key qp qp_code qp_key service_code authorization_number start_date ' +
    'end_date authorized_units in_process_units billed_units authorized_dollars in_process_dollars ' +
    'billed_dollars variance_billed ym grp util variance'
  ).split(' '),
  notes: (
    'source_line client client_code client_key caregiver employee_code caregiver_key client_supervisor ' +
    'supervisor_code supervisor_key service_code date_of_service staff_sign_date staff_signed_at days_to_sign ' +
    'note_status billing_cycle ym grp'
  ).split(' '),
};

export const moneyColumns: Readonly<Record<Report, readonly string[]>> = {
  utilization: ['authorized_dollars', 'in_process_dollars', 'billed_dollars', 'variance_billed'],
  notes: [],
};
