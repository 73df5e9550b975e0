import { isAgencyId, wantedAgencyId, type Agency } from '../../domain/agencyId.ts';
import { SettingsReader, type Environment } from '../settingsReader.ts';

/** The agency that this process acts for, as `client --agency` says; undefined for the one without an id. */
export function agencyHere(env: Environment = process.env): Agency {
  const reader = new SettingsReader(env);
  const agency = readAgency(reader);
  return reader.finish({ agency }).agency;
}

export function readAgency(reader: SettingsReader): Agency {
  return reader.optional('EHR_AGENCY', {
    wanted: wantedAgencyId,
    mistake: (text) => (isAgencyId(text) ? undefined : 'something else'),
  });
}
