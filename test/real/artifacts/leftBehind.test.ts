import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tidyLeftBehindUntil } from '../../../src/wiring/leftBehind.ts';
import { openStores } from '../../../src/wiring/openStores.ts';
import {
  objectStoreProgram,
  startObjectStore,
  type ObjectStoreServer,
} from '../../artifacts/objectStoreServer.ts';

/** As the evidence of a step that failed so many hours ago is named. */
function folderName(hoursAgo: number): string {
  const at = new Date(Date.now() - hoursAgo * 3_600_000).toISOString().slice(0, 19);
  return `signIn-${at.replaceAll(/[-:]/g, '').toLowerCase()}z-0a1b2c`;
}

describe.skipIf(objectStoreProgram === undefined)('what was left behind', () => {
  let server: ObjectStoreServer;
  let folder: string;
  beforeAll(async () => {
    server = await startObjectStore();
    folder = await mkdtemp(path.join(tmpdir(), 'ehr-evidence-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await server.stop();
  });

  function stores(endpoint: string) {
    const env = {
      EHR_ARTIFACTS: `s3://${server.bucket}/ehr`,
      EHR_SCRATCH: folder,
      AWS_ENDPOINT_URL_S3: endpoint,
    };
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'an-invented-id',
      AWS_SECRET_ACCESS_KEY: 'an-invented-secret',
    });
    return openStores({ folder, inbox: path.join(folder, 'inbox'), env });
  }

  async function evidence(name: string): Promise<string> {
    const place = path.join(folder, 'evidence', name);
    await mkdir(place, { recursive: true });
    await writeFile(path.join(place, 'outline.txt'), `of ${name}`);
    return place;
  }

  const here = () => readdir(path.join(folder, 'evidence'));
  const inBucket = () => readdir(path.join(server.folder, 'ehr/evidence')).catch(() => []);

  test('as evidence on a worker is moved once the bucket answers, but for what is still being written and what has another name', async () => {
    const [older, old, young] = [folderName(50), folderName(2), folderName(0)];
    for (const name of [older, old, young, 'notes-of-a-person']) await evidence(name);
    const away = stores('http://127.0.0.1:9');
    await away.keepEvidence!(path.join(folder, 'evidence', old));
    await away.tidyLeftBehind();
    expect(await here()).toHaveLength(4);

    // A move that was cut off: one file is there already.
    await mkdir(path.join(server.folder, 'ehr/evidence', older), { recursive: true });
    const handedIn = path.join(server.folder, 'ehr/inbox/handed-in');
    await mkdir(handedIn, { recursive: true });
    await writeFile(path.join(handedIn, '0123456789abcdef.csv'), 'of a client that did not wait');
    const fiveDaysAgo = new Date(Date.now() - 120 * 3_600_000);
    await utimes(path.join(handedIn, '0123456789abcdef.csv'), fiveDaysAgo, fiveDaysAgo);
    const ended = new AbortController();
    const moving = tidyLeftBehindUntil(stores(server.endpoint), ended.signal);
    await vi.waitFor(
      async () => expect(new Set(await here())).toEqual(new Set(['notes-of-a-person', young])),
      {
        timeout: 60_000,
      },
    );
    ended.abort();
    await moving;
    expect(await readdir(handedIn).catch(() => [])).toEqual([]);
    expect(new Set(await inBucket())).toEqual(new Set([older, old]));
    expect(await readFile(path.join(server.folder, 'ehr/evidence', old, 'outline.txt'), 'utf8')).toBe(
      `of ${old}`,
    );
  });
});
