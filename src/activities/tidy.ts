import { Context } from '@temporalio/activity';
import type { Ports } from '../ports.ts';
import type { TidyResult } from './contracts.ts';
import { beatDuring } from './parts/heartbeats.ts';

/** The last step of a daily run: removes the files that have expired. */
export function createTidy({ tidy: remove }: Pick<Ports, 'tidy'>) {
  return async function tidy(): Promise<TidyResult> {
    if (remove === undefined) return { kind: 'off' };
    const { info, cancellationSignal } = Context.current();
    const { runId } = info.workflowExecution!;
    const { tidied, more } = await beatDuring({ doing: 'removing old files' }, () =>
      remove(runId, () => cancellationSignal.throwIfAborted()),
    );
    const classes = Object.entries(tidied);
    return {
      kind: 'tidied',
      files: Object.fromEntries(classes.map(([name, { files }]) => [name, files])),
      bytes: classes.reduce((sum, [, { bytes }]) => sum + bytes, 0),
      more,
    };
  };
}
