import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { statementPlaces, type StatementPlace } from './places.ts';

/** Bytes before a packet's content: its length (3) and its number in the exchange (1). */
const headerBytes = 4;
/** The first byte of a packet that holds a statement. */
const queryCommand = 3;
/** As much of a statement as tells which one it is. */
const textBytes = 80;
/** Shorter than the patience of a load; nobody needs longer to strike. */
const holdSeconds = 15;

/** Told where a statement is, with what lets it go on. */
type OnPlace = (place: string, release: () => void) => void;

/**
 * Stands between a worker and database and reads along, so that a fault can strike at a statement of the load's
 * transaction, in the middle of its rows, or between the commit and its answer.
 */
export class DatabaseProxy {
  readonly port: number;
  /** Nobody is told, and nothing held, until someone asks for it here. */
  onPlace: OnPlace = (_place, release) => release();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, databasePort: number) {
    this.#server = server;
    server.on('connection', (client: Socket) => this.#connect(client, databasePort));
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param port where it listens, a free one by default */
  static async start(databasePort: number, port = 0): Promise<DatabaseProxy> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new DatabaseProxy(server, databasePort);
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
      socket.once('close', () => this.#sockets.delete(socket));
    }
    void new Exchange(client, database, (place, release) => this.onPlace(place, release)).run();
  }
}

/** One connection of a worker. */
class Exchange {
  readonly #client: Socket;
  readonly #database: Socket;
  readonly #onPlace: OnPlace;
  /** What the next packets of the client belong to. */
  #statement = '';
  #answerHeld: StatementPlace | undefined;

  constructor(client: Socket, database: Socket, onPlace: OnPlace) {
    this.#client = client;
    this.#database = database;
    this.#onPlace = onPlace;
  }

  /** Until either side ends; then the other ends too, as it would without anyone in between. */
  async run(): Promise<void> {
    for (const socket of [this.#client, this.#database]) {
      socket.setNoDelay(true);
      // What broke the connection is for the worker to find out.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#client.destroy();
        this.#database.destroy();
      });
    }
    await Promise.allSettled([this.#forwardRequests(), this.#forwardAnswers()]);
  }

  async #forwardRequests(): Promise<void> {
    for await (const chunk of this.#client as AsyncIterable<Buffer>) {
      const text = statementIn(chunk);
      if (text === undefined) await this.#forwardData(chunk);
      else await this.#forwardStatement(text, chunk);
    }
    this.#database.end();
  }

  async #forwardStatement(text: string, chunk: Buffer): Promise<void> {
    this.#statement = text;
    const [before] = placesOf(text, 'statement');
    if (before !== undefined) await this.#hold(before);
    [this.#answerHeld] = placesOf(text, 'answer');
    await write(this.#database, chunk);
  }

  /** Not a new statement: the rows of a LOAD DATA, or the rest of a long statement. */
  async #forwardData(chunk: Buffer): Promise<void> {
    const [amid] = placesOf(this.#statement, 'rows');
    this.#statement = '';
    if (amid === undefined) return write(this.#database, chunk);
    const half = Math.floor(chunk.length / 2);
    await write(this.#database, chunk.subarray(0, half));
    await this.#hold(amid);
    return write(this.#database, chunk.subarray(half));
  }

  async #forwardAnswers(): Promise<void> {
    for await (const chunk of this.#database as AsyncIterable<Buffer>) {
      const place = this.#answerHeld;
      this.#answerHeld = undefined;
      if (place !== undefined) await this.#hold(place);
      await write(this.#client, chunk);
    }
    this.#client.end();
  }

  #hold({ place }: StatementPlace): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, holdSeconds * 1000);
      const release = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#onPlace(place, release);
    });
  }
}

function placesOf(statement: string, at: StatementPlace['at']): StatementPlace[] {
  return statementPlaces.filter((place) => place.at === at && place.begins.test(statement));
}

/** How a statement begins, where a packet with one begins the chunk: a client waits for each answer. */
function statementIn(chunk: Buffer): string | undefined {
  const isFirstOfExchange = chunk.length > headerBytes && chunk[headerBytes - 1] === 0;
  if (!isFirstOfExchange || chunk[headerBytes] !== queryCommand) return undefined;
  return chunk.toString('latin1', headerBytes + 1, headerBytes + 1 + textBytes).trimStart();
}

async function write(socket: Socket, chunk: Buffer): Promise<void> {
  if (chunk.length === 0 || socket.destroyed || socket.write(chunk)) return;
  await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
}
