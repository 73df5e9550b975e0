import { createHash } from 'node:crypto';
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
<script type="application/json" id="page-data">${jsonInScript(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

/** JSON that cannot end its element: every sign that HTML looks for is escaped, and means the same to JSON. */
export function jsonInScript(data: unknown): string {
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (sign) => {
    return `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`;
  });
}

function escapedText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${String(sign.codePointAt(0))};`);
}
