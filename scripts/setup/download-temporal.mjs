// Run as a program of its own, so that a download which hangs can be ended: node download-temporal.mjs <folder>
import { chmod, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Usage: node download-temporal.mjs <folder>');

// The SDK downloads only as part of starting a server, so one is started and stopped.
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder } },
  });
  await environment.teardown();
} catch (error) {
  // One line for the person who waits: a stack of the SDK tells them nothing.
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

const downloaded = (await readdir(folder)).find((name) => name.startsWith('temporal'));
if (downloaded === undefined) throw new Error('The SDK started a server but left no binary in the folder.');
await rename(path.join(folder, downloaded), path.join(folder, 'temporal'));
await chmod(path.join(folder, 'temporal'), 0o755);
