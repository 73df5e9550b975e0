import type { Accounting, MoneyAccount } from '../domain/accounting.ts';
import { isFault } from '../domain/cells.ts';
import type { Classification } from './classifyRecord.ts';
import { decimalText, scales } from '../domain/decimals.ts';
import { ExactSum } from './exactSum.ts';
import type { ReportDefinition } from '../reports/report.ts';

const buckets = { kept: 'loaded', excluded: 'excluded', rejected: 'rejected' } as const;

type Bucket = (typeof buckets)[keyof typeof buckets];

interface ColumnTally {
  readonly read: ExactSum;
  readonly loaded: ExactSum;
  readonly excluded: ExactSum;
  readonly rejected: ExactSum;
  unreadable: number;
}

function newColumnTally(): ColumnTally {
  return {
    read: new ExactSum(),
    loaded: new ExactSum(),
    excluded: new ExactSum(),
    rejected: new ExactSum(),
    unreadable: 0,
  };
}

/**
 * Counts what happens to every record, in rows and, per money column, in cents. What was read is summed separately from
 * the outcomes, so that the two can be compared.
 */
export class Tally {
  readonly #rows = { read: 0, loaded: 0, excluded: 0, rejected: 0 };
  readonly #columns: Map<string, ColumnTally>;

  constructor({ moneyColumns }: Pick<ReportDefinition, 'moneyColumns'>) {
    this.#columns = new Map(moneyColumns.map((column) => [column, newColumnTally()]));
  }

  add(classification: Classification): void {
    const bucket = buckets[classification.verdict.kind];
    this.#rows.read += 1;
    this.#rows[bucket] += 1;
    const { readings } = classification;
    for (const [column, tally] of this.#columns) addCell(tally, bucket, readings?.[column]);
  }

  get read(): number {
    return this.#rows.read;
  }

  accounting(): Accounting {
    const dollars: Record<string, MoneyAccount> = {};
    for (const [column, tally] of this.#columns) dollars[column] = moneyAccount(tally);
    return { ...this.#rows, dollars };
  }
}

function addCell(tally: ColumnTally, bucket: Bucket, reading: unknown): void {
  if (typeof reading === 'number') {
    tally.read.add(reading);
    tally[bucket].add(reading);
  } else if (reading === undefined || isFault(reading)) {
    tally.unreadable += 1;
  }
}

function moneyAccount(tally: ColumnTally): MoneyAccount {
  return {
    read: decimalText(tally.read.total, scales.dollars),
    loaded: decimalText(tally.loaded.total, scales.dollars),
    excluded: decimalText(tally.excluded.total, scales.dollars),
    rejected: decimalText(tally.rejected.total, scales.dollars),
    unreadable: tally.unreadable,
  };
}
