import { PipelineError } from './failures.ts';
import { reportNames } from '../reports/index.ts';
import { idWords } from '../reports/reservedNames.ts';

/**
 * Agencies that share the workers. Each has its own configuration, secrets, database and files; its id is part of the
 * ids of its runs. Undefined stands for the agency without an id, whose configuration EHR_CONFIG names.
 */
export type Agency = string | undefined;

const agencyForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const mostCharacters = 40;

/**
 * Words that begin the ids of runs and schedules, or stand in a database role of earlier versions
 * (`ehr_reader_names`).
 */
const reserved: ReadonlySet<string> = new Set([...reportNames, ...idWords]);

export const wantedAgencyId = `an agency's id: small letters, digits and single hyphens, at most ${String(mostCharacters)}, and no word that begins other ids (${[...reserved].join(', ')})`;

export function isAgencyId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= mostCharacters &&
    agencyForm.test(value) &&
    !reserved.has(value)
  );
}

/** `acme:notes:2026-10-16..2026-10-31`; without an agency the id stays as it is. */
export function agencyId(agency: Agency, id: string): string {
  return agency === undefined ? id : `${agency}:${id}`;
}

/** The agency whose run has this id. One that somebody chose, such as a UUID, names none. */
export function agencyOfId(id: string): Agency {
  const [first, ...rest] = id.split(':');
  return rest.length > 0 && isAgencyId(first) ? first : undefined;
}

/** The agency that an input names, however wrong the rest of it is. */
export function agencyNamedIn(input: unknown): Agency {
  const named = typeof input === 'object' && input !== null && 'agency' in input ? input.agency : undefined;
  return isAgencyId(named) ? named : undefined;
}

/** Puts the agency into an activity's one argument; `splitAgency` takes it out again. */
export function withAgency(agency: Agency, args: readonly unknown[]): unknown[] {
  return agency === undefined ? [...args] : [{ ...(args[0] as object | undefined), agency }];
}

/**
 * Takes the agency out of an activity's one argument, where `withAgency` has put it.
 * @throws PipelineError InvalidInput if it is not an agency's id
 */
export function splitAgency(args: readonly unknown[]): { agency: Agency; args: unknown[] } {
  const [given] = args;
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, 'agency')) {
    return { agency: undefined, args: [...args] };
  }
  const { agency, ...input } = given as { agency: unknown };
  if (!isAgencyId(agency)) {
    throw new PipelineError('InvalidInput', `agency: must be ${wantedAgencyId}`, {
      hint: 'Start workflows; steps are called by them. npm run client -- agencies lists the agencies.',
    });
  }
  // A step without an input has only the agency.
  const isEmpty = Object.keys(input).length === 0;
  return { agency, args: [...(isEmpty ? [] : [input]), ...args.slice(1)] };
}
