import { createHash, timingSafeEqual } from 'node:crypto';
import pTimeout, { TimeoutError } from 'p-timeout';
import type SftpClient from 'ssh2-sftp-client';
import { PipelineError } from '../domain/failures.ts';
import type { OpenSource, SourceFile, SourceFolder } from '../domain/fileSources.ts';
import { assertListable, chunksOf, filePath, folderPath, notReadable } from './places.ts';

export interface SftpPlace {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly folder: string;
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly hostKey: string;
  readonly password: string | undefined;
  /** PEM or OpenSSH text. */
  readonly privateKey: string | undefined;
}

/** Logging in takes a second or two; a server under load several. */
const connectSeconds = 30;
/** One answer of the server. The reader of a transfer watches it. */
const answerSeconds = 60;
/** A connection that died without a word is noticed after three of these without an answer. */
const keepAliveSeconds = 10;

/** A folder on an SFTP server, whose host key must be the pinned one before any password is sent. */
export async function openSftp(place: SftpPlace, patienceSeconds = connectSeconds): Promise<OpenSource> {
  const { default: Client } = await import('ssh2-sftp-client');
  // Without these the library prints the server's words to the console.
  const client = new Client(place.name, { error: nothing, end: nothing, close: nothing });
  const verdict: HostKeyVerdict = { presented: undefined };
  client.on('keyboard-interactive', answeringWith(place.password));
  // The library waits for an end that a dead connection never has.
  const end = () => pTimeout(client.end(), { milliseconds: answerSeconds * 1000 }).catch(nothing);
  try {
    await connect(client, place, { verdict, patienceSeconds });
  } catch (error) {
    await end();
    throw connectFailure(place, verdict, error);
  }
  const here = <Result>(work: () => Promise<Result>) => translated(place, work);
  const { folder } = place;
  const at = (named: Parameters<typeof filePath>[1]) => filePath(folder, named);
  const made = new Set<SourceFolder>();
  const makeFolder = async (of: SourceFolder) => {
    if (of === 'left' || made.has(of)) return;
    const wanted = folderPath(folder, of);
    if ((await client.exists(wanted)) === false) await client.mkdir(wanted);
    made.add(of);
  };
  return {
    list: (of) =>
      here(async () => {
        const listed = folderPath(folder, of);
        if (of !== 'left' && (await client.exists(listed)) === false) return [];
        return regularFiles(place.name, await typedList(client, listed));
      }),
    move: (from, to) =>
      here(async () => {
        await makeFolder(to.folder);
        try {
          // The protocol's own rename takes no place of another file.
          await client.rename(at(from), at(to));
          return true;
        } catch (error) {
          if ((await client.exists(at(from))) === false) return false;
          throw error;
        }
      }),
    read: (named) =>
      here(() =>
        Promise.resolve(
          chunksOf(client.createReadStream(at(named)), (error) =>
            isDenied(error) ? notReadable(error) : asFailure(place, error),
          ),
        ),
      ),
    write: (named, text) =>
      here(async () => {
        await makeFolder(named.folder);
        await client.put(Buffer.from(text), at(named));
      }),
    remove: (named) => here(async () => void (await client.delete(at(named), true))),
    close: async () => void (await end()),
  };
}

function nothing(): void {}

interface HostKeyVerdict {
  /** The fingerprint of another key than the pinned one. */
  presented: string | undefined;
}

async function connect(
  client: SftpClient,
  place: SftpPlace,
  { verdict, patienceSeconds }: { readonly verdict: HostKeyVerdict; readonly patienceSeconds: number },
): Promise<void> {
  const { host, port, user, hostKey, password, privateKey } = place;
  await pTimeout(
    client.connect({
      host,
      port,
      username: user,
      ...(password === undefined ? {} : { password, tryKeyboard: true }),
      ...(privateKey === undefined ? {} : { privateKey }),
      readyTimeout: patienceSeconds * 1000,
      keepaliveInterval: keepAliveSeconds * 1000,
      keepaliveCountMax: 3,
      hostVerifier: (key: Buffer) => {
        const presented = fingerprintOf(key);
        const isPinned = equal(presented, hostKey);
        if (!isPinned) verdict.presented = presented;
        return isPinned;
      },
    }),
    // A little more, so that the library's own limit closes the connection.
    { milliseconds: (patienceSeconds + 10) * 1000 },
  );
}

/** Some servers ask for the password as for any other answer. Only the one hidden answer of a login can be it. */
function answeringWith(password: string | undefined): KeyboardInteractiveListener {
  return (_name, _instructions, _language, prompts, answer) => {
    const asksForPassword = prompts.length === 1 && prompts[0]?.echo !== true;
    answer(asksForPassword && password !== undefined ? [password] : []);
  };
}

type KeyboardInteractiveListener = (
  name: string,
  instructions: string,
  language: string,
  prompts: readonly { readonly echo?: boolean }[],
  answer: (answers: string[]) => void,
) => void;

function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function equal(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other.replace(/=+$/, ''))];
  return first.length === second.length && timingSafeEqual(first, second);
}

/** How `ls -l` begins a line, from which the library takes the type. Not all servers write that. */
const listLine = /^[-bcdlps][-rwxsStT]{9}/;

/** The library has it, its types do not. */
interface WithLstat {
  lstat(place: string): Promise<{ readonly isFile: boolean }>;
}

async function typedList(client: SftpClient, folder: string): Promise<SftpClient.FileInfo[]> {
  const entries = await client.list(folder);
  for (const entry of entries) {
    const { longname = '' } = entry as { longname?: string };
    if (listLine.test(longname)) continue;
    const { isFile } = await (client as unknown as WithLstat).lstat(`${folder}/${entry.name}`);
    entry.type = isFile ? '-' : 'd';
  }
  return entries;
}

function regularFiles(source: string, entries: readonly SftpClient.FileInfo[]): SourceFile[] {
  const files = entries.filter(({ type, name }) => type === '-' && !/[/\0]/.test(name));
  assertListable(source, files.length);
  return files.map(({ name, size, modifyTime }) => ({
    name,
    bytes: size,
    modifiedAt: Math.max(0, Math.round(modifyTime)),
  }));
}

async function translated<Result>(place: SftpPlace, work: () => Promise<Result>): Promise<Result> {
  try {
    return await pTimeout(work(), { milliseconds: answerSeconds * 1000 });
  } catch (error) {
    throw asFailure(place, error);
  }
}

function connectFailure(place: SftpPlace, { presented }: HostKeyVerdict, error: unknown): PipelineError {
  const { name } = place;
  if (presented !== undefined) {
    return new PipelineError(
      'SourceUnavailable',
      `the SFTP server of the source ${name} has another host key than the pinned one: ${presented}`,
      {
        hint: 'Ask its operator whether the key was changed; only then put the new one into pipeline.yaml as hostKey.',
        retry: false,
        details: { source: name, code: 'host key' },
      },
    );
  }
  if (isLoginRefused(error)) {
    return new PipelineError('SourceUnavailable', `the SFTP server of the source ${name} refuses the login`, {
      hint: 'Check the user in pipeline.yaml, and the password or key in the environment of the worker.',
      retry: false,
      details: { source: name, code: 'login' },
      cause: error,
    });
  }
  return asFailure(place, error);
}

function isLoginRefused(error: unknown): boolean {
  return error instanceof Error && /All configured authentication methods failed/.test(error.message);
}

/** Codes of the system and of the protocol; never the text, which names paths. */
function codeOf(error: unknown): string {
  if (error instanceof TimeoutError) return 'no answer';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `SFTP ${String(code)}`;
  return typeof code === 'string' && /^(E[A-Z0-9]{2,20}|ERR_[A-Z_]{2,40})$/.test(code) ? code : 'unknown';
}

/** `SSH_FX_PERMISSION_DENIED` */
const denied = 3;

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === denied;
}

function asFailure({ name }: SftpPlace, error: unknown): PipelineError {
  if (error instanceof PipelineError) return error;
  const code = codeOf(error);
  return new PipelineError(
    'SourceUnavailable',
    `the SFTP server of the source ${name} cannot be used (${code})`,
    {
      hint: 'Check that it is up and reached from the worker, and that its user may list the folder, read it, write to it and rename files in it.',
      details: { source: name, code },
      cause: error,
    },
  );
}
