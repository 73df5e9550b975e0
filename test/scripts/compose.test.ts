import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly healthcheck?: unknown;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const file = new URL('../../docker-compose.yml', import.meta.url);
const compose = parse(readFileSync(file, 'utf8'), { merge: true }) as { services: Record<string, Service> };
const services = Object.entries(compose.services).map(([name, service]) => ({ name, service }));

describe('docker-compose.yml', () => {
  test.each(services)('$name publishes to the loopback only', ({ service }) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(services)('$name has an image with a version', ({ service }) => {
    expect(service.image).toMatch(/^[\w./-]+:[\w.-]+$/);
    expect(service.image).not.toMatch(/:latest$/);
  });

  test.each(services.filter(({ service }) => service.restart === 'unless-stopped'))(
    '$name runs for good, so it has a health check',
    ({ service }) => {
      expect(service.healthcheck).toBeDefined();
    },
  );

  test.each(services)('$name gets its passwords as files', ({ service }) => {
    const secrets = Object.keys(service.environment ?? {}).filter((name) =>
      /PASSWORD|PWD|_KEY|DATABASE_URL/.test(name),
    );
    for (const name of secrets) expect(name).toMatch(/_FILE$/);
  });

  test('the worker is given longer to stop than the ten seconds of the default', () => {
    expect(compose.services['worker']?.stop_grace_period).toBe('5m');
  });
});
