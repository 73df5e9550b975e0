import type { FailureType } from '../domain/failures.ts';
import {
  reasonName,
  takenParts,
  type FileEnd,
  type FileFacts,
  type OpenSource,
} from '../domain/fileSources.ts';
import type { Ports } from '../ports.ts';
import { beatDuring } from './parts/heartbeats.ts';
import { withSource } from './parts/withSource.ts';

export interface SettleInput {
  readonly source: string;
  readonly id: string;
  /** The file as it was when it was copied. */
  readonly claimed: FileFacts;
  readonly end: FileEnd;
}

export interface Settled {
  /** Whether the file was written to after it was copied, so that only a part of it was loaded. */
  readonly changed: boolean;
}

/**
 * Moves a taken file to `done` or `refused` and removes its copy; a second attempt changes nothing. A file that was
 * written to after it was copied stays in `taking` for the next round.
 */
export function createSettleFile({ sources }: Pick<Ports, 'sources'>) {
  return async function settleFile({ source, id, claimed, end }: SettleInput): Promise<Settled> {
    const settled =
      end.to === 'again'
        ? { changed: false }
        : await beatDuring({ doing: 'putting a file away' }, () =>
            withSource(sources, source, (opened) => putAway(opened, { id, claimed, end })),
          );
    await sources.copies.remove({ source, id, modifiedAt: claimed.modifiedAt });
    return settled;
  };
}

interface PutAway {
  readonly id: string;
  readonly claimed: FileFacts;
  readonly end: Exclude<FileEnd, { to: 'again' }>;
}

async function putAway(opened: OpenSource, { id, claimed, end }: PutAway): Promise<Settled> {
  const files = await opened.list('taking');
  const file = files.find((each) => takenParts(each.name)?.id === id);
  // An earlier attempt has put it away, or somebody has taken it out.
  if (file === undefined) return { changed: false };
  const { name, bytes, modifiedAt } = file;
  if (bytes !== claimed.bytes || modifiedAt !== claimed.modifiedAt) return { changed: true };
  // The reason first: a file in `refused` has one from its first moment on.
  if (end.to === 'refused') {
    await opened.write({ folder: 'refused', name: reasonName(name) }, reasonText(end));
  }
  await opened.move({ folder: 'taking', name }, { folder: end.to, name });
  return { changed: false };
}

function reasonText({ type, message }: { type: FailureType; message: string }): string {
  const words = message.replaceAll('. What to do: ', '.\nWhat to do: ');
  return `${type}\n${words}\nThen put the file back where it was left, under a name of the agreed form.\nMore: docs/runbook.md, section ${type}\n`;
}
