import { Context } from '@temporalio/activity';
import type { AttributedDecision, PublishResult } from '../domain/publication.ts';
import { assertDecided, assertOwnFiles } from './parts/assertDecided.ts';
import type { Ports } from '../ports.ts';
import { withPublishRequest } from './parts/publishRequest.ts';
import { assertSameRules } from './parts/assertSameRules.ts';
import type { LoadInput } from './contracts.ts';

type LoadPorts = Pick<Ports, 'settings' | 'artifacts' | 'scratch' | 'warehouse' | 'runs' | 'nameKey'>;

/**
 * Replaces the period in the tables with what the steps made, all or nothing, unless a gate holds it. A person's
 * decision loads what was made under the rules of its day.
 */
export function createLoad(ports: LoadPorts) {
  return async function load(input: LoadInput): Promise<PublishResult> {
    if (input.decision === undefined) {
      const { rulesSha256 } = input.made.categorize;
      assertSameRules({ step: 'clean', rulesSha256 }, ports.settings.rulesSha256);
    }
    assertOwnFiles(input);
    await assertDecided(input, ports.warehouse);
    const context = Context.current();
    const decision = await attributed(input, ports);
    return withPublishRequest(ports, input, (request) =>
      ports.warehouse.publish({
        ...request,
        ...(decision === undefined ? {} : { decision }),
        onProgress: (doing, records) => context.heartbeat({ doing, records }),
        signal: context.cancellationSignal,
      }),
    );
  };
}

/** Adds this workflow's starter, as Temporal recorded it, to the decision: the decider's name is only a claim. */
async function attributed(
  { decision }: LoadInput,
  { runs }: LoadPorts,
): Promise<AttributedDecision | undefined> {
  const { workflowExecution } = Context.current().info;
  if (decision === undefined || workflowExecution === undefined) return decision;
  return { ...decision, actor: await runs.startedBy(workflowExecution) };
}
