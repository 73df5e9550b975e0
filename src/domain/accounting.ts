/** Decimal texts, dollars. Unreadable cells are counted, since they have no amount. */
export interface MoneyAccount {
  readonly read: string;
  readonly loaded: string;
  readonly excluded: string;
  readonly rejected: string;
  readonly unreadable: number;
}

/** read = loaded + excluded + rejected, in rows and, per money column, to the cent. */
export interface Accounting {
  readonly read: number;
  readonly loaded: number;
  readonly excluded: number;
  readonly rejected: number;
  readonly dollars: Readonly<Record<string, MoneyAccount>>;
}
