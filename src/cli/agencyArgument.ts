import { isAgencyId, wantedAgencyId } from '../domain/agencies.ts';
import { PipelineError } from '../domain/failures.ts';

/** @throws PipelineError InvalidInput */
export function agencyArgument(id: string): string {
  if (isAgencyId(id)) return id;
  throw new PipelineError('InvalidInput', `agency: must be ${wantedAgencyId}`, {
    hint: 'npm run client -- agencies list shows those that there are.',
  });
}
