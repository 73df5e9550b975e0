import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { removeAbandoned } from '../artifacts/abandoned.ts';
import { browserSettings, type PipelineConfig } from '../config.ts';
import type { PortalReach } from '../portal/guardedBrowser.ts';
import type { PortalAddresses } from '../portal/origins.ts';

export interface PortalFolders {
  readonly downloads: string;
  readonly evidence: string;
}

/** Makes the folders for downloads and evidence, and removes downloads that an earlier process left. */
export async function portalFolders(folder: string): Promise<PortalFolders> {
  const downloads = path.join(folder, 'downloads');
  const evidence = path.join(folder, 'evidence');
  await Promise.all([downloads, evidence].map((each) => mkdir(each, { recursive: true, mode: 0o700 })));
  await removeAbandoned(downloads);
  return { downloads, evidence };
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
