import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { array, assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dataKey,
  headerBytes,
  keyIdIn,
  NotOpened,
  Opener,
  OpeningStream,
  sealedLength,
  Sealer,
  sealWhole,
  type DataKeys,
} from '../../src/artifacts/seal.ts';

const key = dataKey(Buffer.alloc(32, 1));
const other = dataKey(Buffer.alloc(32, 2));
const chunkBytes = 16;
const sealedChunk = chunkBytes + 16;
const purpose = 'artifact';

function seal(plain: Buffer, pieces: readonly number[] = []): Buffer {
  const sealer = new Sealer(key, purpose, chunkBytes);
  const sealed = piecesOf(plain, pieces).flatMap((piece) => sealer.push(piece));
  return Buffer.concat([...sealed, ...sealer.end()]);
}

function open(
  sealed: Buffer,
  pieces: readonly number[] = [],
  keys: DataKeys = [key],
  wanted = purpose,
): Buffer {
  const opener = new Opener(keys, wanted);
  const plain: Buffer[] = [];
  for (const piece of piecesOf(sealed, pieces)) plain.push(...opener.push(piece));
  return Buffer.concat([...plain, ...opener.end()]);
}

/** Those of the files that open. */
function opened(files: readonly Buffer[]): number[] {
  return [...files.keys()].filter((index) => {
    try {
      open(files[index]!);
      return true;
    } catch (error) {
      if (error instanceof NotOpened) return false;
      throw error;
    }
  });
}

function read(bytes: Buffer, cutAt = bytes.length): Promise<string> {
  const pieces = Readable.from([bytes.subarray(0, cutAt), bytes.subarray(cutAt)]);
  return text(pieces.pipe(new OpeningStream([key], purpose, (error) => error)));
}

/** Cut at the given lengths; the rest is the last piece. */
function piecesOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  let from = 0;
  const cut = lengths.map((length) => bytes.subarray(from, (from += length)));
  return [...cut, bytes.subarray(from)];
}

const plainOf = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251));
const pieces = array(integer({ min: 0, max: 40 }), { maxLength: 12 });

describe('a sealed file', () => {
  test('opens to the same bytes, however both are cut into pieces, and is as long as said', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), pieces, pieces, (bytes, sealing, opening) => {
        const plain = Buffer.from(bytes);
        const sealed = seal(plain, sealing);
        expect(sealed.length).toBe(sealedLength(plain.length, chunkBytes));
        expect(open(sealed, opening)).toEqual(plain);
      }),
    );
  });

  test('has another salt, and so other bytes, each time', () => {
    const plain = plainOf(100);
    expect(seal(plain).subarray(headerBytes)).not.toEqual(seal(plain).subarray(headerBytes));
    expect(seal(plain).includes(plain.subarray(0, 12))).toBe(false);
  });

  test('names its key, which a plain file does not', () => {
    expect(keyIdIn(seal(plainOf(1)))).toBe(key.id);
    expect(key.id).toMatch(/^[0-9a-f]{16}$/);
    expect(key.secret.toString('hex')).not.toContain(key.id);
    expect(keyIdIn(plainOf(100))).toBeUndefined();
    expect(keyIdIn(Buffer.alloc(0))).toBeUndefined();
  });

  test('opens with an older key among others, and says which key it needs', () => {
    const sealed = seal(plainOf(40));
    expect(open(sealed, [], [other, key])).toEqual(plainOf(40));
    expect(() => open(sealed, [], [other])).toThrow(`is sealed with the data key ${key.id}`);
    expect(() => open(sealed, [], [])).toThrow(NotOpened);
  });

  test('opens for its own purpose only', () => {
    expect(() => open(seal(plainOf(40)), [], [key], 'inbox/a.csv')).toThrow(NotOpened);
  });

  test('does not open with another key of the same id', () => {
    const impostor = { id: key.id, secret: other.secret };
    expect(() => open(seal(plainOf(40)), [], [impostor])).toThrow(NotOpened);
  });
});

describe('does not open, whatever its length', () => {
  const lengths = [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes, 3 * chunkBytes + 5];

  test.each(lengths)('cut anywhere, at the borders of chunks too: %i bytes', (bytes) => {
    const sealed = seal(plainOf(bytes));
    expect(opened(Array.from(sealed, (_, length) => sealed.subarray(0, length)))).toEqual([]);
  });

  test.each(lengths)('with any bit flipped: %i bytes', (bytes) => {
    const sealed = seal(plainOf(bytes));
    const flipped = Array.from({ length: 8 * sealed.length }, (_, bit) => {
      const copy = Buffer.from(sealed);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      return copy;
    });
    expect(opened(flipped)).toEqual([]);
  });

  test.each(lengths)('with more at its end: %i bytes', (bytes) => {
    const sealed = seal(plainOf(bytes));
    const last = sealed.subarray(headerBytes + sealedChunk * Math.max(0, Math.ceil(bytes / chunkBytes) - 1));
    const more = [...Array.from({ length: 2 * sealedChunk }, (_, length) => Buffer.alloc(length + 1)), last];
    expect(opened([...more, sealed].map((end) => Buffer.concat([sealed, end])))).toEqual([]);
  });

  test('with its chunks in any other order, one left out or one twice', () => {
    const sealed = seal(plainOf(4 * chunkBytes));
    const header = sealed.subarray(0, headerBytes);
    const chunks = [0, 1, 2, 3].map((index) =>
      sealed.subarray(headerBytes + index * sealedChunk, headerBytes + (index + 1) * sealedChunk),
    );
    const orders = array(integer({ min: 0, max: 3 }), { maxLength: 6 });
    assert(
      property(orders, (order) => {
        const reordered = Buffer.concat([header, ...order.map((index) => chunks[index]!)]);
        expect(opened([reordered])).toEqual(order.join() === '0,1,2,3' ? [0] : []);
      }),
    );
  });

  test('with a chunk or the header of another file of the same key', () => {
    const [one, two] = [seal(plainOf(3 * chunkBytes)), seal(plainOf(3 * chunkBytes))];
    const mixed = [0, 1, 2].map((index) => {
      const [from, to] = [headerBytes + index * sealedChunk, headerBytes + (index + 1) * sealedChunk];
      return Buffer.concat([one.subarray(0, from), two.subarray(from, to), one.subarray(to)]);
    });
    const swapped = Buffer.concat([two.subarray(0, headerBytes), one.subarray(headerBytes)]);
    expect(opened([...mixed, swapped])).toEqual([]);
  });

  test('and hands no byte on of a chunk that was altered', () => {
    const sealed = seal(plainOf(3 * chunkBytes));
    sealed[headerBytes + sealedChunk]! ^= 1;
    const opener = new Opener([key], purpose);
    const plain: Buffer[] = [];
    expect(() => plain.push(...opener.push(sealed))).toThrow(NotOpened);
    expect(Buffer.concat(plain).length).toBeLessThanOrEqual(chunkBytes);
  });
});

describe('a stream', () => {
  const words = 'Client,Caregiver\r\n'.repeat(10);

  test.each([0, 1, 7, 8, 51, 52, 53, 150])(
    'opens what is sealed and hands on what is plain, cut at %i',
    async (at) => {
      expect(await read(sealWhole(key, purpose, Buffer.from(words)), at)).toBe(words);
      expect(await read(Buffer.from(words), at)).toBe(words);
    },
  );

  test.each(['', 'a', 'shorter than a header'])('hands on a short plain file: %j', async (short) => {
    expect(await read(Buffer.from(short))).toBe(short);
  });

  test('fails for a sealed file that was cut, within its header too', async () => {
    const sealed = sealWhole(key, purpose, Buffer.from(words));
    for (const length of [8, 20, headerBytes, headerBytes + 5, sealed.length - 1]) {
      await expect(read(sealed.subarray(0, length))).rejects.toBeInstanceOf(NotOpened);
    }
  });
});
