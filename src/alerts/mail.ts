import { createTransport } from 'nodemailer';
import { isLoopback } from '../domain/loopback.ts';
import { mailText } from './formats.ts';
import { alertNotSent } from './notSent.ts';
import type { Channel } from '../domain/alerts.ts';

export interface MailSettings {
  readonly from: string;
  readonly to: readonly string[];
  /** `smtps://user:password@host:465`, or `smtp://…:587` with STARTTLS: a secret. */
  readonly url: string;
}

/** For each of connection, greeting, and silence afterwards. */
const patienceMilliseconds = 15_000;

/** Sends mail through an SMTP server. Beyond this machine the server must use TLS. */
export function createMail({ from, to, url }: MailSettings): Channel {
  const transport = createTransport(smtpOptions(url));
  return {
    name: 'mail',
    async send(message) {
      try {
        // Throws if no recipient was accepted. If some were, that is enough: a retry would send them the mail twice.
        await transport.sendMail({ from, to: [...to], ...mailText(message) });
      } catch (error) {
        throw notTaken(error);
      }
    },
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

/** The remedy for each nodemailer code; a refusal with a bare number is about the addresses. */
const hints: Readonly<Record<string, string>> = {
  EAUTH: 'Check user and password in EHR_ALERT_SMTP_URL.',
  ETLS: 'Name a server that offers STARTTLS with a certificate this machine trusts, or one behind smtps://.',
};
const unreached = 'Look whether the worker reaches the host of EHR_ALERT_SMTP_URL.';
const refusedAddress = 'Check from and to in alerts.mail of config/pipeline.yaml.';

/** Codes only: a server's answer may quote the address or the login. */
function notTaken(error: unknown) {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const named = typeof code === 'string' && /^[A-Z_]{2,40}$/.test(code) ? code : undefined;
  const answered = typeof responseCode === 'number' ? responseCode : undefined;
  const isFinal = answered !== undefined && answered >= 500;
  return alertNotSent({
    channel: 'mail',
    why: `${answered === undefined ? 'no answer' : `it answered ${String(answered)}`}${named === undefined ? '' : ` (${named})`}`,
    hint: hints[named ?? ''] ?? (isFinal ? refusedAddress : unreached),
    retry: !isFinal,
  });
}
