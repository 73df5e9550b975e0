import { conditionKey } from '../alerts/openConditions.ts';
import {
  type AlertCondition,
  type ChannelName,
  channelNames,
  type NotifiedCondition,
} from '../domain/alertConditions.ts';
import { findOpenConditions } from '../alerts/evaluate.ts';
import { messageFor, messageOf, testMessage } from '../alerts/messages.ts';
import { agencyHere, configPath, readPipelineConfig } from '../config.ts';
import { alertChannels, connectAlerts } from '../wiring/connectAlerts.ts';
import type { PipelineError } from '../domain/failures.ts';
import { hasAlerts } from '../domain/alertChannels.ts';
import { alertScheduleState } from '../temporal/schedules.ts';
import { readLastCheck } from '../warehouse/alertLedger.ts';
import { alertLines, roundMinutes, type AlertsState } from './alertState.ts';
import { errorFacts } from './errors.ts';
import { exitCodes } from './exitCodes.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { withWarehouse } from './connections.ts';
import { withTemporal } from './temporalClient.ts';
import { refused } from './commandErrors.ts';

/** The open conditions and what each channel was sent about them; and whether the rounds run at all. */
export async function showAlerts(options: OutputOptions): Promise<void> {
  const config = readPipelineConfig(configPath());
  const { conditions, notified, ...state } = await withTemporal((client) =>
    withWarehouse(async (warehouse) => {
      // Nothing is sent from here, so no channel's address is needed.
      const ports = connectAlerts({ config, warehouse, client, channels: [], agency: agencyHere() });
      return {
        conditions: await findOpenConditions(ports),
        notified: await ports.ledger.notified(),
        schedule: await alertScheduleState(client),
        lastLook: await readLastCheck(warehouse),
      };
    }),
  );
  const shown = openAlerts(conditions, notified);
  const facts: AlertsState = { on: hasAlerts(config), everyMinutes: roundMinutes(config), ...state };
  print(options, { ...facts, open: shown }, () =>
    [alertWords(shown), ...alertLines(facts, new Date())].join('\n'),
  );
}

interface OpenAlert {
  readonly what: string;
  /** The name that scripts rely on. */
  readonly cause: AlertCondition;
  /** When the first channel was sent it, ISO 8601 in UTC; null before that. */
  readonly since: string | null;
  readonly toldBy: readonly ChannelName[];
  /** Whether the condition is over and a channel has not been sent that yet. */
  readonly over: boolean;
}

function openAlerts(
  conditions: readonly AlertCondition[],
  notified: readonly NotifiedCondition[],
): OpenAlert[] {
  const open = new Set(conditions.map(conditionKey));
  const gone = notified
    .map(({ condition }) => condition)
    .filter((condition) => !open.has(conditionKey(condition)));
  const over = new Map(gone.map((condition) => [conditionKey(condition), condition]));
  return [
    ...conditions.map((condition) => openAlert(condition, notified, false)),
    ...Array.from(over.values(), (condition) => openAlert(condition, notified, true)),
  ];
}

function openAlert(
  condition: AlertCondition,
  notified: readonly NotifiedCondition[],
  over: boolean,
): OpenAlert {
  const rows = notified.filter((each) => conditionKey(each.condition) === conditionKey(condition));
  const [since = null] = rows.map((row) => row.since).sort();
  const { title } = messageOf({ event: over ? 'over' : 'began', causes: [condition] }, undefined);
  const toldBy = channelNames.filter((name) => rows.some(({ channel }) => channel === name));
  return { what: title, cause: condition, since, toldBy, over };
}

function alertWords(shown: readonly OpenAlert[]): string {
  if (shown.length === 0) return 'nothing has to be looked at';
  return table(
    ['what', 'since (UTC)', 'sent by'],
    shown.map(({ what, since, toldBy }) => [
      what,
      since === null ? '-' : since.slice(0, 19).replace('T', ' '),
      toldBy.join(', ') || 'none yet',
    ]),
  );
}

interface TestResult {
  readonly channel: ChannelName;
  /** Why the message was not accepted; null if it was. */
  readonly error: { readonly message: string; readonly hint?: string } | null;
}

/** Sends a test message through each channel, to this environment's addresses. */
export async function testAlerts(options: OutputOptions): Promise<void> {
  const channels = await alertChannels(readPipelineConfig(configPath()));
  if (channels.length === 0) throw noChannel();
  const results: TestResult[] = [];
  for (const channel of channels) {
    const error = await channel.send(messageFor(agencyHere(), testMessage)).then(
      () => null,
      (thrown: unknown) => errorFacts(thrown),
    );
    results.push({ channel: channel.name, error });
  }
  print(options, results, () => results.map(resultWords).join('\n'));
  if (results.some(({ error }) => error !== null)) process.exitCode = exitCodes.failed;
}

function resultWords({ channel, error }: TestResult): string {
  return error === null ? `${channel}: taken` : `${channel}: ${[error.message, error.hint].join(' ').trim()}`;
}

function noChannel(): PipelineError {
  return refused(
    'no channel is configured: no alerts are sent',
    'Name one in pipeline.yaml, section alerts: docs/alerts.md says how.',
  );
}
