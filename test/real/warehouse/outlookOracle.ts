/**
 * The outlook of authorizations, worked out a second time: from rows of the tables, with fractions, and by
 * counting days one by one. It shares no line with the product.
 */
export type PlainRow = Readonly<Record<string, string | number | null>>;

interface Known {
  readonly published: PlainRow;
  readonly rows: readonly PlainRow[];
  readonly history: readonly PlainRow[];
  readonly figuresAre: 'authorization' | 'month';
}

type Figures = Record<string, string | null>;

export function outlookOfRows(known: Known): Record<string, Figures> {
  const { published, rows } = known;
  const listed = rows.filter((row) => row['period_start'] === published['period_start']);
  const keys = [...new Set(listed.map(keyOf))];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      outlookOf(
        key,
        listed.filter((row) => keyOf(row) === key),
        known,
      ),
    ]),
  );
}

function keyOf(row: PlainRow): string {
  return [row['authorization_number'], row['service_code'], row['start_date']].join(' ');
}

/** All days from one to another, both included; none if they are the wrong way round. */
function daysFrom(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function shifted(day: string, by: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
}

const cents = (value: string | number | null | undefined) =>
  value === null || value === undefined ? null : BigInt(String(value).replace('.', ''));

/** a / b rounded to a whole number, halves away from zero. */
function rounded(a: bigint, b: bigint): bigint {
  const [over, under] = b < 0n ? [-a, -b] : [a, b];
  const size = over < 0n ? -over : over;
  const whole = size / under + (2n * (size % under) >= under ? 1n : 0n);
  return over < 0n ? -whole : whole;
}

function decimal(scaled: bigint | null, places: number): string | null {
  if (scaled === null) return null;
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, '0');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function sumOf(rows: readonly PlainRow[], column: string): bigint | null {
  const given = rows.map((row) => cents(row[column])).filter((each) => each !== null);
  return given.length === 0 ? null : given.reduce((sum, each) => sum + each, 0n);
}

function asOfOf({ published, history }: Known): string {
  const days = history
    .filter(
      (row) => row['period_start'] === published['period_start'] && row['run_id'] === published['run_id'],
    )
    .map((row) => String(row['load_day']));
  return days.sort().at(-1) ?? String(published['exported_at']).slice(0, 10);
}

function outlookOf(key: string, own: readonly PlainRow[], known: Known): Figures {
  const { published, history, figuresAre } = known;
  const asOf = asOfOf(known);
  const [periodFrom, periodTo] = [String(published['period_start']), String(published['period_end'])];
  const start = String(own[0]!['start_date']);
  const end = own
    .map((row) => String(row['end_date']))
    .sort()
    .at(-1)!;
  const from = figuresAre === 'month' && periodFrom > start ? periodFrom : start;
  const to = figuresAre === 'month' && periodTo < end ? periodTo : end;
  const days = daysFrom(from, to);
  const gone = days.filter((day) => day <= asOf).length;
  const toGo = days.length - gone;
  const authorized = sumOf(own, 'authorized_dollars');
  const used = (sumOf(own, 'in_process_dollars') ?? 0n) + (sumOf(own, 'billed_dollars') ?? 0n);
  const before = new Map<string, PlainRow>();
  for (const row of history) {
    if (keyOf(row) !== key || String(row['load_day']) > asOf) continue;
    if (figuresAre === 'month' && row['period_start'] !== periodFrom) continue;
    const earlier = before.get(String(row['load_day']));
    if (earlier === undefined || String(earlier['period_start']) < String(row['period_start'])) {
      before.set(String(row['load_day']), row);
    }
  }
  const usedOn = (day: string) => {
    const row = before.get(day)!;
    return (cents(row['in_process_dollars']) ?? 0n) + (cents(row['billed_dollars']) ?? 0n);
  };
  const pace = (weeks: number): [cents: bigint, days: bigint] | null => {
    if (asOf < from) return null;
    const last = shifted(asOf, -7 * weeks);
    // Backwards, a day at a time, to the newest day of which something is known.
    for (let back = 0; ; back += 1) {
      const day = shifted(asOf, -back);
      if (day === shifted(from, -1) && day >= shifted(last, -7)) return [used, BigInt(back)];
      if (day < from || day < shifted(last, -7)) return null;
      if (day <= last && before.has(day)) return [used - usedOn(day), BigInt(back)];
    }
  };
  const [four, eight] = [pace(4), pace(8)];
  const sinceStart: [bigint, bigint] | null =
    asOf < from ? null : [used, BigInt(daysFrom(from, asOf).length)];
  const chosen = four ?? eight ?? sinceStart;
  const more = chosen === null ? null : chosen[0] < 0n ? 0n : rounded(chosen[0] * BigInt(toGo), chosen[1]);
  const projected = more === null ? null : used + more;
  const target =
    days.length === 0 || authorized === null ? null : rounded(authorized * BigInt(gone), BigInt(days.length));
  const exhausted = (): string | null => {
    if (authorized === null || authorized <= 0n) return null;
    if (used >= authorized) return asOf < to ? asOf : to;
    if (chosen === null) return null;
    for (let ahead = 1; ahead <= toGo; ahead += 1) {
      if (used * chosen[1] + chosen[0] * BigInt(ahead) >= authorized * chosen[1]) return shifted(asOf, ahead);
    }
    return null;
  };
  const loadDays = [...before.keys()].sort();
  const changed = loadDays.filter((day, place) => {
    const earlier = loadDays[place - 1];
    if (earlier === undefined) return false;
    const differs = before.get(earlier)!['authorized_dollars'] !== before.get(day)!['authorized_dollars'];
    return differs || usedOn(earlier) !== usedOn(day);
  });
  const shareUsed = authorized === null || authorized === 0n ? null : rounded(used * 1_000_000n, authorized);
  const week = (measured: [bigint, bigint] | null) =>
    measured === null ? null : decimal(rounded(measured[0] * 7n, measured[1]), 2);
  return {
    as_of: asOf,
    end_date: end,
    row_count: String(own.length),
    authorized_dollars: decimal(authorized, 2),
    used_dollars: decimal(used, 2),
    figures_from: from,
    figures_to: to,
    days_left: String(asOf < end ? daysFrom(asOf, end).length - 1 : 0),
    time_gone: days.length === 0 ? null : decimal(rounded(BigInt(gone) * 1_000_000n, BigInt(days.length)), 6),
    util: shareUsed !== null && String(shareUsed).replace('-', '').length > 14 ? null : decimal(shareUsed, 6),
    target_dollars: decimal(target, 2),
    off_target: target === null ? null : decimal(used - target, 2),
    per_week_4: week(four),
    per_week_4_days: four === null ? null : String(four[1]),
    per_week_8: week(eight),
    per_week_8_days: eight === null ? null : String(eight[1]),
    projected_from:
      four !== null ? '4 weeks' : eight !== null ? '8 weeks' : sinceStart === null ? null : 'start',
    projected_use: decimal(projected, 2),
    projected_unspent: authorized === null || projected === null ? null : decimal(authorized - projected, 2),
    projected_exhaustion: exhausted(),
    last_change: changed.at(-1) ?? null,
  };
}
