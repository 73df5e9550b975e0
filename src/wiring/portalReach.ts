import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { removeAbandoned } from '../artifacts/abandoned.ts';
import { evidenceFolder } from '../artifacts/folderStore.ts';
import { sealWhole } from '../artifacts/seal.ts';
import { browserSettings, type Environment, type PipelineConfig } from '../config.ts';
import type { SealEvidence } from '../portal/evidence.ts';
import type { PortalReach } from '../portal/guardedBrowser.ts';
import type { PortalAddresses } from '../portal/origins.ts';
import { assertOwn, dataKeysInUse, downloadsFolder } from './openStores.ts';

export interface PortalFolders {
  readonly downloads: string;
  readonly evidence: string;
  /** Undefined without a data key. */
  readonly sealEvidence: SealEvidence | undefined;
}

/**
 * Makes the folders for downloads and evidence, and removes downloads that an earlier process left.
 * @throws PipelineError ArtifactStoreUnavailable
 */
export async function portalFolders(folder: string, env?: Environment): Promise<PortalFolders> {
  const downloads = downloadsFolder(folder, env);
  const evidence = path.join(folder, evidenceFolder);
  await Promise.all([downloads, evidence].map((each) => mkdir(each, { recursive: true, mode: 0o700 })));
  await assertOwn(downloads);
  await removeAbandoned(downloads);
  return { downloads, evidence, sealEvidence: sealerOfEvidence(env) };
}

function sealerOfEvidence(env: Environment | undefined): SealEvidence | undefined {
  const [key] = dataKeysInUse(env);
  return key === undefined ? undefined : (name, content) => sealWhole(key, `evidence/${name}`, content);
}

export function portalAddresses(
  { signInOrigins }: PipelineConfig['portal'],
  portalUrl: string,
): PortalAddresses {
  return { portalUrl, ...(signInOrigins === undefined ? {} : { signInOrigins }) };
}

/** Where the portal is and how its browser runs, as pipeline.yaml and the environment say. */
export function portalReach(
  { portal, organisation }: Pick<PipelineConfig, 'portal' | 'organisation'>,
  { url, downloads, headless = portal.headless }: { url: string; downloads: string; headless?: boolean },
): PortalReach {
  const { signInOrigins, exportMegabytes } = portal;
  const { executable, siteProxy } = browserSettings(process.env);
  return {
    url,
    browser: {
      executable,
      headless,
      timeZone: organisation.timeZone,
      // Patient data: not in a temporary folder, where a killed worker would leave it for good.
      downloadsPath: downloads,
    },
    ...(exportMegabytes === undefined ? {} : { exportLimitBytes: exportMegabytes * 1024 * 1024 }),
    reach: { siteProxy, ...(signInOrigins === undefined ? {} : { signInOrigins }) },
  };
}
