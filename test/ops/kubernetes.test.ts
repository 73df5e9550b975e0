import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import {
  artifactsPlace,
  configPath,
  databaseSettings,
  dataKeys,
  deployMode,
  inboxDirectory,
  loginKey,
  metricsSettings,
  nameKey,
  portalSettings,
  readPipelineConfig,
  scratchDirectory,
  type Environment,
} from '../../src/config.ts';

interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: { readonly type: string; readonly localhostProfile?: string };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext?: object;
  readonly livenessProbe?: { readonly httpGet: { readonly path: string } };
  readonly readinessProbe?: { readonly httpGet: { readonly path: string } };
  readonly resources?: {
    readonly requests: { readonly memory: string };
    readonly limits: { readonly memory: string };
  };
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
    readonly subPath?: string;
  }[];
}

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly volumes?: readonly {
      readonly name: string;
      readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string };
      readonly secret?: {
        readonly secretName: string;
        readonly items?: readonly { readonly key: string; readonly path: string }[];
      };
    }[];
    readonly securityContext: SecurityContext;
    readonly terminationGracePeriodSeconds?: number;
    readonly automountServiceAccountToken?: boolean;
  };
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: Pod;
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podSelector?: {
      readonly matchLabels?: Readonly<Record<string, string>>;
      readonly matchExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
    };
    readonly egress?: readonly {
      readonly to?: readonly Peer[];
      readonly ports?: readonly { readonly port: number }[];
    }[];
  };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly nameSuffix?: string;
  readonly labels?: readonly { readonly pairs: Readonly<Record<string, string>> }[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
}

const project = new URL('../../', import.meta.url);
const text = (file: string) => readFileSync(new URL(file, project), 'utf8');
const folders = ['shared', 'release'] as const;
const files = folders.flatMap((folder) =>
  readdirSync(new URL(`deploy/kubernetes/${folder}/`, project))
    .filter((file) => file !== 'kustomization.yaml')
    .map((file) => ({ folder, file, named: `${folder}/${file}` })),
);
const manifests = files.flatMap(({ named }) =>
  parseAllDocuments(text(`deploy/kubernetes/${named}`)).map((document) => {
    const manifest = document.toJS() as Manifest;
    return { title: `${manifest.kind} ${manifest.metadata.name}`, manifest };
  }),
);
const pods = manifests.flatMap(({ title, manifest }) =>
  manifest.spec?.template === undefined ? [] : [{ title, pod: manifest.spec.template }],
);
const kustomization = (folder: (typeof folders)[number]) =>
  parse(text(`deploy/kubernetes/${folder}/kustomization.yaml`)) as Kustomization;
const podOf = (component: string) =>
  pods.find(({ pod }) => pod.metadata.labels['app.kubernetes.io/component'] === component)!.pod;
const containerOf = (component: string) => podOf(component).spec.containers[0]!;

const { $defs } = JSON.parse(text('test/ops/kubernetes/schemas.json')) as { $defs: Record<string, unknown> };
/** As Kubernetes names the groups that have short names. */
const groups: Readonly<Record<string, string>> = { v1: 'core.v1', 'networking.k8s.io/v1': 'networking.v1' };

function mebibytes(size: string): number {
  const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(size)!;
  return Number(amount) * (unit === 'Gi' ? 1024 : 1);
}

function mistakes({ apiVersion, kind, ...rest }: Manifest): string[] {
  const schema = `io.k8s.api.${groups[apiVersion] ?? apiVersion.replace('/', '.')}.${kind}`;
  if (!(schema in $defs)) return [`there is no schema ${schema}`];
  const checked = z.fromJSONSchema({ $defs, $ref: `#/$defs/${schema}` } as never);
  const { error } = checked.safeParse({ apiVersion, kind, ...rest });
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('the API of Kubernetes', () => {
  test.each(manifests)('takes $title', ({ manifest }) => {
    expect(mistakes(manifest)).toEqual([]);
  });

  const worker = manifests.find(({ manifest }) => manifest.kind === 'Deployment')!.manifest;
  test.each<{ title: string; changed: Manifest; said: string }>([
    {
      title: 'a misspelt field deep inside',
      changed: JSON.parse(
        JSON.stringify(worker).replace('"readOnlyRootFilesystem"', '"readonlyRootFilesystem"'),
      ) as Manifest,
      said: 'readonlyRootFilesystem',
    },
    {
      title: 'a number as text',
      changed: JSON.parse(JSON.stringify(worker).replace('"replicas":2', '"replicas":"2"')) as Manifest,
      said: 'spec.replicas: Invalid input: expected number',
    },
    { title: 'another version', changed: { ...worker, apiVersion: 'apps/v1beta1' }, said: 'no schema' },
  ])('refuses $title', ({ changed, said }) => {
    expect(JSON.stringify(changed)).not.toBe(JSON.stringify(worker));
    expect(mistakes(changed).join('\n')).toContain(said);
  });

  test.each(folders)('kustomization.yaml of %s names every file', (folder) => {
    const there = files.filter((each) => each.folder === folder).map(({ file }) => file);
    expect(kustomization(folder).resources.toSorted()).toEqual(there.toSorted());
  });
});

describe('each pod is confined', () => {
  test.each(pods)('$title', ({ pod: { spec } }) => {
    expect(spec.automountServiceAccountToken).toBe(false);
    // `node` in the image, which the Dockerfile names.
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
    expect(spec.securityContext.seccompProfile?.type).toMatch(/^(?:RuntimeDefault|Localhost)$/);
    expect(spec).not.toHaveProperty('hostNetwork');
    expect(spec).not.toHaveProperty('hostPID');
    expect(spec).not.toHaveProperty('initContainers');
    expect(JSON.stringify(spec)).not.toContain('hostPath');
    for (const container of spec.containers) {
      expect(container).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { memory: expect.any(String) as string } },
      });
      expect(container.securityContext).not.toHaveProperty('privileged');
    }
  });

  test('the image runs as the user that the pods name', () => {
    expect(text('Dockerfile')).toMatch(/^USER node$/m);
  });

  test('whatever can be written lies in memory, with a bound', () => {
    const written = pods.flatMap(({ pod }) => (pod.spec.volumes ?? []).filter((each) => each.emptyDir));
    expect(written.map(({ name }) => name)).toEqual(['scratch', 'tmp', 'shm']);
    for (const { emptyDir } of written) {
      expect(emptyDir).toMatchObject({ medium: 'Memory', sizeLimit: expect.any(String) as string });
    }
    const mounts = pods.flatMap(({ pod }) => pod.spec.containers.flatMap((each) => each.volumeMounts ?? []));
    const writable = mounts.filter(({ readOnly }) => readOnly !== true);
    expect(writable.map(({ name }) => name)).toEqual(['scratch', 'tmp', 'shm']);
    // A new password never reaches a file that is mounted by itself.
    expect(mounts.filter(({ subPath }) => subPath !== undefined)).toEqual([]);
  });

  test('the volumes in memory leave the worker the memory that it asks for', () => {
    const volumes = podOf('worker').spec.volumes!.map(({ emptyDir }) => emptyDir?.sizeLimit ?? '0Mi');
    const inMemory = volumes.reduce((sum, size) => sum + mebibytes(size), 0);
    const { requests, limits } = containerOf('worker').resources!;
    expect(mebibytes(limits.memory)).toBeGreaterThanOrEqual(inMemory + mebibytes(requests.memory));
  });

  test('only the worker needs the profile that lets Chromium make its sandbox, and docs say where it is', () => {
    const local = pods.filter(({ pod }) => pod.spec.securityContext.seccompProfile?.type === 'Localhost');
    expect(local.map(({ title }) => title)).toEqual(['Deployment ehr-worker']);
    const profile = podOf('worker').spec.securityContext.seccompProfile!.localhostProfile!;
    expect(text('docs/kubernetes.md')).toContain(`docker/chromium-seccomp.json`);
    expect(text('docs/kubernetes.md')).toContain(`/var/lib/kubelet/seccomp/${profile}`);
  });
});

describe('the network', () => {
  const policies = manifests.filter(({ manifest }) => manifest.kind === 'NetworkPolicy');
  const rules = policies.flatMap(({ manifest }) => manifest.spec!.egress ?? []);

  test('is closed for every pod unless a policy opens it', () => {
    const closed = policies.find(({ title }) => title === 'NetworkPolicy ehr-closed')!.manifest.spec!;
    expect(closed).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'ehr' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    for (const { pod } of pods) expect(pod.metadata.labels['app.kubernetes.io/name']).toBe('ehr');
  });

  test('is opened to named places and ports only', () => {
    for (const { to, ports } of rules) {
      expect(to?.length).toBeGreaterThan(0);
      expect(ports?.length).toBeGreaterThan(0);
    }
    const blocks = rules.flatMap(({ to }) => to!.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []));
    expect(blocks.length).toBeGreaterThan(0);
    // Of RFC 5737: nobody's, so that a forgotten example opens nothing.
    for (const block of blocks) {
      expect(block).toMatch(/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+\/(?:2[89]|3\d)$/);
    }
    const ports = rules.flatMap(({ ports: each }) => each!.map(({ port }) => port));
    expect([...new Set(ports)].toSorted((one, other) => one - other)).toEqual([53, 443, 587, 3306, 7233]);
  });

  test.each([
    [3306, 'the database', (names: readonly string[]) => names.includes('DATABASE_URL_FILE')],
    [7233, 'Temporal', (names: readonly string[]) => names.includes('TEMPORAL_ADDRESS')],
  ] as const)('leads to port %i for each pod that is told of %s, and no other', (port, _, needs) => {
    const opened = policies
      .filter(({ manifest }) =>
        manifest.spec!.egress?.some(({ ports }) => ports!.some((each) => each.port === port)),
      )
      .flatMap(({ manifest }) =>
        manifest.spec!.podSelector!.matchExpressions!.flatMap(({ values }) => values),
      );
    const told = pods
      .filter(({ pod }) => needs(Object.keys(environmentOf(pod.spec.containers[0]!))))
      .map(({ pod }) => pod.metadata.labels['app.kubernetes.io/component']!);
    expect(opened.toSorted()).toEqual(told.toSorted());
  });
});

/** The variables of a container; secrets are files with this text. */
const secrets: Readonly<Record<string, string>> = {
  database_url: 'mysql://ehr:choose-one@mysql.example.org:3306/ehr?ssl=true',
  database_ca: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
  portal_password: 'a password',
  name_key: '0123456789abcdef0123456789abcdef',
  login_key: '0123456789abcdef0123456789abcdef',
  data_key: '0123456789abcdef'.repeat(4),
};
const folder = mkdtempSync(path.join(tmpdir(), 'ehr-kubernetes-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const [name, secret] of Object.entries(secrets)) writeFileSync(path.join(folder, name), secret);

function environmentOf({ env = [], envFrom = [] }: Container): Record<string, string> {
  const shared = envFrom.map(
    ({ configMapRef: { name } }) =>
      manifests.find(({ manifest }) => manifest.kind === 'ConfigMap' && manifest.metadata.name === name)!
        .manifest.data!,
  );
  const own = env.map(({ name, value = '' }) => [name, value.replace('/run/secrets/ehr', folder)]);
  return Object.assign({}, ...shared, Object.fromEntries(own)) as Record<string, string>;
}

/** Read by the libraries of Temporal and AWS, by Chromium, and not by the program itself. */
const readByOthers = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'AWS_REGION', 'HOME'];

describe('the environment', () => {
  test('of the worker is whole, and each of its variables is read', () => {
    const env = environmentOf(containerOf('worker'));
    const asked = new Set<string>();
    const watched = new Proxy<Environment>(env, {
      get: (target, name) => {
        asked.add(String(name));
        return target[String(name)];
      },
    });
    expect(databaseSettings(watched)).toMatchObject({ url: secrets['database_url'] });
    expect(portalSettings(watched)).toMatchObject({ password: secrets['portal_password'] });
    expect([nameKey(watched), loginKey(watched)]).toEqual([secrets['name_key'], secrets['login_key']]);
    expect(dataKeys(watched)).toHaveLength(1);
    expect(artifactsPlace(watched)).toMatchObject({ kind: 'bucket' });
    expect(deployMode(watched)).toBe('manual');
    const mounts = containerOf('worker').volumeMounts!.map(({ mountPath }) => mountPath);
    for (const written of [scratchDirectory(watched), path.dirname(inboxDirectory(watched))]) {
      expect(mounts).toContain(written);
    }
    expect(mounts).toContain(path.dirname(configPath(watched)));
    // The probes ask where the worker answers, from outside of the pod.
    const { ports } = containerOf('worker');
    expect(metricsSettings(watched)).toEqual({ host: '0.0.0.0', port: ports![0]!.containerPort });
    expect(Object.keys(env).filter((name) => !asked.has(name))).toEqual(
      readByOthers.filter((name) => name in env),
    );
  });

  test('of the migration is the database alone', () => {
    const env = environmentOf(containerOf('migrate'));
    expect(Object.keys(env)).toEqual(['DATABASE_URL_FILE', 'DATABASE_CA']);
    expect(databaseSettings(env)).toMatchObject({ url: secrets['database_url'] });
  });

  test('of the job for the schedules has what an audit event needs, and no other secret', () => {
    const env = environmentOf(containerOf('schedule'));
    expect(databaseSettings(env)).toMatchObject({ url: secrets['database_url'] });
    const named = Object.values(env).filter((value) => value.startsWith(folder));
    const items = podOf('schedule').spec.volumes!.flatMap(({ secret }) => secret?.items ?? []);
    expect(items.map(({ path: file }) => path.join(folder, file))).toEqual(named);
  });

  test.each(pods)('of $title holds no secret', ({ pod }) => {
    for (const container of pod.spec.containers) {
      const named = Object.keys(environmentOf(container)).filter((name) =>
        /(?:PASSWORD|SECRET|_KEY|_URL)$/.test(name),
      );
      expect(named.filter((name) => name !== 'EHR_PORTAL_URL')).toEqual([]);
    }
  });

  test('names secrets that docs/kubernetes.md creates', () => {
    const page = text('docs/kubernetes.md');
    const named = pods.flatMap(({ pod }) => pod.spec.volumes ?? []).flatMap(({ secret }) => secret ?? []);
    expect(named.length).toBeGreaterThan(0);
    for (const { secretName } of named) expect(page).toContain(`create secret generic ${secretName} `);
    for (const key of Object.keys(secrets)) expect(page).toContain(`--from-file=${key}`);
    const variables = pods.flatMap(({ pod }) => pod.spec.containers).flatMap(({ env }) => env ?? []);
    const keys = variables.flatMap(({ value = '' }) => /^\/run\/secrets\/ehr\/(.*)$/.exec(value)?.[1] ?? []);
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining(keys));
  });
});

describe('a release', () => {
  const { version } = JSON.parse(text('package.json')) as { version: string };
  const { nameSuffix, labels, images } = kustomization('release');

  test('names this version, wherever it names one', () => {
    expect(nameSuffix).toBe(`-${version.replaceAll('.', '-')}`);
    expect(labels).toMatchObject([
      { pairs: { 'app.kubernetes.io/version': version }, includeSelectors: true },
    ]);
    expect(images).toMatchObject([{ name: 'ehr-pipeline', newTag: version }]);
  });

  test.each(pods)('$title has the image whose version the kustomization pins', ({ pod }) => {
    for (const { image } of pod.spec.containers) expect(image).toBe(images![0]!.name);
  });

  test('a worker has longer to stop than it takes', () => {
    const { worker } = readPipelineConfig(new URL('config/pipeline.yaml', project).pathname);
    const forcedAfterSeconds = 30;
    expect(podOf('worker').spec.terminationGracePeriodSeconds).toBeGreaterThan(
      worker.shutdownGraceSeconds + forcedAfterSeconds,
    );
  });

  test('is asked where a worker answers', () => {
    const { livenessProbe, readinessProbe } = containerOf('worker');
    const endpoint = text('src/wiring/metricsEndpoint.ts');
    for (const { httpGet } of [livenessProbe!, readinessProbe!])
      expect(endpoint).toContain(`'${httpGet.path}'`);
  });
});
