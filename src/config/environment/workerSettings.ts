import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { SettingsReader, type Environment } from '../settingsReader.ts';
import { addressMistake } from './webAddress.ts';

/** The workflow bundle of `npm run build`; undefined if the worker bundles at start. */
export function workflowBundle(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const bundle = reader.optional('EHR_WORKFLOW_BUNDLE', {
    wanted: 'the file that npm run build wrote',
    mistake: (path) => (existsSync(path) ? undefined : `${path}, which does not exist`),
  });
  return reader.finish({ bundle }).bundle;
}

const deployModes = ['auto', 'manual'] as const;

/**
 * Whether a worker with a newer workflow bundle takes new runs by itself (`auto`, the default), or waits for `client
 * deploy` (`manual`).
 */
export function deployMode(env: Environment = process.env): (typeof deployModes)[number] {
  const reader = new SettingsReader(env);
  const mode = reader.optional('EHR_DEPLOY', {
    wanted: deployModes.join(' or '),
    mistake: (text) => (deployModes.some((each) => each === text) ? undefined : 'something else'),
  });
  return reader.finish({ mode: mode === 'manual' ? 'manual' : 'auto' } as const).mode;
}

/** Each takes some 300 MB. */
const mostBrowsers = 32;

/** How many exports a worker makes at portals at a time, each of another login and with a browser of its own. */
export function browsersPerWorker(env: Environment = process.env): number {
  const reader = new SettingsReader(env);
  const browsers = reader.optional('EHR_BROWSERS', {
    wanted: `a whole number from 1 to ${String(mostBrowsers)}`,
    mistake: (text) =>
      /^[1-9]\d?$/.test(text) && Number(text) <= mostBrowsers ? undefined : 'something else',
  });
  return reader.finish({ browsers: Number(browsers ?? 1) }).browsers;
}

export interface MetricsSettings {
  readonly host: string;
  readonly port: number;
}

/** Where the worker serves its metrics and its health; undefined to serve nothing. */
export function metricsSettings(env: Environment = process.env): MetricsSettings | undefined {
  const reader = new SettingsReader(env);
  const host = reader.optional('EHR_METRICS_HOST', {
    wanted: 'an address of this machine to listen on, such as 0.0.0.0 for all; without it 127.0.0.1',
    mistake: (text) =>
      isIP(text) === 0 && text !== 'localhost' ? `${text}, which is no IP address` : undefined,
  });
  const port = reader.optional('EHR_METRICS_PORT', {
    wanted: `a port from 1 to ${largestPort}`,
    mistake: (text) => (isPort(text) ? undefined : text),
  });
  const settings = reader.finish({ host: host ?? '127.0.0.1', port: Number(port) });
  return port === undefined ? undefined : settings;
}

const largestPort = 65_535;

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= largestPort;
}

/**
 * Where traces go, as OTLP over HTTP: the base address, to which `/v1/traces` is added; undefined for no traces.
 * OpenTelemetry reads its other variables itself (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`, …).
 */
export function tracesEndpoint(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const endpoint = reader.optional('OTEL_EXPORTER_OTLP_ENDPOINT', {
    wanted: 'the address of an OTLP receiver over HTTP, such as http://127.0.0.1:4318',
    mistake: addressMistake,
  });
  return reader.finish({ endpoint }).endpoint;
}
