import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly healthcheck?: unknown;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly working_dir?: string;
  readonly secrets?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
}

const file = new URL('../../docker-compose.yml', import.meta.url);
const compose = parse(readFileSync(file, 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  configs: { temporal_dynamic: { content: string } };
};
const services = Object.entries(compose.services).map(([name, service]) => ({ name, service }));

describe('docker-compose.yml', () => {
  test.each(services)('$name publishes to the loopback only', ({ service }) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(services)('$name has an image of one version', ({ service }) => {
    expect(service.image).toMatch(/^(?:[\w./-]+:\d+\.\d+\.\d+(?:@sha256:[0-9a-f]{64})?|ehr-pipeline:local)$/);
  });

  test.each(services)('$name has no capability and gains no privilege', ({ service }) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
    for (const key of ['cap_add', 'privileged', 'pid', 'network_mode'])
      expect(service).not.toHaveProperty(key);
  });

  test('all but the images that write their own settings have a read-only root', () => {
    const writable = services.filter(({ service }) => service.read_only !== true).map(({ name }) => name);
    expect(writable).toEqual(['temporal', 'temporal-ui']);
    for (const { service } of services.filter(({ name }) => !writable.includes(name))) {
      expect(service.tmpfs?.join()).toMatch(/^\/tmp:mode=1777/);
    }
  });

  test('Temporal deals steps out by turns', () => {
    expect(parse(compose.configs.temporal_dynamic.content)).toMatchObject({
      'matching.enableFairness': [{ value: true }],
    });
  });

  test('no service runs as root', () => {
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
    expect(dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))).toMatch(/\nUSER node\n/);
    const databases = services.filter(({ service }) => service.image?.startsWith('mysql:'));
    expect(databases.map(({ service }) => service.user)).toEqual(['mysql', 'mysql']);
  });

  test('the image is built from one version of Node', () => {
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
    const bases = Array.from(dockerfile.matchAll(/^FROM (\S+)/gm), ([, base]) => base);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-[a-z-]+(?:@sha256:[0-9a-f]{64})?$/);
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

  /** Those that run the pipeline's own code with its settings. */
  const ours = services.filter(({ service }) => service.environment?.['DATABASE_URL_FILE'] !== undefined);

  test('whatever reads files of runs has the folder of the artifacts', () => {
    expect(ours.map(({ name }) => name)).toEqual(['migrate', 'client', 'schedule', 'worker']);
    for (const { service } of ours) expect(service.volumes).toContain('artifacts:/var/lib/ehr/artifacts');
  });

  test('no portal and no account is a default; the stand-in is there in the demo only', () => {
    for (const { service } of ours) {
      expect(service.environment).toMatchObject({
        EHR_PORTAL_URL: expect.stringMatching(/^\$\{EHR_PORTAL_URL:\?/) as string,
        EHR_PORTAL_USER: expect.stringMatching(/^\$\{EHR_PORTAL_USER:\?/) as string,
        EHR_PORTAL_ALLOW_PLAINTEXT: '${EHR_PORTAL_ALLOW_PLAINTEXT:-false}',
      });
    }
    expect(compose.services['portal']?.profiles).toEqual(['demo']);
    // What is not started cannot be waited for.
    expect(compose.services['worker']?.depends_on?.['portal']).toMatchObject({ required: false });
    const demo = readFileSync(new URL('../../docker/demo.env', import.meta.url), 'utf8');
    expect(demo.split('\n').filter((line) => !/^(?:#|$)/.test(line))).toEqual([
      'COMPOSE_PROFILES=demo',
      'EHR_CONFIG=/app/demo/pipeline.yaml',
      'EHR_PORTAL_URL=http://portal:8099',
      'EHR_PORTAL_USER=reports.bot',
      'EHR_PORTAL_ALLOW_PLAINTEXT=true',
    ]);
  });

  test("an installation's own rules are mounted and named", () => {
    for (const { service } of ours) {
      expect(service.volumes).toContain('${EHR_CONFIG_FOLDER:-./config}:/etc/ehr/config:ro');
      expect(service.environment?.['EHR_CONFIG']).toBe('${EHR_CONFIG:-/app/config/pipeline.yaml}');
    }
  });

  test('a client in a container can write dashboards, by a path as people type it', () => {
    const { volumes, working_dir } = compose.services['client']!;
    expect(volumes).toContain(`dashboards:${path.posix.join(working_dir!, 'dashboards')}`);
    expect(readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')).toMatch(
      /mkdir -p .*\/var\/lib\/ehr\/dashboards .*chown -R node:node \/var\/lib\/ehr/,
    );
  });

  test('the certificate of an authority of one’s own has a place in everything that asks the database', () => {
    for (const { service } of ours) {
      expect(service.environment?.['DATABASE_CA']).toBe('${DATABASE_CA:-}');
      expect(service.volumes).toContain('./.local/compose/tls:/etc/ehr/tls:ro');
    }
  });
});

/** Runs the script with a stand-in for `temporal`, which fails each command a few times before it works. */
async function setUp(stubbornness: number): Promise<{ code: number; calls: string[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-setup-'));
  const calls = path.join(folder, 'calls');
  await writeFile(calls, '');
  await writeFile(
    path.join(folder, 'temporal'),
    `#!/bin/sh
shift
[ "$(grep -c "^$*$" "${calls}")" -lt ${String(stubbornness)} ] && { echo "$*" >>"${calls}"; exit 1; }
[ "$*" = "search-attribute list" ] && sed -n 's/.*made search-attribute create --name \\([A-Za-z]*\\) .*/\\1 Keyword/p' "${calls}"
case "$*" in "namespace describe"*) grep -q "made namespace create" "${calls}" || exit 1 ;; esac
echo "made $*" >>"${calls}"
`,
    { mode: 0o755 },
  );
  // Nobody has two minutes to wait here.
  await writeFile(path.join(folder, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
  const script = compose.services['temporal-setup']!.command![0]!.replaceAll('$$', '$');
  const code = await promisify(execFile)('/bin/sh', ['-euc', script], {
    env: { PATH: `${folder}:${process.env['PATH']!}` },
  }).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
  const made = (await readFile(calls, 'utf8')).split('\n').filter((line) => line.startsWith('made'));
  await rm(folder, { recursive: true });
  return { code, calls: made.filter((line) => line.includes('create')) };
}

describe('temporal-setup', () => {
  test('waits for a server that does not know its namespace yet, and makes everything once', async () => {
    expect(await setUp(4)).toEqual({
      code: 0,
      calls: [
        'made namespace create --namespace default --retention 30d',
        ...['EhrReport', 'EhrPeriodStart', 'EhrOutcome', 'EhrAgency'].map(
          (name) => `made search-attribute create --name ${name} --type Keyword`,
        ),
      ],
    });
  });

  test('fails where the server never comes round', async () => {
    expect(await setUp(1000)).toEqual({ code: 1, calls: [] });
  });
});

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Runs the script over copies of the two files, with a stand-in for docker that answers this. */
async function pinned(answer: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-images-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ['docker-compose.yml', 'Dockerfile']) {
    await copyFile(new URL(`../../${name}`, import.meta.url), path.join(folder, name));
  }
  await writeFile(path.join(folder, 'docker'), `#!/bin/sh\necho "$*" >>"$0.calls"\necho '${answer}'\n`, {
    mode: 0o755,
  });
  const script = fileURLToPath(new URL('../../scripts/digests.mjs', import.meta.url));
  const ended = await promisify(execFile)(process.execPath, [script, folder], {
    env: { PATH: `${folder}:${process.env['PATH']!}` },
  }).then(
    () => 'done',
    (error: { stderr: string }) => error.stderr,
  );
  const read = (name: string) => readFile(path.join(folder, name), 'utf8');
  return {
    ended,
    calls: (await read('docker.calls')).trim().split('\n'),
    compose: parse(await read('docker-compose.yml'), { merge: true }) as typeof compose,
    dockerfile: await read('Dockerfile'),
  };
}

describe('npm run digests', () => {
  test('writes the digest of each image beside its version, and asks for each once', async () => {
    const { ended, calls, compose: changed, dockerfile } = await pinned(digest);
    expect(ended).toBe('done');
    for (const { name, service } of services) {
      const own = service.image === 'ehr-pipeline:local';
      expect(changed.services[name]).toEqual({
        ...service,
        image: own ? service.image : `${service.image!}@${digest}`,
      });
    }
    expect(Array.from(dockerfile.matchAll(/^FROM \S+@(\S+)/gm), ([, each]) => each)).toEqual([
      digest,
      digest,
    ]);
    expect(new Set(calls).size).toBe(calls.length);
    expect(calls[0]).toMatch(/^buildx imagetools inspect \S+:\S+ --format \{\{\.Manifest\.Digest\}\}$/);
  });

  test('changes nothing where docker answers something else', async () => {
    const { ended, compose: changed, dockerfile } = await pinned('manifest unknown');
    expect(ended).toContain('docker gave no digest of');
    expect(changed).toEqual(compose);
    expect(dockerfile).not.toContain('@');
  });
});
