import { listPortalLogins, unblockPortalLogins, type PortalLoginState } from '../warehouse/portalLogins.ts';
import { readStatus, type PeriodStatus } from '../warehouse/ledger.ts';
import { migrate } from '../warehouse/migrate.ts';
import { print, table, type OutputOptions } from './output.ts';
import { withWarehouse } from './session.ts';

/** What the tables show for each period, and how its last run ended. */
export async function showStatus(options: OutputOptions): Promise<void> {
  const periods = await withWarehouse(readStatus);
  print(options, periods, () => statusWords(periods));
}

function statusWords(periods: readonly PeriodStatus[]): string {
  if (periods.length === 0) return 'no run has ended yet';
  const rows = periods.map(({ report, from, to, published, lastRun, ...state }) => [
    report,
    `${from}..${to}`,
    published === null ? '-' : String(published.rows),
    published === null ? 'never' : seconds(published.at),
    lastRun.outcome,
    seconds(lastRun.finishedAt),
    lastRun.rowsRejected === null ? '-' : String(lastRun.rowsRejected),
    stateWords({ published, lastRun, ...state }),
  ]);
  return table(
    ['report', 'period', 'rows', 'loaded (UTC)', 'last run', 'ended (UTC)', 'rejected', 'state'],
    rows,
  );
}

/** What somebody should know or do about the period. */
function stateWords(period: Pick<PeriodStatus, 'published' | 'lastRun' | 'pinned' | 'held'>): string {
  const { published, lastRun, pinned, held } = period;
  return [
    lastRun.failureType ?? '',
    published?.preliminary === true ? 'preliminary' : '',
    pinned === null ? '' : `pinned by ${pinned.by}`,
    ...held.map((run) => `held: ${run}`),
  ]
    .filter((words) => words !== '')
    .join(', ');
}

function seconds(time: string): string {
  return time.slice(0, 19);
}

export async function runMigrations(options: OutputOptions): Promise<void> {
  const result = await withWarehouse(migrate);
  print(options, result, () =>
    result.applied === 0 ? 'the tables are up to date' : `${String(result.applied)} migrations applied`,
  );
}

export async function showPortalLogins(options: OutputOptions): Promise<void> {
  const logins = await withWarehouse(listPortalLogins);
  print(options, logins, () =>
    logins.length === 0
      ? 'no login has been used yet'
      : table(
          ['login', 'state', 'why', 'since (UTC)'],
          logins.map((each) => [each.loginKey, each.state, whyBlocked(each), each.blockedAt ?? '']),
        ),
  );
}

function whyBlocked({ state, failureType }: PortalLoginState): string {
  return failureType ?? (state === 'blocked' ? 'no answer seen' : '');
}

export async function unblockPortal(options: OutputOptions): Promise<void> {
  const unblocked = await withWarehouse((warehouse) => unblockPortalLogins(warehouse));
  print(options, { unblocked }, () => `${String(unblocked)} logins may be tried again`);
}
