import { constants, generateKeyPairSync, privateDecrypt, randomBytes, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** By which way a rogue asks for the password. */
export type Asking =
  | 'caching_sha2_password'
  | 'sha256_password'
  | 'mysql_clear_password'
  | 'mysql_old_password';

const headerBytes = 4;
/** Signs in by plugin, protocol 4.1, database in the answer; no TLS on offer. */
const capabilities = 0x0008_8209;
const [authSwitch, moreData, fullAuthentication, wantsKeyOfSha2, wantsKeyOfSha256] = [
  0xfe, 0x01, 0x04, 0x02, 0x01,
];

/** Takes the place of a database, has no TLS, and does all it can to be given the password. */
export class RogueServer {
  asking: Asking = 'caching_sha2_password';
  /** Everything that clients have sent, and what could be decrypted of it with the key that was offered. */
  received: Buffer[] = [];
  connections = 0;
  readonly port: number;
  readonly #server: Server;
  readonly #privateKey: KeyObject;
  readonly #publicKey: string;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#privateKey = pair.privateKey;
    this.#publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    server.on('connection', (client: Socket) => this.#greet(client));
  }

  static async start(): Promise<RogueServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RogueServer(server);
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Whether the password came, open or so that this server could read it. */
  knows(password: string): boolean {
    return this.received.some((bytes) => bytes.includes(password));
  }

  #greet(client: Socket): void {
    this.connections += 1;
    const scramble = Buffer.from(randomBytes(20).map((byte) => (byte % 127) + 1));
    let answers = 0;
    client.on('error', () => undefined);
    client.on('data', (chunk: Buffer) => {
      this.received.push(chunk);
      answers += 1;
      const content = chunk.subarray(headerBytes);
      this.#decrypt(content, scramble);
      const reply = this.#next(content, answers, scramble);
      if (reply === undefined) client.end();
      else client.write(packet(reply, chunk[3]! + 1));
    });
    client.write(packet(greeting(scramble), 0));
  }

  #next(content: Buffer, answers: number, scramble: Buffer): Buffer | undefined {
    if (answers === 1) {
      return Buffer.concat([Buffer.of(authSwitch), Buffer.from(`${this.asking}\0`), scramble, Buffer.of(0)]);
    }
    const wantsKey = content.length === 1 && [wantsKeyOfSha2, wantsKeyOfSha256].includes(content[0]!);
    if (wantsKey) return Buffer.concat([Buffer.of(moreData), Buffer.from(this.#publicKey)]);
    return answers === 2 ? Buffer.of(moreData, fullAuthentication) : undefined;
  }

  #decrypt(content: Buffer, scramble: Buffer): void {
    try {
      const key = { key: this.#privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
      const mixed = privateDecrypt(key, content);
      this.received.push(Buffer.from(mixed.map((byte, index) => byte ^ scramble[index % scramble.length]!)));
    } catch {
      // Not encrypted with this server's key.
    }
  }
}

function greeting(scramble: Buffer): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(capabilities & 0xffff, 0);
  fixed[2] = 255;
  fixed.writeUInt16LE(2, 3);
  fixed.writeUInt16LE(capabilities >>> 16, 5);
  fixed[7] = 21;
  return Buffer.concat([
    Buffer.of(10),
    Buffer.from('8.4.0\0'),
    Buffer.from([1, 0, 0, 0]),
    scramble.subarray(0, 8),
    Buffer.of(0),
    fixed,
    Buffer.alloc(10),
    scramble.subarray(8),
    Buffer.from('\0caching_sha2_password\0'),
  ]);
}

function packet(content: Buffer, number: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUIntLE(content.length, 0, 3);
  header[3] = number;
  return Buffer.concat([header, content]);
}
