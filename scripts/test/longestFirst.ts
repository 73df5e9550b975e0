import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * They wait for minutes, for a server that counts a worker as gone only then, or take as long: begun last, all
 * wait for them.
 */
const longest = [
  'e2e/faults',
  'real/portal/faults',
  'e2e/versions',
  'e2e/lostServers',
  'real/portal/origins',
  'e2e/shutdown',
  'e2e/starts',
  'e2e/alerts',
  'e2e/recovery',
  'e2e/portalFaults',
  'e2e/decisions',
  'real/portal/demoPortal',
];

const projects = ['e2e', 'workflows', 'real', 'mutations', 'unit'];

/**
 * The longest files first, so that none is left alone at the end of a run. Vitest orders them by their last run,
 * which a clean checkout has not seen, and else by their size, which says little here.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  const at = longest.indexOf(path.relative('test', moduleId).replace(/\.test\.ts$/, ''));
  return at === -1 ? longest.length + projects.indexOf(project.name) : at;
}
