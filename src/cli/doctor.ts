import { examineAll } from './doctor/examineAll.ts';
import type { Finding } from './doctor/examination.ts';
import { printableLines } from '../domain/printable.ts';
import { exitCodes } from './exitCodes.ts';
import { print, type OutputOptions } from './output.ts';

/** Checks what a run needs, and says how to fix what is wrong. */
export async function runDoctor(options: OutputOptions & { skipPortal?: boolean }): Promise<void> {
  const findings = await examineAll({
    portal: options.skipPortal !== true,
    // A walk takes a minute: print findings as they come, so that the command shows progress.
    onFinding: (finding) => {
      if (options.json !== true) console.log(findingLines(finding));
    },
  });
  const count = countOf(findings);
  if (options.json === true) print(options, { ...count, findings }, () => '');
  else console.log(`\n${countWords(count)}`);
  process.exitCode = count.problems > 0 ? exitCodes.unfit : exitCodes.fine;
  endSoon();
}

/** A connection that hangs is already reported as a problem; it must not keep the command from ending. */
const lingerMilliseconds = 5_000;

function endSoon(): void {
  setTimeout(() => process.exit(), lingerMilliseconds).unref();
}

const signs: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok',
  note: 'note',
  problem: 'PROBLEM',
  unchecked: '-',
};

/** One line, with the remedy below it. */
export function findingLines({ part, state, what, remedy }: Finding): string {
  const head = `${signs[state].padEnd(7)}  ${part.padEnd(8)}  ${printableLines(what.replaceAll('\n', ' '))}`;
  return remedy === undefined ? head : `${head}\n${' '.repeat(19)}→ ${remedy}`;
}

interface Count {
  readonly problems: number;
  readonly notes: number;
  readonly unchecked: number;
}

function countOf(findings: readonly Finding[]): Count {
  const of = (state: Finding['state']) => findings.filter((each) => each.state === state).length;
  return { problems: of('problem'), notes: of('note'), unchecked: of('unchecked') };
}

export function countWords({ problems, notes, unchecked }: Count): string {
  return `${counted(problems, 'problem')}, ${counted(notes, 'note')}, ${String(unchecked)} not checked`;
}

function counted(count: number, one: string): string {
  return `${String(count)} ${one}${count === 1 ? '' : 's'}`;
}
