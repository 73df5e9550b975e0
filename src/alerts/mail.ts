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

/** For each step of the way: connection, greeting, and silence afterwards. */
const patienceMilliseconds = 15_000;

/** Sends mail through a server that speaks SMTP. Beyond this machine it must speak TLS. */
export function createMail({ from, to, url }: MailSettings): Channel {
  const transport = createTransport(smtpOptions(url));
  return {
    name: 'mail',
    async send(message) {
      try {
        // It throws where nobody was accepted. Of several people some are enough: the others would be told twice.
        await transport.sendMail({ from, to: [...to], ...mailText(message) });
      } catch (error) {
        throw notTaken(error);
      }
    },
  };
}

/** Taken apart here, since nodemailer would read options out of an address, switching TLS checks off among them. */
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

/** What nodemailer's codes ask for; a refusal by number alone is about the addresses. */
const hints: Readonly<Record<string, string>> = {
  EAUTH: 'Check user and password in EHR_ALERT_SMTP_URL.',
  ETLS: 'Name a server that offers STARTTLS with a certificate this machine trusts, or one behind smtps://.',
};
const unreached = 'Look whether the worker reaches the host of EHR_ALERT_SMTP_URL.';
const refusedAddress = 'Check from and to in alerts.mail of config/pipeline.yaml.';

/** Codes and no words: a server's answer may quote the address or the login. */
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
