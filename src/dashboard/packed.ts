import { ratio, scales } from '../domain/decimals.ts';
import type { NotesTuple, PageData, UtilizationTuple, Whole } from './pageData.ts';
import { asWhole } from './pageFigures.ts';

/**
 * Page data as a file holds it: sums as columns, which compress to a third of what rows do. Of a sum that follows from
 * others wherever a tuple is one authorization, the column has the difference from that, which is mostly zero; with the
 * difference every sum is exact, of whatever rows.
 */
export interface PackedData extends Omit<PageData, 'utilization' | 'notes'> {
  readonly utilization: Columns;
  readonly notes: Columns;
}

/** All first figures, all second ones and so on. */
type Columns = readonly (readonly Whole[])[];

export function packed(data: PageData): PackedData {
  const differences = data.utilization.map((tuple) => {
    const [authorized, inProcess, billed] = [tuple[5], tuple[6], tuple[7]];
    const expected = expectedSums({ rows: tuple[4], authorized, inProcess, billed });
    return [
      ...tuple.slice(0, firstExpected),
      ...expected.map((sum, place) => asWhole(BigInt(tuple[firstExpected + place]!) - sum)),
    ];
  });
  return { ...data, utilization: columnsOf(differences), notes: columnsOf(data.notes) };
}

export function unpacked(data: PackedData): PageData {
  const utilization = rowsOf(data.utilization).map((tuple) => {
    const [authorized, inProcess, billed] = [tuple[5]!, tuple[6]!, tuple[7]!];
    const expected = expectedSums({ rows: tuple[4]!, authorized, inProcess, billed });
    const sums = expected.map((sum, place) => asWhole(BigInt(tuple[firstExpected + place]!) + sum));
    return tuple.slice(0, firstExpected).concat(sums) as unknown as UtilizationTuple;
  });
  return { ...data, utilization, notes: rowsOf(data.notes) as unknown as NotesTuple[] };
}

/** Where the sums begin in a tuple that follow from those before them. */
const firstExpected = 8;

interface Amounts {
  readonly rows: Whole;
  readonly authorized: Whole;
  readonly inProcess: Whole;
  readonly billed: Whole;
}

/** What stands behind the amounts of a tuple of one authorization, in order. */
function expectedSums({ rows, ...amounts }: Amounts): bigint[] {
  const [authorized, used] = [BigInt(amounts.authorized), BigInt(amounts.inProcess) + BigInt(amounts.billed)];
  const variance = used - authorized;
  const [under, over] = variance < 0n ? [variance, 0n] : [0n, variance];
  const without = authorized === 0n ? used : 0n;
  const count = BigInt(rows);
  return [
    under,
    under === 0n ? 0n : count,
    over,
    over === 0n ? 0n : count,
    without,
    without === 0n ? 0n : count,
    authorized === 0n ? 0n : ratio(used, authorized, scales.ratio),
    authorized === 0n ? 0n : count,
  ];
}

function columnsOf(rows: readonly (readonly Whole[])[]): Columns {
  return (rows[0] ?? []).map((_, place) => rows.map((row) => row[place]!));
}

function rowsOf(columns: Columns): Whole[][] {
  return (columns[0] ?? []).map((_, at) => columns.map((column) => column[at]!));
}
