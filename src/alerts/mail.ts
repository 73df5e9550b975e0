import { mailText } from './formats.ts';
import { alertNotSent } from './notSent.ts';
import { createSmtp, type Refusal } from './smtp.ts';
import type { Channel } from '../domain/alertConditions.ts';

export interface MailSettings {
  readonly from: string;
  readonly to: readonly string[];
  /** `smtps://user:password@host:465`, or `smtp://…:587` with STARTTLS: a secret. */
  readonly url: string;
}

/** Sends alerts by mail. */
export function createMail({ from, to, url }: MailSettings): Channel {
  const send = createSmtp(url);
  return {
    name: 'mail',
    async send(message) {
      // If some recipients were accepted, that is enough: a retry would send them the mail twice.
      const refusal = await send({ from, to, ...mailText(message) });
      if (refusal !== undefined) throw notTaken(refusal);
    },
  };
}

/** The remedy for each nodemailer code; a refusal with a bare number is about the addresses. */
const hints: Readonly<Record<string, string>> = {
  EAUTH: 'Check user and password in EHR_ALERT_SMTP_URL.',
  ETLS: 'Name a server that offers STARTTLS with a certificate this machine trusts, or one behind smtps://.',
};
const unreached = 'Look whether the worker reaches the host of EHR_ALERT_SMTP_URL.';
const refusedAddress = 'Check from and to in alerts.mail of config/pipeline.yaml.';

function notTaken({ why, code, isFinal }: Refusal) {
  return alertNotSent({
    channel: 'mail',
    why,
    hint: hints[code ?? ''] ?? (isFinal ? refusedAddress : unreached),
    retry: !isFinal,
  });
}
