import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';

/**
 * Files sealed with a data key, so that neither writing nor reading holds a whole one in memory:
 *
 *     offset  bytes  header
 *          0      8  magic; its last byte is the version, 1
 *          8      8  id of the data key
 *         16      4  plain bytes of each chunk but the last, big-endian
 *         20     32  salt, random for each file
 *         52         chunks: AES-256-GCM of the plain bytes, then the tag of 16 bytes
 *
 * Each file has a key of its own, HKDF-SHA256 of the data key with the salt and the file's purpose. The nonce of a
 * chunk is its index in 11 bytes, big-endian, and then 1 for the last chunk, 0 for the others (STREAM of Hoang,
 * Reyhanitabar, Rogaway and Vizár, as in age). Each chunk authenticates the header. So no chunk opens at another place
 * or in another file, no file opens for another purpose, and a file that was cut or that grew has no last chunk. Only
 * an empty file has an empty chunk. No plain byte is handed on before the chunk that it is in is authenticated.
 */
const magic = Buffer.from([0x93, 0x45, 0x48, 0x52, 0x53, 0x45, 0x41, 0x01]);
const idBytes = 8;
const chunkSizeAt = magic.length + idBytes;
const saltAt = chunkSizeAt + 4;
const saltBytes = 32;
export const headerBytes = saltAt + saltBytes;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/** What a data key has. */
export const keyBytes = 32;
/** What a new file has. Larger chunks are hardly faster, and a reader holds one in memory. */
const usualChunkBytes = 64 * 1024;
/** What one call of the cipher is given: the C library asks the system for each larger piece, and gives it back. */
const pieceBytes = 32 * 1024;
/** A header that was altered must not make a reader collect a file in memory. */
const mostChunkBytes = 1024 * 1024;

export interface DataKey {
  /** Hex digits that tell keys apart and say nothing about them. */
  readonly id: string;
  readonly secret: Buffer;
}

/** The first one seals, and all open. Without any, files are plain. */
export type DataKeys = readonly DataKey[];

export function dataKey(secret: Buffer): DataKey {
  return { id: derived({ secret, salt: '', use: 'key id', bytes: idBytes }).toString('hex'), secret };
}

/** Why a file cannot be opened; its message says it after "the file". */
export class NotOpened extends Error {
  override readonly name = 'NotOpened';
}

/** Bytes on disk of a sealed file. */
export function sealedLength(plainBytes: number, chunkBytes: number = usualChunkBytes): number {
  return headerBytes + plainBytes + tagBytes * Math.max(1, Math.ceil(plainBytes / chunkBytes));
}

/** The id of the key that sealed a file, from its first bytes; undefined if it is plain. */
export function keyIdIn(head: Buffer): string | undefined {
  const isSealed = head.length >= headerBytes && head.subarray(0, magic.length).equals(magic);
  return isSealed ? head.subarray(magic.length, chunkSizeAt).toString('hex') : undefined;
}

/** Seals what is pushed. `purpose` is asked again when the file is opened. */
export class Sealer {
  readonly #chunks: Chunks;
  /** The header until it is written. */
  #header: Buffer | undefined;
  /** The start of a chunk. */
  readonly #part: Buffer;
  #held = 0;

  constructor(key: DataKey, purpose: string, chunkBytes: number = usualChunkBytes) {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(chunkBytes);
    const header = Buffer.concat([magic, Buffer.from(key.id, 'hex'), size, randomBytes(saltBytes)]);
    this.#chunks = new Chunks(key, purpose, header);
    this.#header = header;
    this.#part = Buffer.allocUnsafe(chunkBytes);
  }

  /** The sealed bytes so far, in pieces. Keeps no reference to `plain`. */
  push(plain: Buffer): Buffer[] {
    const sealed = this.#takeHeader();
    let rest = plain;
    // A chunk is sealed once a byte follows it: until then it may be the last.
    while (this.#held + rest.length > this.#part.length) {
      const taken = this.#part.length - this.#held;
      // Only what an earlier call began is copied.
      if (this.#held > 0) rest.copy(this.#part, this.#held);
      const chunk = this.#held > 0 ? this.#part : rest.subarray(0, taken);
      sealed.push(...this.#chunks.seal(chunk, false));
      this.#held = 0;
      rest = rest.subarray(taken);
    }
    this.#held += rest.copy(this.#part, this.#held);
    return sealed;
  }

  /** The last sealed bytes. */
  end(): Buffer[] {
    return [...this.#takeHeader(), ...this.#chunks.seal(this.#part.subarray(0, this.#held), true)];
  }

  #takeHeader(): Buffer[] {
    const header = this.#header;
    this.#header = undefined;
    return header === undefined ? [] : [header];
  }
}

/** Seals what is small. */
export function sealWhole(key: DataKey, purpose: string, plain: Buffer): Buffer {
  const sealer = new Sealer(key, purpose);
  return Buffer.concat([...sealer.push(plain), ...sealer.end()]);
}

/** Opens what is pushed. @throws NotOpened from each call */
export class Opener {
  readonly #keys: DataKeys;
  readonly #purpose: string;
  #chunks: Chunks | undefined;
  /** The start of the header, then of a chunk. */
  #part: Buffer = Buffer.allocUnsafe(headerBytes);
  #held = 0;

  constructor(keys: DataKeys, purpose: string) {
    this.#keys = keys;
    this.#purpose = purpose;
  }

  /** The plain bytes of the chunks that are complete and known not to be the last, in pieces. */
  *push(sealed: Buffer): Generator<Buffer> {
    let rest = sealed;
    while (this.#held + rest.length > this.#part.length) {
      const taken = this.#part.length - this.#held;
      if (this.#held > 0) rest.copy(this.#part, this.#held);
      const whole = this.#held > 0 ? this.#part : rest.subarray(0, taken);
      if (this.#chunks === undefined) this.#begin(whole);
      else yield* this.#chunks.open(whole, false);
      this.#held = 0;
      rest = rest.subarray(taken);
    }
    this.#held += rest.copy(this.#part, this.#held);
  }

  /** The last plain bytes, in pieces, which show that the file is whole. */
  end(): Buffer[] {
    if (this.#chunks === undefined || this.#held < tagBytes) throw altered();
    return this.#chunks.open(this.#part.subarray(0, this.#held), true);
  }

  #begin(header: Buffer): void {
    this.#chunks = this.#chunksOf(header);
    this.#part = Buffer.allocUnsafe(this.#chunks.size + tagBytes);
  }

  #chunksOf(header: Buffer): Chunks {
    const id = keyIdIn(header);
    const chunkBytes = header.readUInt32BE(chunkSizeAt);
    if (id === undefined || chunkBytes === 0 || chunkBytes > mostChunkBytes) throw altered();
    const key = this.#keys.find((each) => each.id === id);
    if (key === undefined) throw new NotOpened(`is sealed with the data key ${id}, which is not given here`);
    return new Chunks(key, this.#purpose, header);
  }
}

/** Opens a sealed file, and hands a plain one on. The stream fails with what `asFailure` makes of NotOpened. */
export class OpeningStream extends Transform {
  readonly #opener: Opener;
  readonly #asFailure: (error: NotOpened) => Error;
  /** Undefined until the first bytes show it. */
  #isSealed: boolean | undefined;
  #head: Buffer = Buffer.alloc(0);

  constructor(keys: DataKeys, purpose: string, asFailure: (error: NotOpened) => Error) {
    super();
    this.#opener = new Opener(keys, purpose);
    this.#asFailure = asFailure;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#settle(done, () => {
      const bytes = this.#isSealed === undefined ? Buffer.concat([this.#head, chunk]) : chunk;
      if (this.#isSealed === undefined && bytes.length < headerBytes) {
        this.#head = bytes;
        return;
      }
      this.#isSealed ??= keyIdIn(bytes) !== undefined;
      if (!this.#isSealed) this.push(bytes);
      else for (const plain of this.#opener.push(bytes)) this.push(plain);
    });
  }

  override _flush(done: (error?: Error | null) => void): void {
    this.#settle(done, () => {
      if (this.#isSealed === true) for (const plain of this.#opener.end()) this.push(plain);
      else if (this.#isSealed === undefined) this.#pushShort();
    });
  }

  /** A file shorter than a header: plain, or the start of a sealed one. */
  #pushShort(): void {
    if (this.#head.subarray(0, magic.length).equals(magic)) throw altered();
    this.push(this.#head);
  }

  #settle(done: (error?: Error | null) => void, work: () => void): void {
    try {
      work();
    } catch (error) {
      done(error instanceof NotOpened ? this.#asFailure(error) : (error as Error));
      return;
    }
    done();
  }
}

/** The chunks of one file, in their order. */
class Chunks {
  readonly size: number;
  readonly #key: Buffer;
  readonly #header: Buffer;
  #index = 0;

  constructor({ secret }: DataKey, purpose: string, header: Buffer) {
    this.size = header.readUInt32BE(chunkSizeAt);
    this.#key = derived({ secret, salt: header.subarray(saltAt), use: `file ${purpose}`, bytes: keyBytes });
    this.#header = Buffer.from(header);
  }

  seal(plain: Buffer, isLast: boolean): Buffer[] {
    const sealing = createCipheriv(cipher, this.#key, this.#nonce(isLast));
    sealing.setAAD(this.#header);
    const sealed = piecesOf(plain).map((piece) => sealing.update(piece));
    // Adds no bytes in this mode, and makes the tag.
    sealing.final();
    return [...sealed, sealing.getAuthTag()];
  }

  open(sealed: Buffer, isLast: boolean): Buffer[] {
    const isEmptyAfterOthers = sealed.length === tagBytes && this.#index > 0;
    if (isEmptyAfterOthers) throw altered();
    const opening = createDecipheriv(cipher, this.#key, this.#nonce(isLast), { authTagLength: tagBytes });
    opening.setAAD(this.#header);
    opening.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    const plain = piecesOf(sealed.subarray(0, sealed.length - tagBytes)).map((piece) =>
      opening.update(piece),
    );
    try {
      opening.final();
    } catch {
      throw altered();
    }
    return plain;
  }

  #nonce(isLast: boolean): Buffer {
    const nonce = Buffer.alloc(12);
    // Six bytes hold more chunks than any disk.
    nonce.writeUIntBE(this.#index, 5, 6);
    nonce.writeUInt8(isLast ? 1 : 0, 11);
    this.#index += 1;
    return nonce;
  }
}

function piecesOf(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    pieces.push(bytes.subarray(from, from + pieceBytes));
  }
  return pieces;
}

function altered(): NotOpened {
  return new NotOpened('was altered after it was sealed');
}

interface Derivation {
  readonly secret: Buffer;
  readonly salt: Buffer | string;
  readonly use: string;
  readonly bytes: number;
}

function derived({ secret, salt, use, bytes }: Derivation): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, `ehr-pipeline ${use}`, bytes));
}
