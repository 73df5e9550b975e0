import { stat } from 'node:fs/promises';
import { PipelineError } from '../domain/failures.ts';
import { inspectExport } from './inspect.ts';
import type { Ports } from './ports.ts';
import type { ExportMade, StepInput } from './steps.ts';
import { storeFile } from './storeFile.ts';

/** Takes an export that someone saved by hand; every check that a download has to pass applies. */
export function createTakeFile({ artifacts }: Pick<Ports, 'artifacts'>) {
  return async function takeFile({ run, file }: StepInput & { file: string }): Promise<ExportMade> {
    await assertReadable(file);
    const records = await inspectExport(file, run);
    const place = { run, step: 'takeFile', file: 'export.csv' };
    return { export: await storeFile(artifacts, place, file, records) };
  };
}

async function assertReadable(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() === true) return;
  throw new PipelineError('InvalidInput', 'file: there is no such file on the machine of the worker', {
    hint: 'Give the path of a CSV that the worker can read, as the worker sees it.',
  });
}
