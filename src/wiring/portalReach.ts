import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { removeAbandoned } from '../artifacts/abandoned.ts';
import { evidenceFolder } from '../artifacts/folderStore.ts';
import { sealWhole } from '../artifacts/seal.ts';
import { browserSettings, sharedMemory, type Environment, type PipelineConfig } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import type { SealEvidence } from '../portal/evidence.ts';
import type { PortalReach } from '../portal/guardedBrowser.ts';
import type { PortalAddresses } from '../portal/origins.ts';
import { dataKeysInUse, downloadsFolder } from './openStores.ts';

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

/** Shared memory is open to every user of the machine: the folder may be somebody else's. */
async function assertOwn(folder: string): Promise<void> {
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (isOurs || !folder.startsWith(`${sharedMemory}/`)) return;
  throw new PipelineError(
    'ArtifactStoreUnavailable',
    `the folder for downloads ${folder} belongs to another user`,
    {
      hint: 'Remove it, or name a private folder on a tmpfs as EHR_DOWNLOADS.',
    },
  );
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
