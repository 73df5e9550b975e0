import { PipelineError } from '../../domain/failures.ts';
import type { FileSource, OpenSource } from '../../domain/fileSources.ts';
import type { Sources } from '../../ports.ts';

/** Work on one source, with a connection of its own. */
export async function withSource<Result>(
  { places }: Sources,
  name: string,
  work: (opened: OpenSource, source: FileSource) => Promise<Result>,
): Promise<Result> {
  const source = places.find((each) => each.name === name);
  if (source === undefined) throw notThere();
  const opened = await source.open();
  try {
    return await work(opened, source);
  } finally {
    await opened.close();
  }
}

function notThere(): PipelineError {
  return new PipelineError('InvalidInput', 'source: this worker has no source of that name', {
    hint: 'Give every worker the same configuration. A file that was being taken is in the folder taking of its source.',
  });
}
