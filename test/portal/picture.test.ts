import { expect, test } from 'vitest';
import { pictureOf } from '../../src/portal/picture.ts';

/** A page whose first tries fail so. */
function pageFailing(...messages: string[]) {
  const left = [...messages];
  const screenshot = () => {
    const message = left.shift();
    return message === undefined
      ? Promise.resolve(Buffer.from('a picture'))
      : Promise.reject(new Error(message));
  };
  return { screenshot, left };
}

const unable = 'page.screenshot: Protocol error (Page.captureScreenshot): Unable to capture screenshot';

test('a picture that Chromium could not capture is taken once more', async () => {
  expect(await pictureOf(pageFailing(unable), {})).toEqual(Buffer.from('a picture'));
});

test.each([
  ['that could not be captured twice', [unable, unable], 0],
  ['of a page that is gone', ['Target page, context or browser has been closed', 'a second try'], 1],
])('a picture %s fails', async (_, messages, left) => {
  const page = pageFailing(...messages);
  await expect(pictureOf(page, {})).rejects.toThrow(messages[0]);
  expect(page.left).toHaveLength(left);
});
