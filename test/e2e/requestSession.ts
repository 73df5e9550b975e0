import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PipelineError } from '../../src/domain/failures.ts';
import type { ExportRequest, PortalOptions, PortalSession } from '../../src/portal/session.ts';
import { pause } from '../../src/portal/waiting.ts';

/** What the login queue uses of a session. */
type Session = Pick<PortalSession, 'exportReport' | 'rehearse' | 'close'>;
type WalkRequest = Parameters<Session['rehearse']>[0];

/** How often the portal is asked whether the export is ready, and how often at most: half an hour. */
const askMilliseconds = 50;
const mostAsked = 36_000;

/**
 * A session with the stand-in portal by requests alone, for tests of what comes after the export: no browser, no
 * recipe. The portal takes it for a browser that does what the demo's recipe says. Of trouble it knows a refused
 * password alone: any other answer of the portal is a defect of the test.
 * test/real/portal/requestSession.test.ts compares it with the browser's.
 */
export class RequestSession implements Session {
  readonly #url: string;
  readonly #credentials: PortalOptions['credentials'];
  /** Undefined while not signed in. */
  #cookie: string | undefined;

  constructor({ url, credentials }: Pick<PortalOptions, 'url' | 'credentials'>) {
    this.#url = url;
    this.#credentials = credentials;
  }

  async exportReport(request: ExportRequest): ReturnType<PortalSession['exportReport']> {
    const { report, period, signal, onProgress, attemptDirectory } = request;
    const question = { report, ...period };
    const portalRecords = await this.#look(request);
    const { id } = (await this.#data('POST', '/api/exports', signal, question)) as { id: string };
    await this.#untilReady(id, request);
    onProgress({ step: 'export the report' });
    const answer = await this.#ask(`/exports/${id}/reportExport.csv`, { signal });
    const file = path.join(attemptDirectory, 'reportExport.csv');
    const contentLength = Number(answer.headers.get('content-length'));
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    return { path: file, suggestedName: 'reportExport.csv', portalRecords, contentLength };
  }

  async rehearse(request: WalkRequest): Promise<void> {
    await this.#look(request);
  }

  async close(): Promise<void> {
    if (this.#cookie === undefined) return;
    await this.#ask('/logout', { signal: AbortSignal.timeout(60_000) });
    this.#cookie = undefined;
  }

  /** Signs in if need be and runs the report; gives the number of records that the portal shows. */
  async #look(request: WalkRequest): Promise<number> {
    const { report, period, signal } = request;
    signal.throwIfAborted();
    if (this.#cookie === undefined) await this.#signIn(request);
    const { found } = (await this.#data('POST', '/api/report', signal, { report, ...period })) as {
      found: number;
    };
    return found;
  }

  async #signIn({ beforePasswordSubmit, afterLogin, signal }: WalkRequest) {
    await beforePasswordSubmit();
    const { user, password } = this.#credentials;
    const answer = await fetch(`${this.#url}/login`, {
      method: 'POST',
      body: new URLSearchParams({ username: user, 'current-password': password }),
      redirect: 'manual',
      signal,
    });
    const [cookie] = answer.headers.get('set-cookie')?.split(';') ?? [];
    if (answer.headers.get('location') !== '/app' || cookie === undefined) {
      await afterLogin({ rejected: 'PortalLoginRejected' });
      throw new PipelineError('PortalLoginRejected', 'the portal refused the password', {
        hint: 'Set the right password.',
      });
    }
    this.#cookie = cookie;
    await afterLogin('accepted');
    const { consentNeeded } = (await this.#data('GET', '/api/navigation', signal)) as {
      consentNeeded: boolean;
    };
    if (consentNeeded) await this.#data('POST', '/api/consent', signal, {});
  }

  async #untilReady(id: string, { signal, onProgress }: ExportRequest): Promise<void> {
    for (let asked = 0; asked < mostAsked; asked += 1) {
      const { percent } = (await this.#data('GET', `/api/exports/${id}`, signal)) as { percent: number };
      onProgress({ step: 'export the report', percent });
      if (percent === 100) return;
      await pause(askMilliseconds, signal);
    }
    throw new Error('the export did not get ready');
  }

  async #data(
    method: 'GET' | 'POST',
    address: string,
    signal: AbortSignal,
    fields?: object,
  ): Promise<unknown> {
    const answer = await this.#ask(address, {
      method,
      signal,
      ...(fields === undefined
        ? {}
        : { body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }),
    });
    return answer.json();
  }

  async #ask(address: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('cookie', this.#cookie ?? '');
    const answer = await fetch(this.#url + address, { ...init, headers });
    // A session that the portal has ended leads to its login page, which is no answer either.
    if (answer.ok && (!answer.redirected || address === '/logout')) return answer;
    throw new Error(`${address} of the portal: ${String(answer.status)}`);
  }
}
