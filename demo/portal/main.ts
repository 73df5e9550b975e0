import { parseIsoDate } from '../../src/domain/dates.ts';
import { lookNames } from './looks.ts';
import { startPortal } from './portal.ts';
import type { DeepPartial, PortalSettings } from './settings.ts';

/** The port that README and the compose file name. */
const defaultPort = 8099;

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new TypeError(`${name} must be a whole number of at least 0, but is "${text}"`);
  }
  return value;
}

function delaysFromEnvironment(): DeepPartial<PortalSettings['delays']> {
  const names = { pageMs: 'PAGE', lateMs: 'LATE', queryMs: 'QUERY', exportMs: 'EXPORT' };
  const delays = Object.entries(names).map(([key, name]) => [key, numberFrom(`PORTAL_${name}_MS`)]);
  return Object.fromEntries(delays) as DeepPartial<PortalSettings['delays']>;
}

function lookFromEnvironment(): PortalSettings['look'] {
  const text = process.env['PORTAL_LOOK'] ?? 'tabs';
  const look = lookNames.find((name) => name === text);
  if (look === undefined) {
    throw new TypeError(`PORTAL_LOOK must be one of ${lookNames.join(', ')}, but is "${text}"`);
  }
  return look;
}

function asOfFromEnvironment(): PortalSettings['data']['asOf'] {
  const text = process.env['PORTAL_AS_OF'];
  if (text === undefined || text === '') return null;
  const day = text === 'today' ? text : parseIsoDate(text);
  if (day === undefined)
    throw new TypeError(`PORTAL_AS_OF must be a day, YYYY-MM-DD, or today, but is "${text}"`);
  return day;
}

const portal = await startPortal({
  port: numberFrom('PORTAL_PORT') ?? defaultPort,
  host: process.env['PORTAL_HOST'] ?? '127.0.0.1',
  seed: process.env['PORTAL_SEED'] ?? 'demo',
  settings: {
    look: lookFromEnvironment(),
    delays: delaysFromEnvironment(),
    data: { asOf: asOfFromEnvironment() },
  },
});
console.log(`The stand-in portal listens at ${portal.url}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void portal.close());
}
