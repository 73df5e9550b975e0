import { ConfigError, configPath, nameKey, readPipelineConfig } from '../config.ts';
import type { PipelineError } from '../domain/failures.ts';
import { acceptRules, heldByRules, type HeldByRules } from '../warehouse/acceptedRules.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { rulesInForce } from '../wiring/rulesInForce.ts';
import { reasonAndName, type DecisionOptions } from './decisions.ts';
import { print, type OutputOptions } from './output.ts';
import { withWarehouse } from './connections.ts';
import { refused } from './commandErrors.ts';

/** Accepts a change of rules for all periods at once: no further run is held because of it. */
export async function approveRules(
  options: DecisionOptions & OutputOptions & { rules?: string },
): Promise<void> {
  const { reason, by } = reasonAndName(options);
  const { accepted, waiting } = await withWarehouse(async (warehouse) => {
    const held = await heldByRules(warehouse);
    const rulesSha256 = chosenRules(held, { named: options.rules, inForce: rulesHere() });
    await acceptRules(warehouse, { rulesSha256, by, actor: thisUser(), reason });
    return { accepted: rulesSha256, waiting: held.filter((each) => each.rulesSha256 === rulesSha256) };
  });
  print(options, { rulesSha256: accepted, held: waiting }, () =>
    [`the rules ${shortened(accepted)} are accepted for all periods`, ...waiting.map(waitingWords)].join(
      '\n',
    ),
  );
}

function waitingWords({ report, periods, from, to }: HeldByRules): string {
  const those = periods === 1 ? '1 period waits' : `${String(periods)} periods wait`;
  return `${those} for them: npm run client -- reload ${report} --from ${from} --to ${to}`;
}

/** The rules digest of a worker with this machine's configuration and name key; undefined if either is missing. */
export function rulesHere(): string | undefined {
  try {
    return rulesInForce(readPipelineConfig(configPath()), nameKey());
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

interface Choice {
  /** The requested digest, or its beginning. */
  readonly named: string | undefined;
  readonly inForce: string | undefined;
}

/** Selects the rules to accept. Never guesses: a person who accepts the wrong ones would believe that it is done. */
export function chosenRules(held: readonly Pick<HeldByRules, 'rulesSha256'>[], choice: Choice): string {
  const { named, inForce } = choice;
  const waiting = [...new Set(held.map(({ rulesSha256 }) => rulesSha256))];
  const known = [...new Set([...waiting, ...(inForce === undefined ? [] : [inForce])])];
  if (named !== undefined) {
    const meant = known.filter((each) => each.startsWith(named.toLowerCase()));
    if (meant.length === 1) return meant[0]!;
    throw notClear('--rules: names none of the rules that are known here', known);
  }
  if (inForce !== undefined && (waiting.length === 0 || waiting.includes(inForce))) return inForce;
  if (inForce === undefined && waiting.length === 1) return waiting[0]!;
  if (waiting.length > 0) throw notClear('the runs that are held were made under other rules', known);
  throw refused(
    'no run is held because the rules have changed',
    'To accept rules beforehand, run this where EHR_CONFIG and EHR_NAME_KEY are those of the workers.',
  );
}

function notClear(what: string, known: readonly string[]): PipelineError {
  const choices = known.map((rules) => `--rules ${shortened(rules)}`).join(', ');
  return refused(
    what,
    `Restart the workers and run a period again, so that a run is held under the rules of now; or name the rules: ${choices}`,
  );
}

/** Long enough to tell rules apart. */
function shortened(rulesSha256: string): string {
  return rulesSha256.slice(0, 12);
}
