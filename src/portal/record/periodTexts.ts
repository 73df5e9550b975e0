import { monthNames, pad2, parseIsoDate, type IsoDate } from '../../domain/dates.ts';
import { isWholePeriod, type Period } from '../../domain/periods.ts';
import type { ReportName } from '../../reports/index.ts';
import { formatDate } from '../placeholders.ts';

/** How portals write a day, the American ways first: this is where the portals are. */
const dayFormats = [
  'MM/DD/YYYY',
  'M/D/YYYY',
  'MMDDYYYY',
  'YYYY-MM-DD',
  'MM-DD-YYYY',
  'M-D-YYYY',
  'MM/DD/YY',
  'M/D/YY',
  'MMDDYY',
  'MMM D, YYYY',
  'MMM DD, YYYY',
  'MMMM D, YYYY',
  'MMMM DD, YYYY',
  'YYYY/MM/DD',
  'YYYYMMDD',
  'DD/MM/YYYY',
  'D/M/YYYY',
  'DD.MM.YYYY',
  'D.M.YYYY',
  'DD-MM-YYYY',
  'D MMM YYYY',
  'DD MMM YYYY',
  'DD-MMM-YYYY',
  'D MMMM YYYY',
];
const monthFormats = ['MMMM YYYY', 'MMM YYYY', 'YYYY-MM', 'MM/YYYY', 'M/YYYY', 'MMMM, YYYY', 'MMMM'];

/** More days than a person could pick from; beyond them a text is no date of a report. */
const yearRange = { first: 1990, last: 2100 };

/** The whole period that two of these texts name as its first and last day, or one as its month. */
export function periodNamedBy(texts: readonly string[], report: ReportName): Period | undefined {
  for (const format of dayFormats) {
    const days = texts.flatMap((text) => parsedBy(text, format) ?? []);
    const period = pairsOf(days).find((pair) => isWholePeriod(report, pair));
    if (period !== undefined) return period;
  }
  for (const format of monthFormats) {
    for (const text of texts) {
      const period = monthOf(text, format);
      if (period !== undefined && isWholePeriod(report, period)) return period;
    }
  }
  return undefined;
}

const dateInText =
  /\d{1,2}\/\d{1,2}\/\d{2,4}|\d{4}[-/]\d{2}[-/]\d{2}|\d{1,2}[-.]\d{1,2}[-.]\d{4}|[A-Z][a-z]{2,8} \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4}|[A-Z][a-z]{2,8} \d{4}/g;

/** The whole period that a text beside a result names. */
export function periodShownIn(texts: readonly string[], report: ReportName): Period | undefined {
  for (const text of texts) {
    const period = periodNamedBy(text.match(dateInText) ?? [], report);
    if (period !== undefined) return period;
  }
  return undefined;
}

function pairsOf(days: readonly IsoDate[]): Period[] {
  return days.flatMap((from) => days.filter((to) => to > from).map((to) => ({ from, to })));
}

function monthOf(text: string, format: string): Period | undefined {
  if (!format.includes('YYYY')) return undefined;
  const from = parsedBy(text, format);
  if (from === undefined) return undefined;
  const [year, month] = from.split('-').map(Number) as [number, number];
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { from, to: parseIsoDate(`${from.slice(0, 8)}${pad2(last)}`)! };
}

const tokens: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<year>\\d{2})',
  MMMM: '(?<month>[A-Za-z]{3,9})',
  MMM: '(?<month>[A-Za-z]{3})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
};
const monthStarts = monthNames.map((name) => name.slice(0, 3).toLowerCase());

/** The date, if writing it again gives the same text. */
function parsedBy(text: string, format: string): IsoDate | undefined {
  const pattern = format
    .replaceAll(/[.]/g, String.raw`\.`)
    .replaceAll(/([A-Z])\1*/g, (run) => tokens[run] ?? run);
  const groups = new RegExp(`^${pattern}$`).exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const { year = '', month = '', day = '1' } = groups;
  const number = /\d/.test(month) ? Number(month) : 1 + monthStarts.indexOf(month.slice(0, 3).toLowerCase());
  const full = year.length === 2 ? 2000 + Number(year) : Number(year);
  if (full < yearRange.first || full > yearRange.last) return undefined;
  const date = parseIsoDate(`${String(full)}-${pad2(number)}-${pad2(Number(day))}`);
  return date !== undefined && same(formatDate(date, format), text) ? date : undefined;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.trim().toLowerCase();
}

/** The placeholder for a text that is a day or the month of the period, or undefined. */
export function periodPlaceholder(text: string, period: Period): string | undefined {
  const full = placeholdersFor(period).find(({ reads }) => same(reads, text));
  return full?.placeholder;
}

/** A day in a calendar. */
export function dayPlaceholder(text: string, period: Period): string | undefined {
  if (same(formatDate(period.from, 'D'), text)) return '${period.start|D}';
  return same(formatDate(period.to, 'D'), text) ? '${period.end|D}' : undefined;
}

interface Reading {
  readonly reads: string;
  readonly placeholder: string;
}

function placeholdersFor({ from, to }: Period): Reading[] {
  const of = (format: string): Reading[] => [
    { reads: formatDate(from, format), placeholder: `\${period.start|${format}}` },
    { reads: formatDate(to, format), placeholder: `\${period.end|${format}}` },
  ];
  return [...dayFormats, ...monthFormats].flatMap(of);
}

/** The text with the period's days as placeholders, if it names both, or its month. */
export function withPeriodPlaceholders(
  text: string,
  period: Period,
): { readonly template: string; readonly rest: string } | undefined {
  for (const format of [...dayFormats, ...monthFormats.filter((each) => each.includes('YYYY'))]) {
    const [first, last] = [formatDate(period.from, format), formatDate(period.to, format)];
    const at = text.indexOf(first);
    const end = text.indexOf(last, at + (first === last ? 0 : first.length));
    if (at === -1 || end === -1) continue;
    if (first === last) {
      if (!isMonthPeriod(period)) continue;
      return cut(text, [{ at, length: first.length, placeholder: `\${period.start|${format}}` }]);
    }
    return cut(text, [
      { at, length: first.length, placeholder: `\${period.start|${format}}` },
      { at: end, length: last.length, placeholder: `\${period.end|${format}}` },
    ]);
  }
  return undefined;
}

function isMonthPeriod({ from, to }: Period): boolean {
  const end = new Date(`${to}T00:00:00Z`);
  end.setUTCDate(end.getUTCDate() + 1);
  return from.endsWith('-01') && end.getUTCDate() === 1;
}

function cut(
  text: string,
  parts: readonly { readonly at: number; readonly length: number; readonly placeholder: string }[],
): { template: string; rest: string } {
  let template = '';
  let rest = '';
  let from = 0;
  for (const { at, length, placeholder } of parts) {
    template += text.slice(from, at) + placeholder;
    rest += `${text.slice(from, at)} `;
    from = at + length;
  }
  return { template: template + text.slice(from), rest: rest + text.slice(from) };
}
