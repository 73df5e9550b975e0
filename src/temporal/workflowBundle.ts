import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { isBuilt } from '../domain/builtProgram.ts';

export interface WorkflowCode {
  readonly code: string;
  /** The version of the workflows, 16 hex digits; separate from the version of the code that makes figures. */
  readonly buildId: string;
}

interface BundleChoice {
  /** The path of the bundle to use, if one was named. */
  readonly named: string | undefined;
  readonly workflowModules: string[] | undefined;
}

/**
 * Reads the workflows that this worker runs. A named bundle is used as it is. A built worker (`npm run build`) has its
 * bundles beside it; one that runs from source bundles them now. Workflow spans need a bundle of their own, with
 * `workflowModules`.
 */
export async function readWorkflowCode({ named, workflowModules }: BundleChoice): Promise<WorkflowCode> {
  const built = beside(workflowModules === undefined ? '../../workflows.cjs' : '../../workflows-traced.cjs');
  const codePath = named ?? (isBuilt ? built : undefined);
  const code =
    codePath === undefined ? await bundled(workflowModules ?? []) : await readFile(codePath, 'utf8');
  return { code, buildId: buildIdOf(code) };
}

async function bundled(workflowInterceptorModules: string[]): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: beside('../workflows/index.ts'),
    workflowInterceptorModules,
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

/** The version of a bundle, equal for equal source in any folder: only the source map contains the folder's name. */
export function buildIdOf(bundle: string): string {
  const map = bundle.lastIndexOf('\n//# sourceMappingURL=');
  return createHash('sha256')
    .update(map === -1 ? bundle : bundle.slice(0, map))
    .digest('hex')
    .slice(0, 16);
}

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
