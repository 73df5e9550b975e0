import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What a worker needs beyond its own machine, each at a bridge of its own, so that the way to each can be cut
 * alone.
 */
export const services = ['store', 'database', 'temporal', 'portal'] as const;
export type Service = (typeof services)[number];

/** Of this machine's networks none is meant: it is a network of the namespace that the process has for itself. */
const addressOf = (service: Service, host: number) =>
  `10.213.${String(services.indexOf(service) + 1)}.${String(host)}`;
const firstMachine = 11;

export function serverAddress(service: Service): string {
  return addressOf(service, 1);
}

/**
 * Bridges to which machines are connected. Needs a network and mount namespace of this process's own
 * (`inOwnNetwork`), with which everything made here ends.
 */
export class Network {
  readonly machines: Machine[] = [];

  static async make(): Promise<Network> {
    await run('mkdir', ['-p', '/run/netns']);
    await run('mount', ['-t', 'tmpfs', 'tmpfs', '/run/netns']);
    await ip('link', 'set', 'lo', 'up');
    for (const service of services) {
      // Else it takes the lowest address of its ports, and what machines know of it is wrong once another one joins.
      const address = `02:00:00:00:00:0${String(services.indexOf(service) + 1)}`;
      await ip('link', 'add', service, 'address', address, 'type', 'bridge');
      await ip('addr', 'add', `${serverAddress(service)}/24`, 'dev', service);
      await ip('link', 'set', service, 'up');
    }
    return new Network();
  }

  async addMachine(): Promise<Machine> {
    const number = this.machines.length + 1;
    const name = `machine${String(number)}`;
    await ip('netns', 'add', name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    const machine = new Machine(name, firstMachine + number - 1);
    for (const service of services) await connect(machine, service);
    this.machines.push(machine);
    return machine;
  }

  /** The machine of an address as servers see it. */
  machineAt(address: string): Machine | undefined {
    return this.machines.find(({ host }) => address.split('.').at(-1) === String(host));
  }
}

export class Machine {
  readonly name: string;
  readonly host: number;

  constructor(name: string, host: number) {
    this.name = name;
    this.host = host;
  }

  /** Nothing passes any more in either direction, and neither side hears of it. */
  async cut(...ways: readonly Service[]): Promise<void> {
    for (const service of ways) await setPort(this, service, 'disabled');
  }

  async heal(...ways: readonly Service[]): Promise<void> {
    for (const service of ways) await setPort(this, service, 'forwarding');
  }

  /** Runs a program here, with a folder that no other machine sees; it gives its place to the program. */
  through(privateFolder: string): readonly string[] {
    const script = 'mount -t tmpfs tmpfs "$0" && exec "$@"';
    return ['ip', 'netns', 'exec', this.name, 'unshare', '--mount', 'sh', '-c', script, privateFolder];
  }
}

/** Both ends know each other for good: a cut way drops packets, and no question for a neighbour tells of it. */
async function connect({ name, host }: Machine, service: Service): Promise<void> {
  const port = portOf(name, service);
  await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', service, 'netns', name);
  await ip('link', 'set', port, 'master', service, 'up');
  await ip('-n', name, 'addr', 'add', `${addressOf(service, host)}/24`, 'dev', service);
  await ip('-n', name, 'link', 'set', service, 'up');
  await knowEachOther(await macOf(service), ['-n', name], serverAddress(service), service);
  await knowEachOther(await macOf(service, ['-n', name]), [], addressOf(service, host), service);
}

async function knowEachOther(
  mac: string,
  where: readonly string[],
  address: string,
  device: string,
): Promise<void> {
  await ip(...where, 'neigh', 'replace', address, 'lladdr', mac, 'dev', device, 'nud', 'permanent');
}

async function macOf(device: string, where: readonly string[] = []): Promise<string> {
  const { stdout } = await run('ip', [...where, '-j', 'link', 'show', 'dev', device]);
  return (JSON.parse(stdout) as readonly { readonly address: string }[])[0]!.address;
}

/** The states of a bridge's port as the kernel counts them. */
const portStates = { disabled: '0', forwarding: '3' } as const;

async function setPort({ name }: Machine, service: Service, state: keyof typeof portStates): Promise<void> {
  await run('bridge', ['link', 'set', 'dev', portOf(name, service), 'state', portStates[state]]);
}

/** At most 15 characters. */
function portOf(machine: string, service: Service): string {
  return `${machine.replace('machine', 'm')}-${service}`;
}

async function ip(...args: readonly string[]): Promise<void> {
  await run('ip', args);
}
