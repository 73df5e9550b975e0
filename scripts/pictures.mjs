// npm run pictures: makes the pictures of docs/images anew, of the stand-in portal's invented people.
import { setUpAndRun } from './setup/entry.mjs';

await setUpAndRun(
  {
    // Servers of its own, whatever the environment names: no real figure may get into a picture.
    temporalAddress: undefined,
    temporalCli: 'needed',
    database: 'needed',
    databaseUrl: undefined,
    browser: 'needed',
    tctl: 'not-needed',
  },
  async (parts) => (await import('./pictures/run.ts')).takePictures(parts),
);
