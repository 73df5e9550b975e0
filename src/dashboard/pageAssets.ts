import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../domain/builtProgram.ts';

/** What the page needs beside its data: one script and one style sheet, with everything in them. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** The licences of what is in the script. */
const notices =
  '/*! Apache ECharts 6 (Apache-2.0), zrender (BSD-3-Clause), tslib (0BSD), write-excel-file and fflate (MIT). */';

/** Browsers from 2023 on; older ones lack functions that no compiler adds. */
const browsers = ['chrome111', 'edge111', 'firefox115', 'safari16.4'];

/**
 * A worker that was built (`npm run build`) has the script beside it and needs no bundler; one that runs from source,
 * and the client, make it now.
 */
export async function pageAssets(): Promise<PageAssets> {
  const script = isBuilt ? await besideThis(builtScript) : await bundledScript();
  return { script, style: await besideThis(styleSheet) };
}

/** In the folder of this file once it is built. */
export const builtScript = 'page.js';
export const styleSheet = 'dashboard.css';

function besideThis(file: string): Promise<string> {
  return readFile(new URL(file, import.meta.url), 'utf8');
}

/** Bundles the page's script: half a second, and the same bytes each time. */
export async function bundledScript(): Promise<string> {
  // Loaded only when dashboards are made.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('browser/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: browsers,
    minify: true,
    legalComments: 'none',
    banner: { js: notices },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}
