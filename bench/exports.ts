import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { rosterOf, type Client } from '../demo/portal/data/people.ts';
import { randomFrom, type Random } from '../demo/portal/data/random.ts';
import { utilizationColumns } from '../demo/portal/data/utilization.ts';

/** The month that a generated export is for: September of a year. */
export function benchPeriod(year = 2026) {
  return { from: `${String(year)}-09-01`, to: `${String(year)}-09-30` };
}

// oxfmt-ignore
const services = ['CN', 'DS', 'CLS', 'PA', 'RCI', 'RCG', 'RS', 'LTCS', 'SS', 'GLH', 'RES', 'TFC', 'SE', 'IS', 'Ind', 'Tra Supp'];
const effectiveDates = ['', '', ' (07/01/2026)', '(01/01/2026)'];

/** Written in blocks of this many rows, about 1.6 MB. */
const rowsPerBlock = 10_000;

/**
 * Writes a utilization export of so many rows, about 170 bytes each. Another version differs in every
 * hundredth row, as staff go on billing between two loads. A row in two hundred is one that the rules reject.
 */
export async function writeExport(
  path: string,
  { rows, version, year = 2026 }: { rows: number; version: 1 | 2; year?: number },
): Promise<void> {
  const random = randomFrom('bench', rows);
  const { clients } = rosterOf('bench', 10);
  const file = createWriteStream(path);
  file.write(`${utilizationColumns.join(',')}\r\n`);
  for (let done = 0; done < rows; done += rowsPerBlock) {
    const lines: string[] = [];
    for (let row = done; row < Math.min(rows, done + rowsPerBlock); row += 1) {
      lines.push(lineOf(random, { row, client: random.pick(clients), version, year }));
    }
    if (!file.write(lines.join(''))) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

interface Drawn {
  readonly row: number;
  readonly client: Client;
  readonly version: 1 | 2;
  readonly year: number;
}

function lineOf(random: Random, { row, client, version, year }: Drawn): string {
  const startMonth = random.between(6, 9);
  const start = `0${String(startMonth)}/${two(random.between(1, 28))}/${String(year)}`;
  const end = random.chance(0.005)
    ? `09/31/${String(year)}`
    : `${two(random.between(10, 12))}/${two(random.between(1, 28))}/${String(year)}`;
  const unitCents = random.between(400, 9000);
  const authorized = random.between(1, 2600);
  const billed = Math.floor(authorized * random.next());
  const inProcess = Math.floor((authorized - billed) * random.next());
  const later = version === 2 && row % 100 === 0 ? 1 : 0;
  const cells = [
    client.name,
    client.qp,
    client.payer,
    `${random.pick(services)}${random.pick(effectiveDates)}`,
    String(70_000_000 + row).padStart(10, '0'),
    start,
    end,
    grouped(String(authorized)),
    grouped(String(inProcess)),
    `${grouped(String(billed + later))}.25`,
    dollars(authorized * unitCents),
    dollars(inProcess * unitCents),
    dollars((billed + later) * unitCents),
    dollars((authorized - billed - later) * unitCents),
  ];
  return `${cells.map(quoted).join(',')}\r\n`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

function dollars(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const amount = `$${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
  return cents < 0 ? `(${amount})` : amount;
}

function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function quoted(cell: string): string {
  return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
