import { configPath, readPipelineConfig } from '../config.ts';
import { listPortalLogins, unblockPortalLogins, type PortalLoginState } from '../warehouse/portalLogins.ts';
import { readStatus } from '../warehouse/ledgerReads.ts';
import { migrate } from '../warehouse/migrate.ts';
import { takeOver } from '../warehouse/takeOver.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { hasAlerts } from '../domain/alertChannels.ts';
import { readLastCheck } from '../warehouse/alertLedger.ts';
import { quietLine, roundMinutes } from './alertState.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { withWarehouse } from './connections.ts';
import { checkCode, clockOf, gapRanges, statusCells, statusRows, type StatusRow } from './statusRows.ts';

/**
 * Shows for each period what the tables show, how fresh it is and how its last run ended; and which periods in between
 * are not loaded.
 */
export async function showStatus(options: OutputOptions & { check?: boolean }): Promise<void> {
  const config = readPipelineConfig(configPath());
  const clock = clockOf(config);
  const [periods, lastLook] = await withWarehouse(
    async (warehouse) =>
      [await readStatus(warehouse), hasAlerts(config) ? await readLastCheck(warehouse) : undefined] as const,
  );
  const shown = statusRows(periods, clock);
  const quiet =
    lastLook === undefined
      ? undefined
      : quietLine({ everyMinutes: roundMinutes(config), lastLook }, clock.now);
  print(options, shown, () => [statusWords(shown), ...(quiet === undefined ? [] : [quiet])].join('\n'));
  if (options.check === true) process.exitCode = checkCode(shown, { alertsQuiet: quiet !== undefined });
}

const headings = [
  'report',
  'period',
  'rows',
  'loaded (UTC)',
  'export',
  'last run',
  'ended (UTC)',
  'rejected',
  'state',
];

function statusWords(shown: readonly StatusRow[]): string {
  if (shown.length === 0) return 'no run has ended yet';
  const gaps = gapRanges(shown).map(
    ({ report, from, to }) => `not loaded: npm run client -- backfill ${report} --from ${from} --to ${to}`,
  );
  return [table(headings, shown.map(statusCells)), ...gaps].join('\n');
}

/** @param options with `takeOver` the tables become this agency's, even if another one owns them */
export async function runMigrations(options: OutputOptions & { takeOver?: boolean }): Promise<void> {
  const ofAnyone = options.takeOver === true;
  const result = await withWarehouse(
    async (warehouse) => {
      const migrated = await migrate(warehouse, { ofAnyone });
      const takenFrom = ofAnyone ? await takeOver(warehouse, thisUser()) : undefined;
      return { ...migrated, ...(takenFrom === undefined ? {} : { takenFrom }) };
    },
    undefined,
    { ofAnyone },
  );
  print(options, result, () =>
    [
      ...(result.takenFrom === undefined ? [] : [`taken over from ${result.takenFrom}`]),
      migrationWords(result),
    ].join('\n'),
  );
}

export function migrationWords({ applied }: { readonly applied: number }): string {
  return applied === 0 ? 'the tables are up to date' : `${String(applied)} migrations applied`;
}

export async function showPortalLogins(options: OutputOptions): Promise<void> {
  const logins = await withWarehouse(listPortalLogins);
  print(options, logins, () =>
    logins.length === 0
      ? 'no login has been used yet'
      : table(
          ['login', 'state', 'why', 'since (UTC)', 'refused a run (UTC)'],
          logins.map((each) => [
            each.loginKey,
            each.state,
            whyBlocked(each),
            each.blockedAt ?? '',
            each.refusedAt ?? '',
          ]),
        ),
  );
}

/** Why a login is blocked, in the words of `portal status`. */
export function whyBlocked({ state, failureType }: Pick<PortalLoginState, 'state' | 'failureType'>): string {
  if (failureType === 'PortalLayoutChanged') return 'an unknown page followed the login';
  if (failureType === 'PortalOriginRefused') return 'the portal led to another origin';
  return failureType ?? (state === 'blocked' ? 'no answer seen' : '');
}

export async function unblockPortal(options: OutputOptions): Promise<void> {
  const unblocked = await withWarehouse((warehouse) => unblockPortalLogins(warehouse, thisUser()));
  print(options, { unblocked }, () => `${String(unblocked)} logins may be tried again`);
}
