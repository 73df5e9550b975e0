import { createTransport } from 'nodemailer';
import pTimeout, { TimeoutError } from 'p-timeout';
import { isLoopback } from '../domain/loopback.ts';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly attachments?: readonly { readonly filename: string; readonly content: Buffer }[];
}

/** Limit of each of these: connection, greeting, and silence afterwards. */
const patienceMilliseconds = 15_000;
/** Limit of one whole mail: a server that takes a byte at a time is never silent. */
const wholeMilliseconds = 60_000;

/**
 * Sends mail through an SMTP server; beyond this machine the server must use TLS. Undefined if a recipient was
 * accepted.
 */
export function createSmtp(url: string): (mail: Mail) => Promise<Refusal | undefined> {
  const options = smtpOptions(url);
  return async ({ to, attachments = [], ...mail }) => {
    const transport = createTransport(options);
    let hasBegun = false;
    // Called between the login and the envelope: until then the server has nothing of the mail.
    transport.use('stream', ({ message }, done) => {
      const createReadStream = message.createReadStream.bind(message);
      message.createReadStream = (streamOptions) => {
        hasBegun = true;
        return createReadStream(streamOptions);
      };
      done();
    });
    try {
      const sent = transport.sendMail({ ...mail, to: [...to], attachments: [...attachments] });
      await pTimeout(sent, { milliseconds: wholeMilliseconds });
      return undefined;
    } catch (error) {
      // The library goes on where our patience ended.
      return refusalIn(error, { hasBegun: hasBegun || error instanceof TimeoutError });
    }
  };
}

/** Parsed here, since nodemailer would read options from an address, including ones that turn TLS checks off. */
function smtpOptions(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'smtps:';
  const isLocal = isLoopback(host);
  return {
    host,
    port: port === '' ? (isTls ? 465 : 587) : Number(port),
    secure: isTls,
    requireTLS: !isTls && !isLocal,
    ignoreTLS: !isTls && isLocal,
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    dnsTimeout: patienceMilliseconds,
    connectionTimeout: patienceMilliseconds,
    greetingTimeout: patienceMilliseconds,
    socketTimeout: patienceMilliseconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Why a mail was not sent, in codes only: a server's answer may quote the address or the login. */
export interface Refusal {
  /** Ends a sentence. */
  readonly why: string;
  readonly code: string | undefined;
  /** The server refused it for good. */
  readonly isFinal: boolean;
  /** The connection broke where the server may have taken the mail without saying so. */
  readonly mayBeTaken: boolean;
}

function refusalIn(error: unknown, { hasBegun }: { readonly hasBegun: boolean }): Refusal {
  const { code: given, responseCode } = error as Record<string, unknown>;
  const code = typeof given === 'string' && /^[A-Z_]{2,40}$/.test(given) ? given : undefined;
  const answered = typeof responseCode === 'number' ? responseCode : undefined;
  return {
    why: `${answered === undefined ? 'no answer' : `it answered ${String(answered)}`}${code === undefined ? '' : ` (${code})`}`,
    code,
    isFinal: answered !== undefined && answered >= 500,
    mayBeTaken: answered === undefined && hasBegun,
  };
}
