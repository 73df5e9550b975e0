import { PipelineError } from '../../domain/failures.ts';
import type { LedgerRun } from '../../domain/publication.ts';
import type { RunIdentity } from '../../domain/runIdentity.ts';
import type { Reread } from '../../domain/rulesChange.ts';
import { reports } from '../../reports/index.ts';
import { createCategorize } from '../categorize.ts';
import { createClean } from '../clean.ts';
import { madeBy } from './ledgerFiles.ts';
import { readRowBlocks } from '../../rows/lines.ts';
import type { Ports } from '../../ports.ts';
import type { CategorizeMade, CleanMade, Made } from '../contracts.ts';

type RereadPorts = Pick<Ports, 'settings' | 'artifacts' | 'nameKey'>;

/** Reads the export that an earlier run kept again, under the current rules; only once, however often it is called. */
export function createRereadExport(
  ports: RereadPorts,
  { run, made }: { readonly run: RunIdentity; readonly made: Made },
): (shown: LedgerRun | undefined) => Promise<Reread> {
  const done = new Map<string, Promise<Reread>>();
  return (shown) => {
    const id = shown?.run.runId ?? '';
    const known = done.get(id) ?? reread(ports, { run, made }, shown);
    done.set(id, known);
    return known;
  };
}

async function reread(
  ports: RereadPorts,
  { run, made }: { readonly run: RunIdentity; readonly made: Made },
  shown: LedgerRun | undefined,
): Promise<Reread> {
  const kept = madeBy(shown).export;
  if (kept === undefined) return unknown('the ledger names no kept export of the run that is shown');
  try {
    // The run itself may be made from that export.
    const { clean, categorize } =
      kept.file.sha256 === made.export.file.sha256 ? made : await readAgain(ports, run, kept.file);
    const width = reports[run.report].rowColumns.length;
    return {
      kind: 'read',
      rows: async () => readRowBlocks(await ports.artifacts.open(categorize.rows), width),
      dollars: clean.accounting.dollars,
    };
  } catch (error) {
    if (!(error instanceof PipelineError) || mayPass(error)) throw error;
    return error.type === 'ArtifactMissing'
      ? unknown(`the kept export of run ${shown!.run.runId} is not there any more`)
      : unknown(`the kept export of run ${shown!.run.runId} cannot be read under them (${error.type})`);
  }
}

async function readAgain(
  ports: RereadPorts,
  run: RunIdentity,
  file: Made['export']['file'],
): Promise<{ readonly clean: CleanMade; readonly categorize: CategorizeMade }> {
  const clean = await createClean(ports)({ run, export: file });
  return { clean, categorize: await createCategorize(ports)({ run, clean }) };
}

/** An unavailable store says nothing about the export. No retry of this step brings a lost file back. */
function mayPass(error: PipelineError): boolean {
  return error.type === 'ArtifactStoreUnavailable';
}

function unknown(because: string): Reread {
  return { kind: 'unknown', because };
}
