import { faults, type FaultName, type FaultOfKind, type FaultSettings, type Step } from './faults.ts';
import { record } from './journal.ts';
import type { PortalState } from './state.ts';

/** Whether a fault happens now and how it is set; told in the journal. One that happens once is off from then on. */
export function strikes<Name extends FaultName>(
  state: PortalState,
  fault: Name,
  step: Step,
): Exclude<FaultSettings[Name], false | null> | undefined {
  const { faults: settings } = state.settings;
  const set = settings[fault];
  if (set === false || set === null) return undefined;
  if (faults[fault].frequency === 'once') (settings as Record<FaultName, unknown>)[fault] = false;
  record(state.journal, { kind: 'fault-struck', fault, step });
  return set as Exclude<FaultSettings[Name], false | null>;
}

/** The same for a fault that waits for its step. */
export function strikesAt(state: PortalState, fault: FaultOfKind<'step'>, step: Step): boolean {
  const set = state.settings.faults[fault];
  return (set === true || set === step) && strikes(state, fault, step) !== undefined;
}
