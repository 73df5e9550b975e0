import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Bytes before a packet's content: its length (3) and its number in the exchange (1). */
const headerBytes = 4;
const queryCommand = 3;

/** What becomes of a SET: it reaches the server, is answered as done without reaching it, or is refused. */
export type SetFate = 'passed' | 'swallowed' | 'refused';

/** Stands before a database as some proxies do, and has its own way with SET. */
export class SettingProxy {
  fate: SetFate = 'passed';
  /** Every statement that reached the server, in order. */
  readonly passed: string[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, databasePort: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client: Socket) => this.#connect(client, databasePort));
  }

  static async start(databasePort: number): Promise<SettingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SettingProxy(server, databasePort);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(client: Socket, databasePort: number): void {
    const database = connect(databasePort, '127.0.0.1');
    for (const socket of [client, database]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        database.destroy();
      });
    }
    database.pipe(client);
    let rest = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= headerBytes && rest.length >= headerBytes + rest.readUIntLE(0, 3)) {
        const end = headerBytes + rest.readUIntLE(0, 3);
        this.#pass(rest.subarray(0, end), client, database);
        rest = rest.subarray(end);
      }
    });
  }

  #pass(packet: Buffer, client: Socket, database: Socket): void {
    const statement = packet[headerBytes] === queryCommand ? textOf(packet) : '';
    if (/^SET\b/i.test(statement) && this.fate !== 'passed') {
      client.write(this.fate === 'swallowed' ? done : denied);
      return;
    }
    if (statement !== '') this.passed.push(statement);
    database.write(packet);
  }
}

/** On MySQL two bytes stand before the text: how many attributes the statement has, and in how many sets. */
function textOf(packet: Buffer): string {
  const from = headerBytes + 1;
  return packet.toString('utf8', packet[from] === 0 ? from + 2 : from);
}

function answer(content: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUIntLE(content.length, 0, 3);
  header[3] = 1;
  return Buffer.concat([header, content]);
}

/** OK: no rows, no id, autocommit, no warnings. */
const done = answer(Buffer.from([0, 0, 0, 2, 0, 0, 0]));
/** Error 1227, access denied. */
const denied = answer(
  Buffer.concat([Buffer.from([0xff, 1227 & 0xff, 1227 >> 8]), Buffer.from('#42000Access denied')]),
);
