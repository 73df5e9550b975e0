import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

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

/** Bundles the page's script: half a second, and the same bytes each time. */
export async function pageAssets(): Promise<PageAssets> {
  // Only this command has a use for it.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../dashboard/browser/main.ts', import.meta.url))],
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
  const style = await readFile(new URL('../dashboard/dashboard.css', import.meta.url), 'utf8');
  return { script: outputFiles[0]!.text, style };
}
