import type { FailureType } from './failures.ts';
import type { ReportName } from '../reports/index.ts';
import { isPassedOver, readName, type FilePattern, type NameReading } from './filePatterns.ts';

/** Places where a vendor or a person leaves exports: a folder that workers reach, or one on an SFTP server. */
export interface FileSource {
  readonly name: string;
  readonly files: readonly FileRule[];
  /** @throws PipelineError SourceUnavailable, as each call of what it opens. */
  open(): Promise<OpenSource>;
}

/** Which report files of that name hold. The first rule that fits a name counts. */
export interface FileRule {
  readonly pattern: FilePattern;
  readonly report: ReportName;
}

/** Where a file is on the source: as it was left, or in one of the source's own folders of that name. */
export type SourceFolder = 'left' | 'taking' | 'done' | 'refused';

/** By which a file that changes is noticed. */
export interface FileFacts {
  readonly bytes: number;
  /** When it was last written: milliseconds since 1970, by the clock of the source. Older files run first. */
  readonly modifiedAt: number;
}

export interface SourceFile extends FileFacts {
  readonly name: string;
}

/** One connection to a source. A name is that of a file, without a folder. */
export interface OpenSource {
  /** The regular files in a folder: no links, no folders. None if the folder is not there yet. */
  list(folder: SourceFolder): Promise<readonly SourceFile[]>;
  /**
   * Renames a file in one step, and makes the folder that it goes to. A file that is there already stays.
   * @returns false if there is no such file to move
   */
  move(from: PlacedName, to: PlacedName): Promise<boolean>;
  read(place: PlacedName): Promise<AsyncIterable<Buffer>>;
  /** Writes a small text, over one that is there. */
  write(place: PlacedName, text: string): Promise<void>;
  remove(place: PlacedName): Promise<void>;
  close(): Promise<void>;
}

export interface PlacedName {
  readonly folder: SourceFolder;
  readonly name: string;
}

/** The report that a file is of, and what its name says of the period; undefined if no rule fits its name. */
export function ruleFor(
  files: readonly FileRule[],
  name: string,
): { readonly report: ReportName; readonly reading: NameReading } | undefined {
  for (const { pattern, report } of files) {
    const reading = readName(pattern, name);
    if (reading !== undefined) return { report, reading };
  }
  return undefined;
}

/** What a file is called from when it is taken on. Only the id leaves the source: a name may be a patient's. */
export function takenName(id: string, name: string): string {
  return `${id}-${name}`;
}

export const fileIdPattern = /^[0-9a-f]{16}$/;

/** An id begins with the second in which its file was taken, as hex digits, so that a stuck one is given up in time. */
export function newFileId(now: Date, random: Uint8Array): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const rest = Array.from(random.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0'));
  return `${seconds.toString(16).padStart(8, '0')}${rest.join('')}`;
}

/** A file that something else than itself keeps from being loaded for so long is refused: a person has to look. */
const longestTakingDays = 3;

export function isGivenUp(id: string, now: Date): boolean {
  return now.getTime() - Number.parseInt(id.slice(0, 8), 16) * 1000 > longestTakingDays * 86_400_000;
}

export const givenUp = `it could not be loaded in ${String(longestTakingDays)} days of rounds`;

const copyPattern = /^sources\/[a-z0-9-]{1,32}\/[0-9a-f]{16}-(\d{1,16})\.csv$/;

/**
 * When the file of a source was last written, from the path of its copy within the inbox; undefined for other
 * files.
 */
export function writtenAt(copy: string): Date | undefined {
  const milliseconds = copyPattern.exec(copy)?.[1];
  return milliseconds === undefined ? undefined : new Date(Number(milliseconds));
}

/** The id and the original name of a taken file; undefined for a file that somebody else has put there. */
export function takenParts(taken: string): { readonly id: string; readonly name: string } | undefined {
  const [id, name] = [taken.slice(0, 16), taken.slice(17)];
  return fileIdPattern.test(id) && taken[16] === '-' && name !== '' ? { id, name } : undefined;
}

export const sourceNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** A file is longer or shorter than when it was listed. */
export class StillWritten extends Error {
  override readonly name = 'StillWritten';
}

/** How a file ends: what becomes of it on the source. `again` leaves it for the next round. */
export type FileEnd =
  | { readonly to: 'done' }
  | { readonly to: 'refused'; readonly type: FailureType; readonly message: string }
  | { readonly to: 'again' };

/** Failures that are about the file itself: the same file would fail with them again. */
const ofTheFile: ReadonlySet<FailureType> = new Set([
  'ExportTooLarge',
  'ExportNotCsv',
  'ExportTruncated',
  'ExportWrongPeriod',
  'ExportWrongReport',
  'InvalidInput',
  'PortalPermissionMissing',
  'SchemaDrift',
]);

/** What becomes of a file whose run failed: refused if the file is at fault, otherwise taken again. */
export function endAfterFailure(type: FailureType, message: string): FileEnd {
  return ofTheFile.has(type) ? { to: 'refused', type, message } : { to: 'again' };
}

export interface FileCounts {
  /** Files that a round will take, those still being written included. */
  readonly waiting: number;
  /** Files that no pattern fits. */
  readonly unmatched: number;
  readonly taking: number;
  /** Without the files that hold the reasons. */
  readonly refused: number;
  readonly done: number;
}

/** What lies at a source. */
export async function countFiles(opened: OpenSource, rules: readonly FileRule[]): Promise<FileCounts> {
  const left = (await opened.list('left')).filter(({ name }) => !isPassedOver(name));
  const waiting = left.filter(({ name }) => ruleFor(rules, name) !== undefined).length;
  const countIn = async (folder: SourceFolder) =>
    (await opened.list(folder)).filter(({ name }) => !isReason(name)).length;
  return {
    waiting,
    unmatched: left.length - waiting,
    taking: await countIn('taking'),
    refused: await countIn('refused'),
    done: await countIn('done'),
  };
}

const reasonEnding = '.reason.txt';

/** The file that says why another one was refused. */
export function reasonName(refused: string): string {
  return `${refused}${reasonEnding}`;
}

function isReason(name: string): boolean {
  return takenParts(name) !== undefined && name.endsWith(reasonEnding);
}
