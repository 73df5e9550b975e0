import { isAgencyId, wantedAgencyId } from '../domain/agencyId.ts';
import { refused } from './commandErrors.ts';

/** @throws PipelineError InvalidInput */
export function agencyArgument(id: string): string {
  if (isAgencyId(id)) return id;
  throw refused(
    `agency: must be ${wantedAgencyId}`,
    'npm run client -- agencies list shows those that there are.',
  );
}
