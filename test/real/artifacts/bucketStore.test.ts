import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createBucketCopies,
  createBucketInbox,
  removeAbandonedObjects,
  uploadToInbox,
} from '../../../src/artifacts/bucketInbox.ts';
import { BucketObjects, createBucketPlace, createBucketStore } from '../../../src/artifacts/bucketStore.ts';
import { evidenceInBucket } from '../../../src/artifacts/looseFiles.ts';
import { createInboxCopies } from '../../../src/artifacts/inboxCopies.ts';
import { dataKey } from '../../../src/artifacts/seal.ts';
import {
  place,
  read,
  readLate,
  rowsText,
  storeContract,
  uncaughtDuring,
  write,
} from '../../artifacts/storeContract.ts';
import {
  objectStoreProgram,
  startObjectStore,
  type ObjectStoreServer,
} from '../../artifacts/objectStoreServer.ts';

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function setCredentials(): void {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'an-invented-id',
    AWS_SECRET_ACCESS_KEY: 'an-invented-secret',
  });
}

function notInBucket(): Promise<never> {
  return Promise.reject(new Error('not in the bucket'));
}

describe.skipIf(objectStoreProgram === undefined)('a bucket', () => {
  let server: ObjectStoreServer;
  let spool: string;
  beforeAll(async () => {
    server = await startObjectStore();
    spool = await mkdtemp(path.join(tmpdir(), 'ehr-spool-'));
  });
  afterAll(async () => {
    await rm(spool, { recursive: true, force: true });
    await server.stop();
  });

  function bucket(name: string = server.bucket): BucketObjects {
    return new BucketObjects({ bucket: name, prefix: 'ehr/exports', endpoint: server.endpoint });
  }

  function pathOf({ uri }: { uri: string }): string {
    return path.join(server.folder, 'ehr/exports', uri.replace('artifact:', ''));
  }

  storeContract(async () => {
    const objects = bucket();
    return {
      open: (keys) => createBucketStore(objects, spool, keys),
      keptAt: createBucketPlace(objects, spool),
      kept: (ref) => readFile(pathOf(ref)),
      // As a stranger with rights on the bucket would: by the same protocol.
      replace: async ({ uri }, bytes) => {
        const name = uri.replace('artifact:', '');
        const file = path.join(spool, 'by-a-stranger');
        await writeFile(file, bytes);
        await objects.remove(name);
        await objects.put(name, file);
        await rm(file);
      },
      remove: ({ uri }) => objects.remove(uri.replace('artifact:', '')),
      files: async () => [...(await filesIn(server.folder)), ...(await filesIn(spool))],
      close: () => Promise.resolve(),
    };
    // Each takes three requests; what notices them is the same as with a folder.
  }, 200);

  test('lets old evidence go, and nothing else', async () => {
    const objects = bucket();
    const file = path.join(spool, 'some-evidence');
    await writeFile(file, 'four');
    const ref = await write(createBucketStore(objects, spool));
    const old = 'evidence/notes-2026-10-01..2026-10-15-20261027t115959z-0a1b2c/step.json';
    const young = 'evidence/notes-2026-10-01..2026-10-15-20261028t120001z-0a1b2c/step.json';
    for (const name of [old, young]) await objects.put(name, file);
    await rm(file);
    const now = new Date('2026-11-27T12:00:00Z');
    const bytes: number[] = [];
    for await (const page of evidenceInBucket(objects).old({ days: 30, now })) {
      for (const each of page) {
        bytes.push(each.bytes);
        await each.remove();
      }
    }
    expect(bytes).toEqual([4]);
    expect(await objects.get(old)).toBeUndefined();
    expect((await objects.get(young))?.bytes).toBe(4);
    await objects.remove(young);
    expect((await objects.get(ref.uri.replace('artifact:', '')))?.bytes).toBe(ref.bytes);
  });

  test('has none of the files of an agency that lie below its prefix', async () => {
    const prefix = 'ehr/exports/agencies/acme';
    const ofAcme = new BucketObjects({ bucket: server.bucket, prefix, endpoint: server.endpoint });
    const run = { ...place.run, runId: '0197f3c2-5a1e-7c44-9d2b-61636d650000' };
    const sink = await createBucketStore(ofAcme, spool).create({ ...place, run });
    await sink.add('an export of acme');
    const ref = await sink.commit(1);
    const file = path.join(spool, 'some-evidence');
    await writeFile(file, 'four');
    await ofAcme.put('evidence/notes-2026-10-01..2026-10-15-20251027t115959z-0a1b2c/step.json', file);
    await rm(file);
    const home = bucket();
    const seen: string[] = [];
    for await (const page of createBucketStore(home, spool).list()) seen.push(...page.map(({ uri }) => uri));
    expect(seen).not.toContain(ref.uri);
    const old: number[] = [];
    for await (const page of evidenceInBucket(home).old({ days: 1, now: new Date() })) {
      old.push(...page.map(({ bytes }) => bytes));
    }
    expect(old).toEqual([]);
    await expect(read(createBucketStore(home, spool), ref)).rejects.toMatchObject({
      type: 'ArtifactMissing',
    });
    expect(await read(createBucketStore(ofAcme, spool), ref)).toBe('an export of acme');
  });

  test('takes a file of 120 MB in parts, and gives the same bytes', async () => {
    const store = createBucketStore(bucket(), spool);
    const block = randomBytes(1024 * 1024);
    const sink = await store.create(place);
    for (let megabyte = 0; megabyte < 120; megabyte += 1) await sink.add(block);
    const ref = await sink.commit(0);
    expect(ref.bytes).toBe(120 * block.length);
    let bytes = 0;
    for await (const chunk of await store.open(ref)) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(ref.bytes);
    expect(await filesIn(spool)).toEqual([]);
    await rm(pathOf(ref));
  });

  test('refuses bytes that are not those of the hash', async () => {
    const file = path.join(spool, 'altered');
    await writeFile(file, 'other bytes');
    const wrong = { sha256: '0'.repeat(64), bytes: 11 };
    await expect(bucket().put('altered', file, wrong)).rejects.toMatchObject({
      type: 'ArtifactStoreUnavailable',
    });
    expect(await bucket().get('altered')).toBeUndefined();
    await rm(file);
  });

  test('that holds other bytes under the name of a new file is no success', async () => {
    const store = createBucketStore(bucket(), spool);
    const ref = await write(store, 'written first\n');
    await writeFile(pathOf(ref), 'written by a stranger\n');
    const sink = await store.create(place);
    await sink.add('written first\n');
    await expect(sink.commit(2)).rejects.toMatchObject({
      type: 'ArtifactStoreUnavailable',
      message: expect.stringContaining('other bytes under the name') as string,
    });
    await sink.discard();
    expect(await filesIn(spool)).toEqual([]);
  });

  test('that is not there is named by its code, with what to look at', async () => {
    const store = createBucketStore(bucket('nobodys'), spool);
    const sink = await store.create(place);
    await sink.add(rowsText);
    await expect(sink.commit(2)).rejects.toMatchObject({
      type: 'ArtifactStoreUnavailable',
      message: expect.stringContaining('NoSuchBucket') as string,
      hint: expect.stringContaining('EHR_ARTIFACTS') as string,
    });
    await sink.discard();
  });

  test.each([
    { title: 'plain', keys: [] },
    { title: 'sealed', keys: [dataKey(Buffer.alloc(32, 1))] },
  ])('takes a $title file that somebody hands in for the time of a step', async ({ keys, title }) => {
    const file = path.join(spool, 'reportExport.csv');
    await writeFile(file, 'handed in\n');
    const handedIn = await uploadToInbox(bucket(), file, { spoolFolder: spool, keys });
    await rm(file);
    const inBucket = await readFile(path.join(server.folder, 'ehr/exports/inbox', handedIn.name));
    expect(inBucket.includes('handed in')).toBe(title === 'plain');
    const inbox = createBucketInbox(bucket(), { spoolFolder: spool, elsewhere: notInBucket, keys });
    const taken = await inbox(handedIn.name);
    expect(await text(taken.read())).toBe('handed in\n');
    const onDisk = await readFile(path.join(spool, (await filesIn(spool))[0]!));
    expect(onDisk.includes('handed in')).toBe(title === 'plain');
    await taken.release();
    await handedIn.remove();
    expect(await filesIn(spool)).toEqual([]);
    await expect(inbox(handedIn.name)).rejects.toThrow('not in the bucket');
    await expect(inbox('../ehr/exports/notes')).rejects.toThrow('not in the bucket');
  });

  test('lets copies from sources go a day later, what was handed in four days later, and no file of a person', async () => {
    const objects = bucket();
    const file = path.join(spool, 'reportExport.csv');
    await writeFile(file, 'handed in\n');
    const { name } = await uploadToInbox(objects, file, { spoolFolder: spool, keys: [] });
    const copy = 'sources/vendor/0123456789abcdef-1700000000000.csv';
    const own = ['notes.csv', 'october/notes.csv'];
    for (const each of [copy, ...own]) await objects.put(`inbox/${each}`, file);
    await rm(file);
    const left = async () => {
      const names: string[] = [];
      for await (const page of objects.list('inbox')) names.push(...page.map((each) => each.name));
      return names.sort();
    };
    const all = [name, copy, ...own].map((each) => `inbox/${each}`).sort();
    await removeAbandonedObjects(objects, new Date(Date.now() + 23 * 3_600_000));
    expect(await left()).toEqual(all);
    await removeAbandonedObjects(objects, new Date(Date.now() + 25 * 3_600_000));
    await removeAbandonedObjects(objects, new Date(Date.now() + 95 * 3_600_000));
    expect(await left()).toEqual(all.filter((each) => each !== `inbox/${copy}`));
    await removeAbandonedObjects(objects, new Date(Date.now() + 97 * 3_600_000));
    expect(await left()).toEqual(own.map((each) => `inbox/${each}`));
    for (const each of own) await objects.remove(`inbox/${each}`);
  });

  test('keeps the copy of a file from a source for every machine, once', async () => {
    const inboxOfOne = path.join(spool, 'inbox');
    const copies = createBucketCopies(bucket(), { inbox: inboxOfOne, local: createInboxCopies(inboxOfOne) });
    const copy = { source: 'vendor', id: '0123456789abcdef', modifiedAt: 1_700_000_000_000 };
    const bytes = Buffer.from('left by a vendor\n');
    const chunks = () =>
      Promise.resolve(
        (async function* () {
          yield await Promise.resolve(bytes);
        })(),
      );
    const name = await copies.keep(copy, bytes.length, chunks);
    expect(await copies.keep(copy, bytes.length, chunks)).toBe(name);
    const onAnother = createBucketInbox(bucket(), { spoolFolder: spool, elsewhere: notInBucket });
    const taken = await onAnother(name);
    expect(await text(taken.read())).toBe('left by a vendor\n');
    await taken.release();
    await copies.remove(copy);
    await copies.remove(copy);
    await expect(onAnother(name)).rejects.toThrow('not in the bucket');
    expect(await filesIn(spool)).toEqual([]);
  });
});

/** Does something with a server that answers as told. */
async function withServer(answer: RequestListener, work: (endpoint: string) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  setCredentials();
  try {
    await work(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** A file of eleven bytes, as far as its reference goes. */
const someRef = {
  uri: 'artifact:notes/2026-10-16..2026-10-31/run/clean-0123456789ab-rows.tsv',
  sha256: '0'.repeat(64),
  bytes: 11,
  rows: 1,
};

test('each object is encrypted with the key of AWS KMS that the settings name', async () => {
  const keys: unknown[] = [];
  const answer: RequestListener = ({ headers }, response) => {
    const names = ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];
    keys.push(names.map((name) => headers[name]));
    response.end();
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-kms-'));
  try {
    await withServer(answer, async (endpoint) => {
      const agency = { bucket: 'agency', prefix: '', endpoint, kmsKey: 'alias/ehr' };
      await write(createBucketStore(new BucketObjects(agency), folder));
    });
    expect(keys).toEqual([['aws:kms', 'alias/ehr']]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const throttled: RequestListener = (_request, response) => {
  response.writeHead(503, { 'content-type': 'application/xml' });
  response.end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
};

test('a throttled store is unavailable, and no file is called missing', async () => {
  await withServer(throttled, async (endpoint) => {
    const store = createBucketStore(new BucketObjects({ bucket: 'agency', prefix: '', endpoint }), tmpdir());
    await expect(read(store, someRef)).rejects.toMatchObject({
      type: 'ArtifactStoreUnavailable',
      message: expect.stringContaining('SlowDown') as string,
    });
  });
});

const breakingOff: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': someRef.bytes });
  response.write('half ', () => request.socket.resetAndDestroy());
};

test('a connection that breaks before anybody reads is a failure for whoever reads then', async () => {
  await withServer(breakingOff, async (endpoint) => {
    const store = createBucketStore(new BucketObjects({ bucket: 'agency', prefix: '', endpoint }), tmpdir());
    const uncaught = await uncaughtDuring(async () => {
      await expect(readLate(store, someRef)).rejects.toMatchObject({ type: 'ArtifactStoreUnavailable' });
    });
    expect(uncaught).toEqual([]);
  });
});

const notFound: RequestListener = (_request, response) => void response.writeHead(404).end();

test('a file that is gone before it is sent is a failure of the disk', async () => {
  await withServer(notFound, async (endpoint) => {
    const objects = new BucketObjects({ bucket: 'agency', prefix: '', endpoint });
    const uncaught = await uncaughtDuring(async () => {
      await expect(objects.put('a', path.join(tmpdir(), 'no-such-file'), someRef)).rejects.toMatchObject({
        type: 'ArtifactStoreUnavailable',
        message: expect.stringContaining('ENOENT') as string,
      });
    });
    expect(uncaught).toEqual([]);
  });
});

const listed = async (objects: BucketObjects) => {
  for await (const page of objects.list()) expect(page).toEqual([]);
};

const sent = (objects: BucketObjects) => objects.put('a', fileURLToPath(import.meta.url));

const half: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(200, { 'content-length': 1000, 'content-type': 'application/xml' });
  response.write('<ListBucketResult>');
};

describe('a bucket that says nothing more', () => {
  const silence = 500;
  const placeAt = (endpoint: string) =>
    new BucketObjects({ bucket: 'agency', prefix: '', endpoint }, silence);
  const unavailable = {
    type: 'ArtifactStoreUnavailable',
    message: expect.stringContaining('TimeoutError') as string,
  };

  test.each([
    { what: 'a file that is sent', ask: sent },
    {
      what: 'a file that is replaced',
      ask: (to: BucketObjects) => to.replace('a', fileURLToPath(import.meta.url)),
    },
    { what: 'an object', ask: (from: BucketObjects) => from.get('a') },
    { what: 'a list', ask: listed },
    { what: 'a removal', ask: (from: BucketObjects) => from.remove('a') },
  ])('once it is asked for $what is unavailable', async ({ ask }) => {
    await withServer(
      () => undefined,
      async (endpoint) => {
        await expect(ask(placeAt(endpoint))).rejects.toMatchObject(unavailable);
      },
    );
  });

  test('within a list is unavailable', async () => {
    await withServer(half, async (endpoint) => {
      await expect(listed(placeAt(endpoint))).rejects.toMatchObject(unavailable);
    });
  });

  test('within an object is unavailable', async () => {
    await withServer(half, async (endpoint) => {
      const { body } = (await placeAt(endpoint).get('a'))!;
      await expect(text(body)).rejects.toMatchObject(unavailable);
    });
  });

  test('is told from a reader that takes nothing for longer', async () => {
    const bytes = Buffer.alloc(8 * 1024 * 1024, 'x');
    await withServer(
      (_request, response) => void response.end(bytes),
      async (endpoint) => {
        const { body } = (await placeAt(endpoint).get('a'))!;
        await sleep(silence * 3);
        expect((await text(body)).length).toBe(bytes.length);
      },
    );
  });
});
