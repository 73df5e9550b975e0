import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportBytes } from '../../demo/portal/data.ts';
import type { FaultSettings } from '../../demo/portal/faults.ts';
import type { Period } from '../../src/domain/periods.ts';
import { exportFile, logIn, postData, withPortal } from './visitor.ts';

const period = (from: string, to: string) => ({ from, to }) as Period;
const cycle = period('2026-10-01', '2026-10-15');
const cycleBefore = period('2026-09-16', '2026-09-30');
const question = { report: 'notes', ...cycle };
const right = reportBytes('demo', 'notes', cycle);

describe('the exported file', () => {
  test('has the bytes that the generator makes, its name and its length', async () => {
    await withPortal({}, async (portal) => {
      const response = await exportFile(portal, question);
      expect(response.headers.get('content-disposition')).toBe('attachment; filename="reportExport.csv"');
      expect(response.headers.get('content-length')).toBe(String(right.length));
      expect(Buffer.from(await response.arrayBuffer()).equals(right)).toBe(true);
      expect(portal.journal).toContainEqual(
        expect.objectContaining({ kind: 'export-delivered', ...question, bytes: right.length }),
      );
    });
  });

  test('has the very bytes, or those of the file, that an override names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portal-standin-'));
    const path = join(folder, 'golden.csv');
    await writeFile(path, 'Client,Caregiver\n"A, B",C\n');
    await withPortal({}, async (portal) => {
      for (const source of [path, Buffer.from('Client,Caregiver\n"A, B",C\n')]) {
        portal.settings.exports['notes:2026-10-01..2026-10-15'] = source;
        expect(await (await exportFile(portal, question)).text()).toBe('Client,Caregiver\n"A, B",C\n');
      }
      const { cookie } = await logIn(portal);
      expect(await postData(portal, cookie, '/api/report', question)).toEqual({
        columns: ['Client', 'Caregiver'],
        rows: [['A, B', 'C']],
        found: 1,
      });
    });
    await rm(folder, { recursive: true });
  });

  test('belongs to the session that asked for it', async () => {
    await withPortal({}, async (portal) => {
      const [mine, other] = [await logIn(portal), await logIn(portal)];
      const { id } = await postData(portal, mine.cookie, '/api/exports', question);
      const steal = await fetch(`${portal.url}/exports/${String(id)}/reportExport.csv`, {
        headers: { cookie: other.cookie },
      });
      expect(steal.status).toBe(404);
    });
  });
});

const lines = right.toString().split('\r\n');

const faulty: { title: string; faults: Partial<FaultSettings>; bytes: Buffer }[] = [
  {
    title: 'the other report',
    faults: { wrongReportDelivered: true },
    bytes: reportBytes('demo', 'utilization', cycle),
  },
  {
    title: 'the period before',
    faults: { wrongDatesDelivered: true },
    bytes: reportBytes('demo', 'notes', cycleBefore),
  },
  {
    title: 'what was there before, when nothing was delivered yet',
    faults: { staleFile: true },
    bytes: reportBytes('demo', 'notes', cycleBefore),
  },
  { title: 'no byte', faults: { emptyFile: true }, bytes: Buffer.alloc(0) },
  { title: 'a cut row', faults: { truncateAtByte: 1000 }, bytes: right.subarray(0, 1000) },
  { title: 'the header', faults: { headerOnly: true }, bytes: Buffer.from(`${lines[0]!}\r\n`) },
  {
    title: 'a line of totals after the rows',
    faults: { totalsLine: true },
    bytes: Buffer.concat([right, Buffer.from('Total,,,,,,\r\n')]),
  },
  {
    title: 'UTF-16 with its mark',
    faults: { utf16: true },
    bytes: Buffer.from(`\uFEFF${right.toString()}`, 'utf16le'),
  },
  {
    title: 'ten rows and the header',
    faults: { truncateAtRow: 10 },
    bytes: Buffer.from(`${lines.slice(0, 11).join('\r\n')}\r\n`),
  },
];

describe('a faulty export', () => {
  test.each(faulty)('delivers $title', async ({ faults, bytes }) => {
    await withPortal({ settings: { faults } }, async (portal) => {
      const delivered = Buffer.from(await (await exportFile(portal, question)).arrayBuffer());
      expect(delivered.equals(bytes)).toBe(true);
    });
  });

  test('delivers a page under the name of the file', async () => {
    await withPortal({ settings: { faults: { htmlAsCsv: true } } }, async (portal) => {
      const response = await exportFile(portal, question);
      expect(response.headers.get('content-disposition')).toContain('reportExport.csv');
      expect(await response.text()).toContain('<!DOCTYPE html>');
    });
  });

  test('breaks the connection after some bytes', async () => {
    await withPortal({ settings: { faults: { cutAtByte: 1000 } } }, async (portal) => {
      const response = await exportFile(portal, question);
      expect(response.headers.get('content-length')).toBe(String(right.length));
      await expect(response.arrayBuffer()).rejects.toThrow('terminated');
    });
  });

  test('shows on the screen what the account may see, and delivers the same', async () => {
    await withPortal({ settings: { faults: { rowsHidden: true } } }, async (portal) => {
      const { cookie } = await logIn(portal);
      const { found } = await postData(portal, cookie, '/api/report', question);
      const delivered = await (await exportFile(portal, question)).text();
      expect(found).toBe(Math.ceil((lines.length - 2) / 3));
      expect(delivered.trim().split('\r\n')).toHaveLength(Number(found) + 1);
    });
  });

  test('delivers characters that were encoded twice', async () => {
    await withPortal({ settings: { faults: { doubleEncoded: true } } }, async (portal) => {
      portal.settings.exports['notes:2026-10-01..2026-10-15'] = Buffer.from('Client\r\n"NÚÑEZ, INÉS"\r\n');
      expect(await (await exportFile(portal, question)).text()).toBe('Client\r\n"NÃšÃ‘EZ, INÃ‰S"\r\n');
    });
  });

  test('ends without a length to compare it with', async () => {
    await withPortal({ settings: { faults: { cutUnannounced: 1000 } } }, async (portal) => {
      const response = await exportFile(portal, question);
      expect(response.headers.get('content-length')).toBeNull();
      expect((await response.arrayBuffer()).byteLength).toBe(1000);
    });
  });

  test('stops at 45 %', async () => {
    await withPortal({ settings: { faults: { neverFinishes: true } } }, async (portal) => {
      const { cookie } = await logIn(portal);
      const { id } = await postData(portal, cookie, '/api/exports', question);
      const progress = await fetch(`${portal.url}/api/exports/${String(id)}`, { headers: { cookie } });
      expect(await progress.json()).toEqual({ percent: 45 });
    });
  });

  test('delivers the last file again, whatever is asked for', async () => {
    await withPortal({}, async (portal) => {
      const first = await (await exportFile(portal, question)).text();
      portal.settings.faults.staleFile = true;
      const second = await exportFile(portal, {
        report: 'utilization',
        from: '2026-10-01',
        to: '2026-10-31',
      });
      expect(await second.text()).toBe(first);
    });
  });
});
