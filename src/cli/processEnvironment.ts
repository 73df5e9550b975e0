import { agencyHere, enterAgency, enterEnvFile } from '../config.ts';
import { agencyArgument } from './agencyArgument.ts';

export interface GlobalOptions {
  readonly agency?: string;
  readonly variables?: string;
}

/** Completes the environment of this process from its file, and makes it act for an agency with an id. */
export function completeEnvironment({ agency, variables }: GlobalOptions): void {
  enterEnvFile(variables);
  const id = agency ?? agencyHere();
  if (id !== undefined) enterAgency(agencyArgument(id));
}
