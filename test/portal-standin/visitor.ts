import { setTimeout as sleep } from 'node:timers/promises';
import { startPortal, type PortalOptions, type RunningPortal } from '../../demo/portal/portal.ts';

/** Without delays: what they would add is time, not truth. */
const noDelays = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };

export async function withPortal(
  options: PortalOptions,
  use: (portal: RunningPortal) => Promise<void>,
): Promise<void> {
  const portal = await startPortal({ ...options, settings: { delays: noDelays, ...options.settings } });
  try {
    await use(portal);
  } finally {
    await portal.close();
  }
}

export const rightPassword = 'demo-Passw0rd!';

export async function logIn(portal: RunningPortal, password = rightPassword) {
  const response = await fetch(`${portal.url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'reports.bot', 'current-password': password }),
    redirect: 'manual',
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { cookie, location: response.headers.get('location'), text: await response.text() };
}

/** A browser's way to a file, by its requests alone. */
export async function exportFile(
  portal: RunningPortal,
  question: { report: string; from: string; to: string },
) {
  const { cookie } = await logIn(portal);
  const { id } = await postData(portal, cookie, '/api/exports', question);
  await finished(portal, cookie, String(id));
  return fetch(`${portal.url}/exports/${String(id)}/reportExport.csv`, { headers: { cookie } });
}

export async function postData(portal: RunningPortal, cookie: string, path: string, fields: object) {
  const response = await fetch(portal.url + path, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Twenty questions 50 ms apart: far beyond an export without delays. */
async function finished(portal: RunningPortal, cookie: string, id: string): Promise<void> {
  for (let asked = 0; asked < 20; asked++) {
    const response = await fetch(`${portal.url}/api/exports/${id}`, { headers: { cookie } });
    const { percent } = (await response.json()) as { percent: number };
    if (percent === 100) return;
    await sleep(50);
  }
  throw new Error('the export did not finish');
}
