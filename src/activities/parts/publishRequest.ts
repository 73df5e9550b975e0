import { madeBy } from './ledgerFiles.ts';
import type { Readable } from 'node:stream';
import type { TsvCell } from '../../domain/rowCells.ts';
import type { ArtifactRef } from '../../domain/artifacts.ts';
import { dayInZone } from '../../domain/dates.ts';
import { staleAt } from '../../domain/staleAt.ts';
import { isOpen, isPreliminary } from '../../domain/preliminary.ts';
import type { PublishRequest, RejectedRow, UnknownService } from '../../domain/publication.ts';
import { decodeReject } from '../../rows/rejectFiles.ts';
import { decodeTsv } from '../../rows/tsv.ts';
import { warningsOf } from '../../domain/warnings.ts';
import { createCompare } from './compare.ts';
import { readLines } from '../../rows/lines.ts';
import type { Ports } from '../../ports.ts';
import { createRereadExport } from './rereadExport.ts';
import type { CleanMade, LoadInput } from '../contracts.ts';

type RequestPorts = Pick<Ports, 'settings' | 'artifacts' | 'scratch' | 'nameKey'>;

/** Passes the load request to the work, and afterwards closes the files that it left unread. */
export async function withPublishRequest<Result>(
  ports: RequestPorts,
  input: LoadInput,
  work: (request: PublishRequest) => Promise<Result>,
): Promise<Result> {
  // Opened before the period is locked, so that a lost file blocks no one.
  const rows = await ports.artifacts.open(input.made.categorize.rows);
  try {
    return await work(await publishRequest(ports, input, rows));
  } finally {
    rows.destroy();
  }
}

/** The steps' files as streams, and the totals that they must add up to. */
async function publishRequest(
  { settings, artifacts, scratch, nameKey }: RequestPorts,
  { run, made, decision, force }: LoadInput,
  rows: Readable,
): Promise<PublishRequest> {
  const lines = async function* (ref: ArtifactRef): AsyncGenerator<TsvCell[]> {
    for await (const line of readLines(await artifacts.open(ref))) yield decodeTsv(line);
  };
  const { namedWarnings: namedFile } = made.aggregate;
  const named = namedFile === undefined ? {} : await namedWarnings(lines(namedFile));
  const exportedOn = dayInZone(new Date(made.export.exportedAt), settings.timeZone);
  return {
    run,
    versions: {
      exportSha256: made.export.file.sha256,
      rulesSha256: made.categorize.rulesSha256,
      codeVersion: made.categorize.codeVersion,
    },
    exportedAt: made.export.exportedAt,
    exportedOn,
    open: isOpen(run.period, exportedOn),
    preliminary: isPreliminary(run.report, run.period, exportedOn),
    staleAt: staleAt({ ...run, exportedAt: made.export.exportedAt }, settings),
    gates: settings.gates[run.report],
    ...(decision === undefined ? {} : { decision }),
    ...(force === undefined ? {} : { force }),
    files: made,
    compare: createCompare({ artifacts, scratch }, { run, made }),
    rejectsOf: (shown) => madeBy(shown).clean?.rejects,
    reread: createRereadExport({ settings, artifacts, nameKey }, { run, made }),
    counts: {
      accounting: made.clean.accounting,
      ...movedBy(made.clean),
      warnings: { ...warningsOf(made), ...named },
      rejects: made.clean.rejects,
    },
    unknownServices: await unknownServices(lines(made.aggregate.unknownServices)),
    openRows: () => rows,
    expected: { rows: made.categorize.rows.rows, sums: made.aggregate.sums },
    rollups: () => lines(made.aggregate.rollups),
    rejected: () => rejectedRows(artifacts, made.clean.rejected),
  };
}

async function unknownServices(lines: AsyncIterable<TsvCell[]>): Promise<UnknownService[]> {
  const services: UnknownService[] = [];
  for await (const [code, rows, dollars] of lines) {
    services.push({ code: code!, rows: Number(rows), dollars: dollars ?? null });
  }
  return services;
}

/** Warnings with the code of the person or service concerned; they stay out of Temporal's history. */
async function namedWarnings(lines: AsyncIterable<TsvCell[]>): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for await (const [warning, count] of lines) counted[warning!] = (counted[warning!] ?? 0) + Number(count);
  return counted;
}

/** What the supervisor rule moved. */
function movedBy({ movedToLincs, movedDollars }: CleanMade) {
  return { movedToLincs, ...(movedDollars === undefined ? {} : { movedDollars }) };
}

async function* rejectedRows(artifacts: Ports['artifacts'], file: ArtifactRef): AsyncGenerator<RejectedRow> {
  for await (const line of readLines(await artifacts.open(file))) yield decodeReject(line);
}
