import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packed } from './packed.ts';
import type { PageData } from './pageData.ts';

export interface PageParts {
  readonly title: string;
  readonly data: PageData;
  /** JavaScript and CSS as the page runs them. */
  readonly script: string;
  readonly style: string;
}

/**
 * The whole page as one file. Its policy lets nothing run or style it but what is in it, known by hash, and lets it
 * reach nowhere: no network, no form, no frame.
 */
export function pageHtml({ title, data, script, style }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en-US">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow, noarchive">
<title>${escapedText(title)}</title>
<style>${style}</style>
</head>
<body>
<noscript><p>This page draws its figures with the script that is in it. Allow scripts for this file to see them.</p></noscript>
<div id="page"></div>
<script type="application/gzip" id="page-data">${dataText(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

/** Gzip as base64, which has no character that could end its element. */
function dataText(data: PageData): string {
  return gzipSync(JSON.stringify(packed(data)), { level: 9 }).toString('base64');
}

function escapedText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${String(sign.codePointAt(0))};`);
}
