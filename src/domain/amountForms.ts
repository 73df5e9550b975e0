/** How the amounts of a report's files are written; pipeline.yaml, reports.<name>.file. */
export interface AmountForm {
  /** `accounting` reads `$ -` as zero, as spreadsheets show it. */
  readonly amounts: 'plain' | 'accounting';
  /** What separates the whole from its decimals; the other mark, or a space, separates thousands. */
  readonly decimalMark: 'point' | 'comma';
  /** The sign of an amount with CR after it; one with DR has the other sign. Without it, neither is read. */
  readonly credits: 'none' | 'negative' | 'positive';
  /** Words such as USD beside an amount. They change nothing. */
  readonly currencyWords: readonly string[];
}

export const plainAmounts: AmountForm = {
  amounts: 'plain',
  decimalMark: 'point',
  credits: 'none',
  currencyWords: [],
};

/** The longest cell of an amount. Anything longer is something else, and no pattern has to scan it. */
const longestAmount = 60;

const accountingZero = /^\$ {0,40}-$/;

/**
 * Rewrites a cell in the plain form of `readMoney` (cells.ts), which then reads it; undefined if it has no such form.
 * Takes text in the form of storedText.ts.
 */
export function amountRewriter(form: AmountForm): (cell: string) => string | undefined {
  const { amounts, decimalMark, credits } = form;
  const withoutCurrency = currencyRemover(form.currencyWords);
  return (cell) => {
    if (cell.length > longestAmount) return undefined;
    const bare = withoutCurrency(cell);
    if (amounts === 'accounting' && (accountingZero.test(bare) || (bare === '-' && bare !== cell)))
      return '0';
    const points = decimalMark === 'comma' ? withPoint(bare) : bare;
    return points === undefined || credits === 'none' ? points : withSign(points, credits);
  };
}

/** `USD 1.00`, `-USD 1.00`, `(USD 1.00)`, `1.00 USD`, `(1.00 USD)`: one word, on one side. */
function currencyRemover(words: readonly string[]): (cell: string) => string {
  if (words.length === 0) return (cell) => cell;
  const any = words.map((word) => word.replace(/[$()*+.?[\\\]^{|}-]/g, String.raw`\$&`)).join('|');
  const before = new RegExp(String.raw`^([-(]?) ?(?:${any}) ?(?=[\d.,($-])`, 'i');
  const after = new RegExp(String.raw`(?<=[\d.,)-]) ?(?:${any}) ?([)-]?)$`, 'i');
  return (cell) => (before.test(cell) ? cell.replace(before, '$1') : cell.replace(after, '$1'));
}

/** `1.234,56` and `1 234,56` as `1,234.56`; undefined if spaces and points both separate thousands. */
function withPoint(cell: string): string | undefined {
  const grouped = cell.replace(/(?<=\d) (?=\d{3}(?!\d))/g, '.');
  if (grouped !== cell && cell.includes('.')) return undefined;
  return grouped.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '.'));
}

const credit = /^(.*?) ?(CR|DR)$/i;

/** Undefined if the amount has a sign of its own. */
function withSign(cell: string, credits: 'negative' | 'positive'): string | undefined {
  const match = credit.exec(cell);
  if (match === null) return cell;
  const [, amount = '', word = ''] = match;
  if (amount === '' || /[-()]/.test(amount)) return undefined;
  return (word.toUpperCase() === 'CR') === (credits === 'negative') ? `-${amount}` : amount;
}
