// node scripts/kubernetes-schemas.mjs <_definitions.json>: the part of Kubernetes' API schemas that the manifests in
// deploy/ use, without descriptions. test/ops/kubernetes/README.md says where the file comes from.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectFolder } from './setup/project.mjs';

const roots = [
  'apps.v1.Deployment',
  'batch.v1.Job',
  'core.v1.ConfigMap',
  'core.v1.ServiceAccount',
  'networking.v1.NetworkPolicy',
  'policy.v1.PodDisruptionBudget',
];

const { $defs: all } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
/** @type {Record<string, unknown>} */
const kept = {};
for (const root of roots) keep(`io.k8s.api.${root}`);
writeFileSync(
  path.join(projectFolder, 'test/ops/kubernetes/schemas.json'),
  `${JSON.stringify({ $defs: kept })}\n`,
);

/** @param {string} name */
function keep(name) {
  if (name in kept) return;
  kept[name] = undescribed(all[name]);
  JSON.stringify(all[name], (key, value) => {
    if (key === '$ref') keep(value.replace('#/$defs/', ''));
    return value;
  });
}

/**
 * @param {unknown} node
 * @returns {unknown}
 */
function undescribed(node) {
  if (Array.isArray(node)) return node.map(undescribed);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === 'description' && typeof value === 'string'))
      .filter(([key]) => !key.startsWith('x-kubernetes-'))
      // A field that may be missing may also be null: manifests leave it out, and errors then say where they are.
      .map(([key, value]) => [key, key === 'type' && Array.isArray(value) ? value[0] : undescribed(value)]),
  );
}
