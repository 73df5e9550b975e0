import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClaimFiles } from '../../src/activities/claimFiles.ts';
import type { Claimed, ClaimedFile } from '../../src/activities/contracts.ts';
import { createSettleFile } from '../../src/activities/settleFile.ts';
import { createFolderInbox } from '../../src/artifacts/inbox.ts';
import { createInboxCopies } from '../../src/artifacts/inboxCopies.ts';
import { parsePattern, type FilePattern } from '../../src/domain/filePatterns.ts';
import { newFileId, type FileEnd, type OpenSource } from '../../src/domain/fileSources.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { openFolder } from '../../src/sources/folder.ts';
import { goldenRules } from '../golden/golden.ts';

/** Taking files from a source and putting them away, with a real folder. */
let root: string;
let left: string;
let inbox: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'ehr-sources-'));
  left = path.join(root, 'left');
  inbox = path.join(root, 'inbox');
  mkdirSync(left);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const header = 'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days to Sign';
const rowOf = (day: string) => `"ABERNATHY, JO","DOE, ANA",,CN,${day},${day},0`;
const csv = (...days: string[]) => [header, ...days.map(rowOf), ''].join('\r\n');
const october = csv('10/16/2026', '10/31/2026');

function leave(name: string, text = october, minutesAgo = 0): void {
  const file = path.join(left, name);
  writeFileSync(file, text);
  const time = new Date(Date.now() - minutesAgo * 60_000);
  utimesSync(file, time, time);
}

/** As a worker has it; `changing` replaces what the source does. */
function steps(changing: (opened: OpenSource) => Partial<OpenSource> = () => ({}), mostBytes = 1_000_000) {
  const rules: readonly (readonly [string, ReportName])[] = [
    ['notes {YYYY-MM-DD}*.csv', 'notes'],
    ['*{YYYYMMDD}*.csv', 'notes'],
    ['undated*.csv', 'notes'],
    ['util {YYYY-MM}.csv', 'utilization'],
  ];
  const source = {
    name: 'vendor',
    files: rules.map(([text, report]) => ({ pattern: parsePattern(text) as FilePattern, report })),
    open: async () => {
      const opened = await openFolder({ name: 'vendor', folder: left });
      return { ...opened, ...changing(opened) };
    },
  };
  const sources = { places: [source], quietSeconds: 0.01, mostBytes, copies: createInboxCopies(inbox) };
  const settings = { rules: goldenRules({ excludedServices: [] }) };
  const claim = createClaimFiles({ sources, inbox: createFolderInbox(inbox), settings: settings as never });
  const settle = createSettleFile({ sources });
  const environment = new MockActivityEnvironment();
  return {
    claim: () => environment.run<[{ source: string }], Claimed, typeof claim>(claim, { source: 'vendor' }),
    settle: ({ id, bytes, modifiedAt }: ClaimedFile, end: FileEnd) =>
      environment.run(settle, { source: 'vendor', id, claimed: { bytes, modifiedAt }, end }),
  };
}

/** The id of a file that was taken so many days ago. */
function takenBefore(days: number): string {
  return newFileId(new Date(Date.now() - days * 86_400_000), new Uint8Array([1, 2, 3, 4]));
}

function copyOf({ id, modifiedAt }: ClaimedFile): string {
  return `sources/vendor/${id}-${String(modifiedAt)}.csv`;
}

const filesIn = (folder: string) =>
  existsSync(path.join(left, folder)) ? readdirSync(path.join(left, folder)).sort() : [];

describe('claiming', () => {
  test('takes files by the date in their names, the oldest first, and copies them for their owner alone', async () => {
    leave('notes 2026-10-20 b.csv', october, 1);
    leave('notes 2026-10-16.csv', october, 9);
    leave('util 2026-10.csv', 'x', 5);
    const { files, ...counts } = await steps().claim();
    expect(counts).toEqual({ unmatched: 0, waiting: 0 });
    const periods = { notes: ['2026-10-16', '2026-10-31'], utilization: ['2026-10-01', '2026-10-31'] };
    expect(files.map(({ found }) => found)).toEqual(
      (['notes', 'utilization', 'notes'] as const).map((report, index) => ({
        kind: 'period',
        report,
        period: { from: periods[report][0], to: periods[report][1] },
        file: copyOf(files[index]!),
      })),
    );
    const copy = path.join(inbox, copyOf(files[0]!));
    expect(readFileSync(copy, 'utf8')).toBe(october);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(filesIn('taking')).toHaveLength(3);
    expect(readdirSync(left)).toEqual(['taking']);
  });

  test('lets no name of a file out', async () => {
    leave('notes 2026-10-16 ABERNATHY.csv');
    leave('undated ABERNATHY.csv', csv('10/01/2026', '10/16/2026'));
    expect(JSON.stringify(await steps().claim())).not.toMatch(/ABERNATHY/i);
  });

  test('passes over hidden and unfinished files, links and folders, and counts the names that it does not know', async () => {
    for (const name of ['.notes 2026-10-16.csv', 'notes 2026-10-16.csv.part', 'notes 2026-10-16.filepart'])
      leave(name);
    leave('readme.txt');
    leave('notes 2026-13-16.csv');
    mkdirSync(path.join(left, 'notes 2026-10-16.csv'));
    expect(await steps().claim()).toEqual({ files: [], unmatched: 2, waiting: 0 });
    expect(readdirSync(left)).toHaveLength(6);
  });

  test('leaves a file that grows', async () => {
    leave('notes 2026-10-16.csv');
    let looks = 0;
    const { claim } = steps((opened) => ({
      list: async (folder) => {
        if (folder === 'left' && (looks += 1) === 2) leave('notes 2026-10-16.csv', `${october}more`);
        return opened.list(folder);
      },
    }));
    expect(await claim()).toEqual({ files: [], unmatched: 0, waiting: 1 });
    expect(readdirSync(left)).toEqual(['notes 2026-10-16.csv']);
  });

  test('a second attempt finds what the first has taken, under the same ids', async () => {
    leave('notes 2026-10-16.csv');
    leave('notes 2026-10-01.csv', csv('10/01/2026'), 5);
    let moves = 0;
    const broken = steps((opened) => ({
      move: async (from, to) => {
        if ((moves += 1) === 2) throw new Error('the connection was lost');
        return opened.move(from, to);
      },
    }));
    await expect(broken.claim()).rejects.toThrow('lost');
    const [moved] = filesIn('taking');
    const { files } = await steps().claim();
    expect(files.map(({ id }) => id)).toContain(moved!.slice(0, 16));
    expect(files).toHaveLength(2);
    expect((await steps().claim()).files).toEqual(files);
  });

  test('a transfer that stops short leaves no copy', async () => {
    leave('notes 2026-10-16.csv');
    const cut = steps(() => ({
      read: async () =>
        (async function* () {
          yield await Promise.resolve(Buffer.from('half'));
        })(),
    }));
    leave('notes 2026-10-01.csv', csv('10/01/2026'), 5);
    expect(await cut.claim()).toEqual({ files: [], unmatched: 0, waiting: 2 });
    expect(readdirSync(path.join(inbox, 'sources/vendor'))).toEqual([]);
    expect((await steps().claim()).files).toHaveLength(2);
  });

  test('a name without a date gets the period of its rows', async () => {
    leave('undated.csv', csv('10/16/2026', 'not a date', '10/30/2026'));
    const { files } = await steps().claim();
    expect(files[0]!.found).toMatchObject({
      kind: 'period',
      period: { from: '2026-10-16', to: '2026-10-31' },
    });
  });

  test.each([
    {
      title: 'rows of two periods',
      text: csv('10/15/2026', '10/16/2026'),
      refused: { type: 'ExportWrongPeriod', message: /several periods.*into the name of the file/ },
    },
    {
      title: 'no row with a date',
      text: csv('n/a'),
      refused: { type: 'ExportWrongPeriod', message: /no row of the file has a date_of_service/ },
    },
    { title: 'nothing in it', text: '', refused: { type: 'ExportTruncated', message: /./ } },
    {
      title: 'another report',
      text: 'Client,Caregiver\r\nx,y\r\n',
      refused: { type: 'ExportWrongReport', message: /./ },
    },
  ])('a name without a date and $title is refused, and no other file with it', async ({ text, refused }) => {
    leave('undated.csv', text, 5);
    leave('notes 2026-10-16.csv');
    const { files } = await steps().claim();
    expect(files.map(({ found }) => found.kind)).toEqual(['refused', 'period']);
    expect(files[0]!.found).toMatchObject({
      type: refused.type,
      message: expect.stringMatching(refused.message),
    });
  });

  test.each([
    { title: 'two dates in its name', name: 'x 20261016 y 20261101.csv', type: 'InvalidInput' },
    { title: 'more bytes than an export may have', name: 'notes 2026-10-16.csv', type: 'ExportTooLarge' },
  ])('a file with $title is refused uncopied', async ({ name, type }) => {
    leave(name);
    const { files } = await steps(undefined, type === 'ExportTooLarge' ? 100 : undefined).claim();
    expect(files[0]!.found).toMatchObject({ kind: 'refused', type });
    expect(existsSync(path.join(inbox, 'sources'))).toBe(false);
  });

  test('takes a number of files at a time', async () => {
    for (let index = 0; index < 60; index += 1) leave(`notes 2026-10-16 ${String(index)}.csv`);
    const { files, waiting } = await steps().claim();
    expect({ taken: files.length, waiting }).toEqual({ taken: 50, waiting: 10 });
    // Those of before keep no new one back.
    const next = (await steps().claim()).files;
    expect(next.slice(0, 50)).toEqual(files);
    expect(next).toHaveLength(60);
  });

  test('a file that no round could load for days is refused without another look', async () => {
    leave('notes 2026-10-16.csv');
    mkdirSync(path.join(left, 'taking'));
    for (const days of [2, 4]) {
      writeFileSync(
        path.join(left, 'taking', `${takenBefore(days)}-notes 2026-10-0${String(days)}.csv`),
        october,
      );
    }
    const { files } = await steps().claim();
    expect(files.map(({ found }) => found.kind).sort()).toEqual(['period', 'period', 'refused']);
    expect(files.find(({ found }) => found.kind === 'refused')!.found).toEqual({
      kind: 'refused',
      type: 'InternalError',
      message: 'it could not be loaded in 3 days of rounds',
    });
  });

  test('a source that is not there is one that cannot be reached', async () => {
    rmSync(left, { recursive: true });
    await expect(steps().claim()).rejects.toMatchObject({ type: 'SourceUnavailable', retry: true });
  });
});

async function taken(): Promise<ClaimedFile> {
  leave('notes 2026-10-16.csv');
  return (await steps().claim()).files[0]!;
}

describe('settling', () => {
  const refusal = {
    to: 'refused',
    type: 'ExportNotCsv',
    message: 'a quote is missing near line 7. What to do: Save it again.',
  } as const;

  test('puts a file into done, and removes its copy', async () => {
    const file = await taken();
    await steps().settle(file, { to: 'done' });
    expect(filesIn('done')).toEqual([`${file.id}-notes 2026-10-16.csv`]);
    expect(filesIn('taking')).toEqual([]);
    expect(readdirSync(path.join(inbox, 'sources/vendor'))).toEqual([]);
  });

  test('puts a file into refused beside the reason', async () => {
    const file = await taken();
    await steps().settle(file, refusal);
    const name = `${file.id}-notes 2026-10-16.csv`;
    expect(filesIn('refused')).toEqual([name, `${name}.reason.txt`]);
    expect(readFileSync(path.join(left, 'refused', `${name}.reason.txt`), 'utf8')).toBe(
      'ExportNotCsv\na quote is missing near line 7.\nWhat to do: Save it again.\n' +
        'Then put the file back where it was left, under a name of the agreed form.\n' +
        'More: docs/runbook.md, section ExportNotCsv\n',
    );
  });

  test('leaves a file for the next round, which takes it under the same id', async () => {
    const file = await taken();
    await steps().settle(file, { to: 'again' });
    expect(readdirSync(path.join(inbox, 'sources/vendor'))).toEqual([]);
    expect((await steps().claim()).files).toEqual([file]);
  });

  test.each([{ end: { to: 'done' } as const }, { end: refusal }])(
    'a second attempt changes nothing: $end.to',
    async ({ end }) => {
      const file = await taken();
      await steps().settle(file, end);
      const before = filesIn(end.to);
      await steps().settle(file, end);
      expect(filesIn(end.to)).toEqual(before);
      expect((await steps().claim()).files).toEqual([]);
    },
  );

  test('an attempt that ended between reason and move is completed', async () => {
    const file = await taken();
    const broken = steps(() => ({ move: () => Promise.reject(new Error('lost')) }));
    await expect(broken.settle(file, refusal)).rejects.toThrow('lost');
    await steps().settle(file, refusal);
    expect(filesIn('refused')).toHaveLength(2);
  });

  test.each([{ end: { to: 'done' } as const }, { end: refusal }])(
    'a file that was written on after it was copied stays for the next round: $end.to',
    async ({ end }) => {
      const file = await taken();
      const name = `${file.id}-notes 2026-10-16.csv`;
      appendFileSync(path.join(left, 'taking', name), 'one more row');
      expect(await steps().settle(file, end)).toEqual({ changed: true });
      expect(filesIn('taking')).toEqual([name]);
      expect(filesIn(end.to)).toEqual([]);
      expect(readdirSync(path.join(inbox, 'sources/vendor'))).toEqual([]);
      const [again] = (await steps().claim()).files;
      expect(again).toMatchObject({ id: file.id, bytes: file.bytes + 12 });
      expect(readFileSync(path.join(inbox, copyOf(again!)), 'utf8')).toBe(`${october}one more row`);
    },
  );

  test('a file that somebody has taken away is nobody’s any more', async () => {
    const file = await taken();
    rmSync(path.join(left, 'taking'), { recursive: true });
    await steps().settle(file, { to: 'done' });
    expect(filesIn('done')).toEqual([]);
  });
});
