import { stat } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { startPulse } from './parts/heartbeats.ts';
import { inspectExport } from './parts/inspectExport.ts';
import type { LoginInUse, PortalExport, Ports } from '../ports.ts';
import { keepRefused } from './parts/refusedExport.ts';
import type { ExportMade, StepInput } from './contracts.ts';
import { readFileInBlocks, storeFile } from './parts/storeFile.ts';

type LoginPorts = Pick<Ports, 'portal' | 'artifacts' | 'settings'>;

/**
 * Logs into the portal, exports the period's report, and keeps the file once it is known to be whole and right. A login
 * that stays in use gives the worker back to others, and the run asks again.
 */
export function createLoginAndDownload({ portal, artifacts, settings }: LoginPorts) {
  return async function loginAndDownload({ run }: StepInput): Promise<ExportMade | LoginInUse> {
    const pulse = startPulse();
    try {
      const exported = await portal.exportReport({
        report: run.report,
        period: run.period,
        signal: Context.current().cancellationSignal,
        onProgress: pulse.waitingFor,
      });
      if ('loginInUse' in exported) return exported;
      const file = await keepWholeExport(exported, run, { artifacts, settings });
      return { file, exportedAt: exported.exportedAt };
    } finally {
      pulse.stop();
    }
  };
}

async function keepWholeExport(
  exported: PortalExport,
  run: RunIdentity,
  { artifacts, settings }: Pick<Ports, 'artifacts' | 'settings'>,
): Promise<ArtifactRef> {
  try {
    await assertWholeLength(exported);
    const records = await inspectExport(readFileInBlocks(exported.path), run, settings.rules, {
      kind: 'portal',
      records: exported.portalRecords,
    });
    assertRecordCount(exported, records);
    const place = { run, step: 'loginAndDownload', file: 'export.csv' };
    return await storeFile(artifacts, place, () => readFileInBlocks(exported.path), records);
  } catch (error) {
    throw await keepRefused(error, exported, run, artifacts);
  } finally {
    await exported.dispose();
  }
}

async function assertWholeLength({ path, contentLength }: PortalExport): Promise<void> {
  const { size } = await stat(path);
  if (contentLength === undefined || contentLength === size) return;
  throw new PipelineError(
    'ExportTruncated',
    `the portal announced ${String(contentLength)} bytes and sent ${String(size)}`,
    {
      hint: 'The export is downloaded again by itself.',
      details: { announced: contentLength, received: size },
    },
  );
}

/** A file cut at the end of a row looks whole; only the portal's own count shows it. */
function assertRecordCount({ portalRecords }: PortalExport, records: number): void {
  if (portalRecords === undefined || portalRecords === records) return;
  const details = { shown: portalRecords, exported: records };
  const more = records > portalRecords ? ': it has lines that are no records, or it is of another list' : '';
  const message = `the portal shows ${String(portalRecords)} records and the export has ${String(records)}${more}`;
  if (records < portalRecords) {
    throw new PipelineError('ExportTruncated', message, {
      hint: 'The export is downloaded again by itself.',
      details,
    });
  }
  // Nothing is missing: the export is of another list than the one on the page, or has lines that are not records.
  throw new PipelineError('ExportWrongReport', message, {
    hint: 'The export is downloaded again by itself. If it stays so, look in the kept file for a line of totals or a second header, and whether recordCount of the recipe reads the count of the list that is exported.',
    details,
  });
}
