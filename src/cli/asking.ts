import { createInterface } from 'node:readline/promises';

/** Wrong answers to one question after which somebody should read the documentation. */
const mostTries = 5;

/** No answer needs as many: an address of a database with its password has some hundred. */
const mostCharacters = 2_000;

/** Whether a person can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

export interface Question {
  readonly ask: string;
  /** Taken if nothing is answered; undefined if there is no good guess. */
  readonly proposal?: string;
  /** What is wanted instead; undefined if the answer will do. */
  readonly mistake: (answer: string) => string | undefined;
}

/** Where a person answers. */
export interface Terminal {
  /** A right answer; undefined at the end of the input, or after too many wrong ones. */
  readonly text: (question: Question) => Promise<string | undefined>;
  /**
   * One of the words, which its first letters mean too. No answer, the end of the input and too many wrong answers
   * count as the last word.
   */
  readonly word: <Word extends string>(ask: string, words: readonly [Word, ...Word[]]) => Promise<Word>;
}

interface Place {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a person. Ctrl-C is an interrupt of the process, as it is without a question.
 * @throws the signal's reason, once it is aborted
 */
export async function asking<Result>(
  work: (terminal: Terminal) => Promise<Result>,
  signal?: AbortSignal,
  { input, output }: Place = { input: process.stdin, output: process.stdout },
): Promise<Result> {
  const lines = createInterface({
    input,
    output,
    // An answer may be a secret: the arrow keys must not bring it back.
    historySize: 0,
    ...(signal === undefined ? {} : { signal }),
  });
  // A terminal in line mode hands Ctrl-C to us instead of the process.
  lines.on('SIGINT', () => {
    output.write('\n');
    process.kill(process.pid, 'SIGINT');
  });
  // It also keeps what is typed before the next question stands there.
  const typed = lines[Symbol.asyncIterator]();
  const line = async (prompt: string): Promise<string | undefined> => {
    lines.setPrompt(prompt);
    lines.prompt();
    const next = await typed.next();
    signal?.throwIfAborted();
    if (next.done !== true) return next.value.trim();
    // The next message begins a line of its own.
    output.write('\n');
    return undefined;
  };
  const text = async ({ ask, proposal, mistake }: Question): Promise<string | undefined> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const given = await line(`${ask}${proposal === undefined ? '' : ` [${proposal}]`}: `);
      if (given === undefined) return undefined;
      const answer = given === '' ? (proposal ?? '') : given;
      const wanted =
        answer.length > mostCharacters ? `at most ${String(mostCharacters)} characters` : mistake(answer);
      if (wanted === undefined) return answer;
      output.write(`  wanted ${wanted}\n`);
    }
    return undefined;
  };
  const word = async <Word extends string>(ask: string, words: readonly [Word, ...Word[]]): Promise<Word> => {
    const meantBy = (answer: string) => words.find((each) => each.startsWith(answer.toLowerCase()));
    const last = words.at(-1)!;
    const answer = await text({
      ask,
      proposal: last,
      mistake: (given) => (meantBy(given) === undefined ? words.join(' or ') : undefined),
    });
    return (answer === undefined ? undefined : meantBy(answer)) ?? last;
  };
  try {
    return await work({ text, word });
  } finally {
    lines.close();
  }
}
