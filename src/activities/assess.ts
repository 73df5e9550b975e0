import { Context } from '@temporalio/activity';
import { warningsOf, withDuplicates } from '../domain/warnings.ts';
import { assertOwnFiles } from './parts/assertDecided.ts';
import type { Ports } from '../ports.ts';
import { withPublishRequest } from './parts/publishRequest.ts';
import type { Assessment, LoadInput } from './contracts.ts';

/** Finds what a load of these files would do: the gates' results and the changes. Writes nothing to the tables. */
export function createAssess(
  ports: Pick<Ports, 'settings' | 'artifacts' | 'scratch' | 'warehouse' | 'nameKey'>,
) {
  return async function assess(input: LoadInput): Promise<Assessment> {
    assertOwnFiles(input);
    const context = Context.current();
    return withPublishRequest(ports, input, async (request) => {
      const { wouldBe, reasons, comparison } = await ports.warehouse.assess({
        ...request,
        onProgress: (doing, records) => context.heartbeat({ doing, records }),
        signal: context.cancellationSignal,
      });
      const { changes, duplicates } = comparison;
      const warnings = withDuplicates(warningsOf(input.made), duplicates);
      return { wouldBe, reasons, changes, warnings, preliminary: request.preliminary };
    });
  };
}
