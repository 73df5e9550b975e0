import { createInterface } from 'node:readline/promises';

/** Whether a person can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Asks until one of the words, or its first letter, is the answer. The end of the input counts as the last word. */
export async function askWord<Word extends string>(
  question: string,
  words: readonly [Word, ...Word[]],
  signal: AbortSignal,
): Promise<Word> {
  const last = words.at(-1)!;
  for (;;) {
    const answer = (await askLine(question, signal))?.trim().toLowerCase();
    if (answer === undefined || answer === '') return last;
    const meant = words.find((word) => word === answer || word.startsWith(answer));
    if (meant !== undefined) return meant;
  }
}

/** Undefined at the end of the input. */
async function askLine(question: string, signal: AbortSignal): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // A terminal in line mode hands Ctrl-C to us instead of the process.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    return await Promise.race([lines.question(question, { signal }), ended]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
