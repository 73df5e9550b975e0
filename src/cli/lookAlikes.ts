import { lookAlikeGroups } from '../rows/lookAlikeGroups.ts';
import type { ReportName } from '../reports/index.ts';
import { namesInTables, type TableName } from '../warehouse/tableNames.ts';
import { recordNamesShown } from './namesShown.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { withWarehouse } from './connections.ts';
import { assertInOrder, dayOption } from './dayOption.ts';
import { reportArgument } from './periodArgument.ts';

export interface LookAlikeOptions extends OutputOptions {
  readonly from?: string;
  readonly to?: string;
  /** Show names as well as code and key. */
  readonly names?: boolean;
}

/** Names in the tables that differ only in ways that a reader overlooks: two people, or one spelt in two ways. */
export async function showLookAlikes(report: string, options: LookAlikeOptions): Promise<void> {
  const name = reportArgument(report);
  const range = {
    from: dayOption('--from', options.from ?? '1900-01-01'),
    to: dayOption('--to', options.to ?? '2100-12-31'),
  };
  assertInOrder(range);
  const found = await withWarehouse(async (warehouse) => {
    await recordNamesShown(warehouse, options, { command: 'lookalikes', report: name, period: range });
    return namesInTables(warehouse, name, range);
  });
  const groups = lookAlikesAmong(found).map((group) =>
    group.map((each) => shown(each, options.names === true)),
  );
  print(options, { report: name, groups }, () => lookAlikeWords(name, groups));
}

/** Groups of two and more, column by column. */
export function lookAlikesAmong(found: readonly TableName[]): TableName[][] {
  const columns = [...new Set(found.map(({ column }) => column))];
  return columns.flatMap((column) => {
    const byName = new Map(found.filter((each) => each.column === column).map((each) => [each.name, each]));
    return lookAlikeGroups(byName.keys()).map((names) => names.map((name) => byName.get(name)!));
  });
}

type Shown = Omit<TableName, 'name'> & { readonly name?: string };

function shown({ name, ...rest }: TableName, names: boolean): Shown {
  return names ? { ...rest, name } : rest;
}

function lookAlikeWords(report: ReportName, groups: readonly (readonly Shown[])[]): string {
  if (groups.length === 0) return `no two names of one column of ${report} look alike`;
  const named = groups[0]![0]!.name !== undefined;
  const headings = ['column', 'code', 'key', 'rows', 'periods from', 'to', ...(named ? ['name'] : [])];
  const lines = groups.flatMap((group) =>
    group.map(({ column, code, key, rows, first, last, name }) => [
      column,
      code,
      key,
      String(rows),
      first,
      last,
      ...(name === undefined ? [] : [name]),
    ]),
  );
  const hint = 'One person under two names: have the portal corrected, then load the periods again.';
  return [table(headings, lines), named ? hint : `${hint} --names shows them.`].join('\n');
}
