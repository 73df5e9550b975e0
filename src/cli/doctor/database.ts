import { codeVersions } from '../../codeVersion.ts';
import { rulesShown, type ShownRules } from '../../warehouse/acceptedRules.ts';
import { meaningContradiction, type FiguresAre, type ListedAgain } from '../../domain/figuresAre.ts';
import { createNameKeys } from '../../domain/nameKeys.ts';
import type { Warehouse } from '../../warehouse/connect.ts';
import { recentlyListedAgain } from '../../warehouse/repeatedAuthorizations.ts';
import { readClock } from '../../warehouse/instants.ts';
import { unfilledRuns } from '../../warehouse/historyFill.ts';
import { keyedNames, newestCodeVersion, type KeyedName } from '../../warehouse/loadedWith.ts';
import { migrationState, type MigrationState } from '../../warehouse/migrate.ts';
import { seenInTables } from '../../warehouse/seenInTables.ts';
import { needsExport, unmatchedRules, type SeenInExports } from '../../domain/unmatchedRules.ts';
import { respiteUnsaid, type ServiceSetting } from '../../domain/respite.ts';
import { foldCode, type Rules } from '../../domain/rules.ts';
import { respiteServices } from '../../warehouse/serviceSettings.ts';
import { acquireNamedLock, lockNameIn } from '../../warehouse/namedLock.ts';
import {
  lackingRights,
  rightsOfRuns,
  tableRights,
  type Right,
  type TableRights,
} from '../../warehouse/rights.ts';
import { serverFacts, type ServerFacts } from '../../warehouse/serverFacts.ts';
import { note, ok, problem, type PartExamination, type Verdict } from './examination.ts';
import { clockVerdict, transportVerdict } from './transport.ts';

export const databaseChecks = [
  'the server and its settings',
  'the rights of the account',
  'the migrations',
  'what the tables were loaded with',
];

/** Rules that match nothing loaded: a typing mistake, or a leftover of the example. */
export function unmatchedVerdict(rules: Rules, seen: readonly SeenInExports[]): Verdict {
  if (seen.length === 0) return ok('nothing is loaded yet that the rules would have to fit');
  const unmatched = unmatchedRules(rules, seen);
  const untold = needsExport(rules)
    ? '; only preview shows which codes of excludedServices exclude no row, and which columnAliases match no heading'
    : '';
  if (unmatched.length === 0) return ok(`every name and code of the rules is in an export${untold}`);
  // The example's groups name services that a small provider may never have: worth knowing, but nothing to fix.
  if (unmatched.every((rule) => rule.startsWith('groups.'))) {
    return ok(
      `every rule is about a loaded export, but for codes of groups: ${unmatched.join(', ')}${untold}`,
    );
  }
  return note(
    `rules whose name or code is in no loaded export: ${unmatched.join(', ')}${untold}`,
    'Correct them in the file that EHR_CONFIG names, or take them out; leave them where such rows are still to come.',
  );
}

export interface DatabaseParts {
  /** Undefined if the configuration is wrong. */
  readonly rules: Rules | undefined;
  readonly services: readonly ServiceSetting[] | undefined;
  /** What the dollars of the utilization report are of; undefined if the configuration is wrong. */
  readonly figuresAre: FiguresAre | undefined;
  readonly warehouse: Warehouse;
  readonly host: string;
  readonly nameKey: string | undefined;
  /** The digest of the rules that a worker with these settings works under; undefined if they are wrong. */
  readonly rulesSha256: string | undefined;
}

/** Returns whether the tables are usable, for later checks. */
export async function examineDatabase(part: PartExamination, parts: DatabaseParts): Promise<boolean> {
  const { warehouse, host } = parts;
  const facts = await part.look('the server and its settings', () => serverFacts(warehouse));
  for (const verdict of facts === undefined ? [] : serverVerdicts(facts, host)) part.add(verdict);
  // Set and read back when the connection opened; if they differ, a problem is reported instead of this line.
  part.add(ok('sessions have the character set, SQL mode, time zone and limits that figures depend on'));
  part.add(bulkVerdict(warehouse.bulk, facts?.isMariaDb ?? false));
  await part.check('the clock of the database', () => databaseClock(warehouse));
  await part.check('locks of the database', () => lockVerdict(warehouse));
  if (facts?.readOnly === true) {
    part.unchecked('the rights of the account', 'the server takes no writes');
  }
  const lacking =
    facts?.readOnly === true
      ? undefined
      : await part.look('the rights of the account', () => lackingRights(warehouse));
  const migrations = await part.look('the migrations', () => migrationState(warehouse));
  if (lacking !== undefined && migrations?.missing === 0) {
    await part.check('the rights of the account', async () =>
      tableVerdicts(await tableRights(warehouse), lacking),
    );
  } else if (lacking !== undefined) part.add(rightsVerdict(lacking, warehouse.database));
  if (migrations !== undefined) part.add(migrationVerdict(migrations, lacking));
  if (migrations === undefined || migrations.missing > 0) {
    part.unchecked('what the tables were loaded with', 'the tables are not up to date');
    return false;
  }
  await examineLoaded(part, parts);
  return true;
}

async function examineLoaded(
  part: PartExamination,
  { warehouse, nameKey, rules, rulesSha256, services, figuresAre }: DatabaseParts,
): Promise<void> {
  if (nameKey === undefined) part.unchecked('the key of the loaded names', 'EHR_NAME_KEY is wrong');
  else
    await part.check('the key of the loaded names', async () =>
      nameKeyVerdict(await keyedNames(warehouse), nameKey),
    );
  if (rulesSha256 === undefined) part.unchecked('the rules of the loaded periods', 'the settings are wrong');
  else
    await part.check('the rules of the loaded periods', async () =>
      olderRulesVerdicts(await rulesShown(warehouse), rulesSha256),
    );
  if (rules === undefined) part.unchecked('what the rules name', 'the configuration is wrong');
  else
    await part.check('what the rules name', async () =>
      unmatchedVerdict(rules, await seenInTables(warehouse)),
    );
  if (services === undefined) part.unchecked('which services are respite', 'the configuration is wrong');
  else
    await part.check('which services are respite', async () =>
      respiteVerdict(services, await respiteServices(warehouse)),
    );
  if (figuresAre === undefined) part.unchecked('what the dollars are of', 'the configuration is wrong');
  else
    await part.check('what the dollars are of', async () =>
      figuresVerdict(figuresAre, await recentlyListedAgain(warehouse)),
    );
  await part.check('the history of authorizations', async () =>
    historyVerdict((await unfilledRuns(warehouse)).length),
  );
  await part.check('the code of the newest run', async () =>
    codeVerdict(await newestCodeVersion(warehouse), codeVersions()),
  );
}

/** @param due runs whose days are not in the history */
export function historyVerdict(due: number): Verdict {
  return due === 0
    ? ok('authorization_history has the days of all runs')
    : note(
        `authorization_history lacks the days of ${String(due)} runs, and retention keeps their row files until it has them`,
        'Write them once: npm run client -- history fill',
      );
}

/** Whether the loaded months fit what pipeline.yaml says the dollars are of. */
export function figuresVerdict(figuresAre: FiguresAre, again: ListedAgain): Verdict {
  const { authorizations, months } = again;
  if (months === null)
    return ok('no authorization is loaded of several months, so nothing tells what the dollars are of');
  const within = `utilization ${months.from} to ${months.to}`;
  const why = meaningContradiction(figuresAre, again);
  if (why === undefined) {
    return ok(
      `the dollars of ${within} fit reports.utilization.figuresAre: ${figuresAre} (${String(authorizations)} authorizations in several months)`,
    );
  }
  const other = figuresAre === 'month' ? 'authorization' : 'month';
  return note(
    `reports.utilization.figuresAre is ${figuresAre}, and ${within} contradicts it: ${why}`,
    `Ask the portal's vendor, or compare one authorization in the portal. If it is so, set figuresAre: ${other} in pipeline.yaml and restart the workers; else leave it: pages and views keep saying what they take the dollars for.`,
  );
}

/** `known`: the respite services that the tables last recorded, in upper case; undefined if none were recorded. */
export function respiteVerdict(
  services: readonly ServiceSetting[],
  known: readonly string[] | undefined,
): Verdict {
  if (services.length === 0) {
    return note(
      respiteUnsaid,
      'Write a service in the groups as { code: RS, respite: true }, or one with respite: false where none is; then restart the workers.',
    );
  }
  const respite = services.filter((service) => service.respite).map(({ code }) => foldCode(code));
  const words = respite.length === 0 ? 'no service' : respite.sort().join(', ');
  if (known !== undefined && known.toSorted().join('\n') === respite.join('\n')) {
    return ok(`respite in pages and views: ${words}`);
  }
  return note(
    `pipeline.yaml marks ${words} as respite, and pages and views do not follow it yet`,
    'Restart the workers: each notes it at its start.',
  );
}

/** The periods of each report whose figures were made under rules other than those in force. */
export function olderRulesVerdicts(shown: readonly ShownRules[], rulesSha256: string): Verdict[] {
  const older = shown.filter((period) => period.rulesSha256 !== rulesSha256);
  const found = [...new Set(older.map(({ report }) => report))].map((report) => {
    const those = older.filter((period) => period.report === report);
    const [from, to] = [those[0]!.from, those.at(-1)!.to];
    return note(
      `${String(those.length)} ${those.length === 1 ? 'period' : 'periods'} of ${report} within ${from}..${to} show figures made under older rules`,
      `See what would change, then load again without the portal: npm run client -- reload ${report} --from ${from} --to ${to} --dry-run, and the same without --dry-run`,
    );
  });
  return found.length > 0 ? found : [ok('all periods show figures made under the rules in force')];
}

async function databaseClock(warehouse: Warehouse): Promise<Verdict> {
  const asked = performance.now();
  const theirs = new Date(await readClock(warehouse));
  const answeredSeconds = (performance.now() - asked) / 1000;
  return clockVerdict("the database's", { theirs, ours: new Date(), answeredSeconds });
}

/** Named locks keep loads, migrations and portal logins apart; a proxy that shares connections breaks them. */
async function lockVerdict(warehouse: Warehouse): Promise<Verdict> {
  const lock = await acquireNamedLock(warehouse, lockNameIn(warehouse, 'doctor'), { timeoutSeconds: 5 });
  await lock.release();
  return ok('named locks are granted and released');
}

function serverVerdicts(facts: ServerFacts, host: string): Verdict[] {
  const { version, isMariaDb, readOnly, tlsCipher } = facts;
  const server = isMariaDb ? version : `MySQL ${version}`;
  return [
    readOnly
      ? problem(
          `${server} takes no writes (read_only)`,
          'Point DATABASE_URL at the writable server, or wait until the failover is over.',
        )
      : ok(`${server} answers`),
    transportVerdict({
      to: 'the database',
      host,
      encrypted: tlsCipher !== undefined,
      remedy: 'Add ?ssl=true to DATABASE_URL, and name the CA of the server in DATABASE_CA.',
      allowedBy: 'DATABASE_ALLOW_PLAINTEXT',
    }),
    ...durabilityVerdicts(facts),
  ];
}

/**
 * A power cut must not undo what the server has confirmed. The database records that a password was submitted and
 * rejected; if that record is lost, the password is sent again, to a portal that locks accounts.
 */
export function durabilityVerdicts({
  durability,
  isMariaDb,
}: Pick<ServerFacts, 'durability' | 'isMariaDb'>): Verdict[] {
  const {
    innodb_flush_log_at_trx_commit: flush,
    innodb_doublewrite: doublewrite,
    log_bin,
    sync_binlog,
  } = durability;
  const found: Verdict[] = [];
  if (flush !== '1') {
    found.push(
      problem(
        `innodb_flush_log_at_trx_commit is ${flush ?? 'unknown'}: a power cut takes back what was committed last`,
        setting('innodb_flush_log_at_trx_commit', '1', isMariaDb),
      ),
    );
  }
  // MySQL also accepts DETECT_AND_RECOVER for ON, MariaDB from version 11 FAST.
  if (!['ON', '1', 'DETECT_AND_RECOVER', 'FAST'].includes(doublewrite ?? '')) {
    found.push(
      problem(
        `innodb_doublewrite is ${doublewrite ?? 'unknown'}: a power cut can leave half-written pages in the tables`,
        'In the [mysqld] section of the server configuration: innodb_doublewrite=ON, then restart the server.',
      ),
    );
  }
  if (log_bin === 'ON' && sync_binlog !== '1') {
    found.push(
      note(
        `sync_binlog is ${sync_binlog ?? 'unknown'} and the binary log is on: after a power cut replicas may differ`,
        setting('sync_binlog', '1', isMariaDb),
      ),
    );
  }
  return found.length > 0
    ? found
    : [ok('what was committed survives a power cut (flush, doublewrite, binary log)')];
}

/** MySQL itself keeps the setting over a restart; MariaDB only from its configuration file. */
function setting(variable: string, value: string, isMariaDb: boolean): string {
  return isMariaDb
    ? `SET GLOBAL ${variable} = ${value}; and ${variable}=${value} in the [mysqld] section, to last over a restart`
    : `SET PERSIST ${variable} = ${value};`;
}

export function bulkVerdict(bulk: Warehouse['bulk'], isMariaDb: boolean): Verdict {
  if (bulk === 'local-infile') return ok('rows are loaded by LOAD DATA LOCAL');
  return note(
    'the server does not allow LOAD DATA LOCAL: rows are loaded by inserts, which is right but slower',
    setting('local_infile', '1', isMariaDb),
  );
}

export function rightsVerdict(lacking: readonly Right[], database: string): Verdict {
  const lackingForRuns = lacking.filter((right) => rightsOfRuns.includes(right));
  if (lackingForRuns.length === 0) {
    return ok(
      lacking.length === 0
        ? 'the account has the rights that runs and migrations need'
        : `the account has the rights that runs need; migrate needs another one, with ${lacking.join(', ')} too`,
    );
  }
  const rights = lackingForRuns.join(', ');
  return problem(
    `the account lacks rights on the database: ${rights}`,
    `As an administrator, with the account of DATABASE_URL: GRANT ${rights} ON \`${database.replaceAll('`', '``')}\`.* TO '…'@'…';`,
  );
}

/** How many rights are named; a fresh account lacks some forty. */
const mostLacking = 5;

/** `lackingOnAll`: the rights on the whole database that the account lacks; only `migrate` needs them. */
export function tableVerdicts({ lacking, excess }: TableRights, lackingOnAll: readonly Right[]): Verdict[] {
  const grants = 'npm run client -- grants';
  if (lacking.length > 0) {
    const named = lacking.slice(0, mostLacking).map(({ table, right }) => `${right} on ${table}`);
    const beyond = lacking.length - named.length;
    const more = beyond > 0 ? ` and ${String(beyond)} more` : '';
    return [
      problem(
        `the account lacks rights that a worker needs: ${named.join(', ')}${more}`,
        `As an administrator, give the account what this prints for ehr_worker: ${grants}`,
      ),
    ];
  }
  const changing = (['ALTER', 'DROP'] as const).filter((right) => !lackingOnAll.includes(right));
  const tooMuch = [...changing.map((right) => `${right} on all tables`), ...excess];
  if (tooMuch.length === 0) return [ok('the account has the rights that runs need, and no more')];
  return [
    ok('the account has the rights that runs need'),
    note(
      `the account can do more than runs need: ${tooMuch.join(', ')}`,
      `For workers take an account of their own, which cannot rewrite the audit events: ${grants}`,
    ),
  ];
}

/** `lacking`: the rights that the account lacks, if they could be read. */
export function migrationVerdict(
  { missing, unknown }: MigrationState,
  lacking: readonly Right[] = [],
): Verdict {
  if (missing > 0) {
    const migrate = 'npm run client -- migrate';
    return problem(
      `the tables are ${String(missing)} migrations behind`,
      lacking.length === 0
        ? migrate
        : `With an account in DATABASE_URL that has ${lacking.join(', ')} too: ${migrate}`,
    );
  }
  if (unknown > 0) {
    return note(
      `the tables have ${String(unknown)} migrations that this program does not know: it is older than they are`,
      'Update this program to the version that the workers run.',
    );
  }
  return ok('the tables are up to date');
}

/** With another key, the same person gets another key from one load to the next. */
export function nameKeyVerdict(loaded: readonly KeyedName[], nameKey: string): Verdict {
  if (loaded.length === 0) return ok('nothing is loaded yet that EHR_NAME_KEY would have to fit');
  const keyOf = createNameKeys(nameKey);
  if (loaded.every(({ name, key }) => keyOf(name) === key))
    return ok('EHR_NAME_KEY is the one that the tables were loaded with');
  return problem(
    'EHR_NAME_KEY is not the one that the tables were loaded with: the same person would get another key',
    'Set EHR_NAME_KEY to the key that the workers had. If it has changed, or is lost for good: npm run client -- rekey names',
  );
}

export function codeVerdict(newest: string | undefined, here: readonly string[]): Verdict {
  if (newest === undefined) return ok('no run has been made yet, so there is no code version to compare');
  if (here.includes(newest)) return ok('the newest run was made by this code');
  return note(
    'the newest run was made by other code than this: a worker may be older or newer',
    'After an update restart every worker: npm run build && npm start',
  );
}
