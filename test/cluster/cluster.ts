import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { IsoDate } from '../../src/domain/dates.ts';
import { startObjectStore, type ObjectStoreServer } from '../artifacts/objectStoreServer.ts';
import { Crew } from '../faults/crew.ts';
import { leftovers, loginLockOf } from '../faults/leftovers.ts';
import { databases, Site, type Elsewhere } from '../faults/site.ts';
import { replaceOnce, reportOf, setStage, type ScenarioReport, type Stage } from '../faults/stage.ts';
import { Network, serverAddress, services, type Machine, type Service } from './network.ts';
import type { ClusterFault, ClusterOptions, ClusterRun } from './clusterRun.ts';

/** Long over on any day that the cluster may run on. */
const dailyDay = '2024-03-05' as IsoDate;
/** A machine that is cut off for good has lost the login after this; longer than that is a fault. */
const takeOverSeconds = 60;
/** Within which the browser of a killed worker has noticed that it is alone, on a machine that is busy. */
const browserEndSeconds = 15;
/** For a login to be taken at all, on a machine that is busy with other things. */
const loginPatienceSeconds = 300;

/** Machines that share a bucket, a database and a Temporal server, and no folder. */
export async function runCluster({
  programs,
  objectStore,
  folder,
  options,
}: ClusterRun): Promise<ScenarioReport> {
  const network = await Network.make();
  const tls = await ownCertificate(folder);
  const store = await startObjectStore({ host: serverAddress('store'), tls, program: objectStore });
  const site = await Site.start({
    programs,
    folder,
    config: [
      [['portal', 'idleSeconds'], 2],
      [['portal', 'attempts'], 4],
      [['portal', 'retrySeconds'], options.retrySeconds],
    ],
    network: { servers: '0.0.0.0', portal: serverAddress('portal') },
  });
  try {
    await letMachinesIn(site);
    const cluster = new Cluster(site, network, options);
    for (let count = 0; count < options.machines; count += 1) {
      await cluster.add(elsewhere(await network.addMachine(), { site, store, certificate: tls.cert }));
    }
    return await cluster.run();
  } finally {
    await site.stop();
    await store.stop();
  }
}

async function ownCertificate(folder: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [path.join(folder, 'store.crt'), path.join(folder, 'store.key')];
  const subject = `subjectAltName=IP:${serverAddress('store')}`;
  const request =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=store -addext';
  await promisify(execFile)('openssl', [...request.split(' '), subject, '-out', cert, '-keyout', key]);
  return { cert, key };
}

/** The site's account is one of the loopback. */
async function letMachinesIn(site: Site): Promise<void> {
  const { username, password } = new URL(site.databaseUrl(databases.disturbed));
  const account = `'${username}'@'10.213.%'`;
  await site.query(databases.disturbed, `CREATE USER ${account} IDENTIFIED BY '${password}'`);
  await site.query(databases.disturbed, `GRANT ALL PRIVILEGES ON ${databases.disturbed}.* TO ${account}`);
}

interface Post extends Elsewhere {
  readonly machine: Machine;
}

interface Surroundings {
  readonly site: Site;
  readonly store: ObjectStoreServer;
  readonly certificate: string;
}

/** The program and its configuration are there, as in an image; nothing else is shared. */
function elsewhere(machine: Machine, { site, store, certificate }: Surroundings): Post {
  return {
    machine,
    through: machine.through(site.home),
    addresses: { database: serverAddress('database'), temporal: serverAddress('temporal') },
    environment: {
      TMPDIR: site.home,
      EHR_ARTIFACTS: `s3://${store.bucket}/ehr`,
      EHR_INBOX: '',
      EHR_SCRATCH: path.join(site.home, 'scratch'),
      AWS_ENDPOINT_URL_S3: store.endpoint,
      AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID'],
      AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY'],
      NODE_EXTRA_CA_CERTS: certificate,
    },
  };
}

/** A request on a session that another login had ended. */
interface UseAfterTakeOver {
  readonly at: string;
  /** What it asked for at the portal. */
  readonly step: string;
  readonly machine: Machine | undefined;
}

class Cluster {
  readonly #site: Site;
  readonly #network: Network;
  readonly #options: ClusterOptions;
  readonly #crews = new Map<Machine, Crew>();
  readonly #kills: { readonly machine: Machine; readonly at: number }[] = [];
  readonly #figures: Record<string, string | number> = {};

  constructor(site: Site, network: Network, options: ClusterOptions) {
    this.#site = site;
    this.#network = network;
    this.#options = options;
  }

  async add(post: Post): Promise<void> {
    await mkdir(this.#site.home, { recursive: true });
    this.#crews.set(post.machine, new Crew(() => this.#site.startWorkerElsewhere(post)));
  }

  async run(): Promise<ScenarioReport> {
    const { reports, portalPeriods } = this.#options;
    const stage = await setStage(this.#site, { reports, periods: 0, portalPeriods, daily: dailyDay });
    try {
      await Promise.all(Array.from(this.#crews.values(), (crew) => crew.hire(1)));
      stage.reader.start();
      for (const round of this.#options.rounds) await this.#replaceDuring(stage, round);
      stage.tally.differences.push(...(await leftovers(this.#site)), ...this.#loginsAtOneTime());
    } finally {
      await stage.reader.stop();
      await Promise.all(Array.from(this.#crews.values(), (crew) => crew.dismiss()));
    }
    return reportOf(stage, { ...this.#figures, ...this.#summary(stage) });
  }

  async #replaceDuring(stage: Stage, round: readonly ClusterFault[]): Promise<void> {
    const replacing = Promise.all(stage.works.map((work) => replaceOnce(stage, work)));
    // Its failure is for the end of the fault.
    replacing.catch(() => undefined);
    for (const fault of round) await this.#strike(fault, await this.#loginHolder());
    const over = performance.now();
    await replacing;
    this.#figures[`after ${round.join(', ')}: seconds until all was loaded`] = secondsSince(over);
  }

  async #strike(fault: ClusterFault, holder: Machine): Promise<void> {
    if (fault === 'killed') return this.#kill(holder);
    if (fault === 'vanished') return this.#vanish(holder);
    const [service, whom] = fault.split(':') as [Service, 'one' | 'all'];
    const machines = whom === 'one' ? [holder] : Array.from(this.#crews.keys());
    for (const machine of machines) await machine.cut(service);
    await sleep(this.#options.awaySeconds * 1000);
    for (const machine of machines) await machine.heal(service);
  }

  async #kill(machine: Machine): Promise<void> {
    this.#kills.push({ machine, at: Date.now() });
    const crew = this.#crews.get(machine)!;
    for (const worker of crew.ready) await crew.kill(worker);
  }

  /** Its connections stay open for the servers, which only hear nothing more. */
  async #vanish(holder: Machine): Promise<void> {
    let machine = holder;
    await machine.cut(...services);
    // It may have given the login back in that moment, and then has nothing to be freed.
    while ((await this.#holderNow()) !== machine) {
      await machine.heal(...services);
      machine = await this.#loginHolder();
      await machine.cut(...services);
    }
    const gone = performance.now();
    await this.#loginHolder((next) => next !== machine);
    const seconds = secondsSince(gone);
    this.#figures['vanished: seconds until another machine had the login'] = seconds;
    await this.#crews.get(machine)!.abandon();
    this.#crews.delete(machine);
    if (seconds > takeOverSeconds) throw new Error(`the login stayed taken for ${String(seconds)} s`);
  }

  async #loginHolder(isWanted: (machine: Machine) => boolean = () => true): Promise<Machine> {
    const deadline = Date.now() + loginPatienceSeconds * 1000;
    while (Date.now() < deadline) {
      const machine = await this.#holderNow();
      if (machine !== undefined && isWanted(machine)) return machine;
      await sleep(100);
    }
    throw new Error('no machine had the portal login');
  }

  /** In the database server's view. */
  async #holderNow(): Promise<Machine | undefined> {
    const sql = 'SELECT HOST AS host FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK(?)';
    const [row] = await this.#site.query(databases.disturbed, sql, [loginLockOf(this.#site)]);
    return this.#network.machineAt((row?.['host'] ?? '').split(':')[0]!);
  }

  /** By the portal's own record. */
  #loginsAtOneTime(): string[] {
    return this.#usesAfterTakeOver()
      .filter((use) => !this.#isOfKilled(use))
      .map(
        ({ at, step, machine }) =>
          `at ${at} ${machine?.name ?? 'nobody'} used a portal session (${step}) after another machine's login`,
      );
  }

  #usesAfterTakeOver(): readonly UseAfterTakeOver[] {
    return this.#site.portal.journal.flatMap((entry) =>
      entry.kind === 'used-after-take-over'
        ? [{ at: entry.at, step: entry.step, machine: this.#network.machineAt(entry.from) }]
        : [],
    );
  }

  /** A killed worker's browser ends by itself, and until then its page may ask the portal how far an export is. */
  #isOfKilled({ at, machine }: UseAfterTakeOver): boolean {
    const time = Date.parse(at);
    return this.#kills.some(
      (kill) => kill.machine === machine && time >= kill.at && time <= kill.at + browserEndSeconds * 1000,
    );
  }

  #summary({ tally }: Stage): Record<string, string | number> {
    const { journal } = this.#site.portal;
    const crews = Array.from(this.#crews.values());
    return {
      'versions brought in': tally.replaced,
      'runs that gave up, by type': JSON.stringify(
        Object.fromEntries(Object.entries(tally.failed).map(([type, { count }]) => [type, count])),
      ),
      'logins at the portal': journal.filter(({ kind }) => kind === 'session-opened').length,
      'sessions left behind, ended by the next login': journal.filter(
        (entry) => entry.kind === 'session-ended' && entry.reason === 'taken-over',
      ).length,
      "requests of a killed worker's page, before its browser had ended": this.#usesAfterTakeOver().filter(
        (use) => this.#isOfKilled(use),
      ).length,
      'logins unblocked': tally.unblocked,
      'workers that ended alone': crews.reduce((sum, { endedByThemselves }) => sum + endedByThemselves, 0),
    };
  }
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10;
}
