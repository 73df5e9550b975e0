/** What a route answers; `serve.ts` turns it into HTTP. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** How the body is sent, where it is not sent whole with its length announced. */
  readonly sending?: Sending;
}

/**
 * `broken`: the connection breaks after so many bytes of what was announced. `unannounced`: the answer ends after
 * so many bytes, without a length to compare with. `stalled`: nothing comes after them.
 */
export interface Sending {
  readonly kind: 'broken' | 'unannounced' | 'stalled';
  readonly bytes: number;
}

/** No answer at all: the connection is reset. */
export const brokenConnection: Reply = { status: 0, headers: {}, body: '' };

export function pageReply(html: string, status = 200): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: html };
}

export function dataReply(data: unknown, status = 200): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(data),
  };
}

/** 303, so that the browser follows with a GET whatever it sent. */
export function redirectReply(location: string, headers: Record<string, string> = {}): Reply {
  return { status: 303, headers: { location, ...headers }, body: '' };
}
