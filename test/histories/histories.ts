import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A history event as `temporal workflow show --output json` prints it. */
export interface RecordedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly [attributes: string]: unknown;
}

export interface RecordedHistory {
  /** The file's name without its ending. */
  readonly name: string;
  readonly workflowType: string;
  readonly events: readonly RecordedEvent[];
}

/** Every history that record.ts has written beside this file. */
export function recordedHistories(folder = new URL('.', import.meta.url)): RecordedHistory[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const { events } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
        events: RecordedEvent[];
      };
      const started = events[0]!['workflowExecutionStartedEventAttributes'] as {
        workflowType: { name: string };
      };
      return { name: file.replace(/\.json$/, ''), workflowType: started.workflowType.name, events };
    });
}

/** The way it went, in one word: `published` of `dailyRun-published`. */
export function wayOf({ name, workflowType }: RecordedHistory): string {
  return name.replace(`${workflowType}-`, '');
}

interface HistoryTypes {
  readonly temporal: { readonly api: { readonly history: { readonly v1: { readonly History: unknown } } } };
}

interface ProtoJson {
  fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): object;
}

/**
 * The history as the SDK's replay takes it. Handed JSON, the SDK would convert it by itself, but with a copy of
 * protobufjs that does not know its own types: npm installs one copy for each @temporalio package where another
 * package's older protobufjs takes the place at the top. So the copy that made the types converts it here.
 */
export function replayable(events: readonly RecordedEvent[]): object {
  const worker = createRequire(createRequire(import.meta.url).resolve('@temporalio/worker'));
  const types = worker('@temporalio/proto') as HistoryTypes;
  const protoJson = createRequire(worker.resolve('@temporalio/proto'))(
    'protobufjs/ext/protojson',
  ) as ProtoJson;
  return protoJson.fromJson(types.temporal.api.history.v1.History, { events }, { ignoreUnknownFields: true });
}
