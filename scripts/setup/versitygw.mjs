import path from 'node:path';
import { findGoProgram } from './go-program.mjs';
import { go } from './go.mjs';

const source = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';

/**
 * Finds versitygw, a small S3 server over a folder, for the tests of the bucket.
 * @param {{ after: Promise<unknown> }} options
 */
export function findObjectStore(options) {
  const name = 'versitygw';
  return findGoProgram({ part: 'S3 server', name, variable: 'VERSITYGW_PATH', source, buildInto }, options);
}

/** @param {string} folder */
async function buildInto(folder) {
  const done = await go(['install', source], { env: { GOBIN: path.resolve(folder) } });
  if (!done.ok) throw new Error(done.tail);
}
