import { z } from 'zod';
import { failureTypes, type FailureType } from '../domain/failures.ts';
import {
  fileIdPattern,
  reasonName,
  sourceNamePattern,
  takenParts,
  type FileEnd,
  type OpenSource,
} from '../domain/fileSources.ts';
import { exactly } from '../domain/inputs.ts';
import type { Ports } from '../ports.ts';
import { beatDuring } from './heartbeats.ts';
import { withSource } from './sourceOf.ts';

interface SettleInput {
  readonly source: string;
  readonly id: string;
  readonly end: FileEnd;
}

/** Puts a taken file where it belongs and removes its copy. Once it is there, another attempt changes nothing. */
export function createSettleFile({ sources }: Pick<Ports, 'sources'>) {
  return async function settleFile({ source, id, end }: SettleInput): Promise<void> {
    if (end.to !== 'again') {
      await beatDuring({ doing: 'putting a file away' }, () =>
        withSource(sources, source, (opened) => putAway(opened, id, end)),
      );
    }
    await sources.copies.remove({ source, id });
  };
}

async function putAway(
  opened: OpenSource,
  id: string,
  end: Exclude<FileEnd, { to: 'again' }>,
): Promise<void> {
  const files = await opened.list('taking');
  const name = files.find((file) => takenParts(file.name)?.id === id)?.name;
  // An earlier attempt has put it away, or somebody has taken it out.
  if (name === undefined) return;
  // The reason first: a file in `refused` has one from its first moment on.
  if (end.to === 'refused') {
    await opened.write({ folder: 'refused', name: reasonName(name) }, reasonText(end));
  }
  await opened.move({ folder: 'taking', name }, { folder: end.to, name });
}

function reasonText({ type, message }: { type: FailureType; message: string }): string {
  const words = message.replaceAll('. What to do: ', '.\nWhat to do: ');
  return `${type}\n${words}\nThen put the file back where it was left, under a name of the agreed form.\nMore: docs/runbook.md, section ${type}\n`;
}

export const sourceInput = z.string().regex(sourceNamePattern, 'must be the name of a source');

const types = Object.keys(failureTypes) as FailureType[];

export const settleInput = exactly<SettleInput>()({
  source: sourceInput,
  id: z.string().regex(fileIdPattern, 'must be 16 hex digits'),
  end: z.discriminatedUnion('to', [
    z.strictObject({ to: z.literal('done') }),
    z.strictObject({ to: z.literal('again') }),
    z.strictObject({
      to: z.literal('refused'),
      type: z.enum(types as [FailureType, ...FailureType[]]),
      message: z.string().max(100_000),
    }),
  ]),
});
