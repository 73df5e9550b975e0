import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, temporalConnection, type Environment } from '../../src/config.ts';
import { temporaryFolder } from './pipelineFile.ts';

function temporalToml(text: string): string {
  const path = join(temporaryFolder(), 'temporal.toml');
  writeFileSync(path, text);
  return path;
}

/** No file in the user's home takes part. */
function connectionOf(env: Environment) {
  return temporalConnection({ TEMPORAL_CONFIG_FILE: temporalToml('[profile.default]\n'), ...env });
}

describe('the connection to Temporal', () => {
  test('is to this machine by default', () => {
    const { connectionOptions, namespace } = connectionOf({});
    expect(connectionOptions.address).toBe('localhost:7233');
    expect(connectionOptions.tls).toBeUndefined();
    expect(namespace).toBe('default');
  });

  test('follows TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE', () => {
    const { connectionOptions, namespace } = connectionOf({
      TEMPORAL_ADDRESS: 'temporal.internal:7233',
      TEMPORAL_NAMESPACE: 'reports',
    });
    expect(connectionOptions.address).toBe('temporal.internal:7233');
    expect(namespace).toBe('reports');
  });

  test('takes a blank variable for an unset one', () => {
    expect(connectionOf({ TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' })).toEqual(connectionOf({}));
  });

  test('follows a profile of temporal.toml, which variables go before', () => {
    const file = temporalToml(
      '[profile.cloud]\naddress = "cloud:7233"\nnamespace = "reports.abc"\napi_key = "k"\n',
    );
    const { connectionOptions, namespace } = connectionOf({
      TEMPORAL_CONFIG_FILE: file,
      TEMPORAL_PROFILE: 'cloud',
      TEMPORAL_ADDRESS: 'proxy:7233',
    });
    expect(connectionOptions).toMatchObject({ address: 'proxy:7233', apiKey: 'k', tls: true });
    expect(namespace).toBe('reports.abc');
  });

  test('turns TLS on with TEMPORAL_TLS', () => {
    expect(connectionOf({ TEMPORAL_TLS: 'true' }).connectionOptions.tls).toBeTruthy();
    expect(connectionOf({ TEMPORAL_TLS: 'false' }).connectionOptions.tls).toBe(false);
  });
});

describe('a connection that would be another than was asked for is refused', () => {
  test.each<{ title: string; env: () => Environment; says: RegExp }>([
    {
      title: 'a file that is not there',
      env: () => ({ TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }),
      says: /^TEMPORAL_CONFIG_FILE: got \/nowhere\/temporal\.toml, which does not exist, wanted a temporal\.toml$/,
    },
    {
      title: 'a profile that is not there',
      env: () => ({ TEMPORAL_PROFILE: 'cloud' }),
      says: /^TEMPORAL_\*: Profile 'cloud' not found in config data, wanted settings as the Temporal CLI reads them$/,
    },
    {
      title: 'a file that is no TOML, its lines not repeated since they hold the API key',
      env: () => ({ TEMPORAL_CONFIG_FILE: temporalToml('[profile.default]\napi_key = "top secret\n') }),
      says: /^TEMPORAL_\*: temporal\.toml is not valid TOML at line 2, wanted settings as the Temporal CLI reads them$/,
    },
    {
      title: 'a certificate that cannot be read',
      env: () => ({
        TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/client.pem',
        TEMPORAL_TLS_CLIENT_KEY_PATH: '/nowhere/client.key',
      }),
      says: /^TEMPORAL_\*: \/nowhere\/client\.pem cannot be read \(ENOENT\), wanted /,
    },
    {
      title: 'a certificate without its key',
      env: () => ({ TEMPORAL_TLS_CLIENT_CERT_DATA: 'pem' }),
      says: /^TEMPORAL_TLS_CLIENT_CERT_\*, TEMPORAL_TLS_CLIENT_KEY_\*: got one of the two, wanted /,
    },
  ])('$title', ({ env, says }) => {
    expect(() => connectionOf(env())).toThrow(ConfigError);
    expect(() => connectionOf(env())).toThrow(says);
  });
});
