import { ask, element, freshId } from './ext.js';

const pollMilliseconds = 200;

/** Asks until the export is done, for as long as the page is open. Returns the portal's words if it failed. */
export async function exportFinished(id, onProgress) {
  for (;;) {
    const progress = await ask(`/api/exports/${id}`);
    onProgress(progress);
    if (progress.problem !== undefined || progress.percent >= 100) return progress.problem;
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  }
}

export function fileOf(id) {
  return `/exports/${id}/reportExport.csv`;
}

/** The file arrives in a frame that nobody sees. */
export function fetchFile(path) {
  const frame = element('iframe', { id: freshId('ext-frame'), class: 'x-hidden-display', title: 'download' });
  frame.src = path;
  document.body.append(frame);
}
