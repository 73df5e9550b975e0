import { gunzipSync } from 'node:zlib';
import { unpacked, type PackedData } from '../../src/dashboard/packed.ts';
import type { PageData } from '../../src/dashboard/pageData.ts';

/** The data of a page's file. */
export function dataOfPage(html: string): PageData {
  return unpacked(JSON.parse(dataJson(html)) as PackedData);
}

/** All text of the file, that of its data as JSON. */
export function textOfPage(html: string): string {
  return `${html}\n${dataJson(html)}`;
}

function dataJson(html: string): string {
  const text = /id="page-data">([^<]+)<\/script>/.exec(html)![1]!;
  return gunzipSync(Buffer.from(text, 'base64')).toString('utf8');
}
