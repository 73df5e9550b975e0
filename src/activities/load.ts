import { Context } from '@temporalio/activity';
import type { PublishResult } from '../domain/publication.ts';
import type { Ports } from './ports.ts';
import { withPublishRequest } from './publishRequest.ts';
import { assertSameRules } from './rules.ts';
import type { LoadInput } from './steps.ts';

type LoadPorts = Pick<Ports, 'settings' | 'artifacts' | 'scratch' | 'warehouse' | 'nameKey'>;

/**
 * Replaces the period in the tables by what the steps made, all or nothing, unless a gate holds it. A person's
 * decision loads what was made under the rules of its day.
 */
export function createLoad(ports: LoadPorts) {
  return async function load(input: LoadInput): Promise<PublishResult> {
    if (input.decision === undefined) {
      const { rulesSha256 } = input.made.categorize;
      assertSameRules({ step: 'clean', rulesSha256 }, ports.settings.rulesSha256);
    }
    const context = Context.current();
    return withPublishRequest(ports, input, (request) =>
      ports.warehouse.publish({
        ...request,
        onProgress: (doing, records) => context.heartbeat({ doing, records }),
        signal: context.cancellationSignal,
      }),
    );
  };
}
