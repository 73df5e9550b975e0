import { isLoopback } from '../../domain/loopback.ts';
import { ConfigError } from '../configError.ts';
import { SettingsReader, type Environment } from '../settingsReader.ts';
import { loginMistake } from './webAddress.ts';

interface SourceSecrets {
  readonly password: string | undefined;
  /** The text of the private key. */
  readonly key: string | undefined;
}

/** What logs in to the SFTP server of a source: a password, a private key, or both. */
export function sourceSecrets(source: string, env: Environment = process.env): SourceSecrets {
  const prefix = `EHR_SOURCE_${source.toUpperCase().replaceAll('-', '_')}` as const;
  const reader = new SettingsReader(env);
  const password = reader.optionalSecret(`${prefix}_PASSWORD`, {
    wanted: `the password for the SFTP server of the source ${source}`,
  });
  const key = reader.optionalSecret(`${prefix}_KEY`, {
    wanted: `a private key without a passphrase for the SFTP server of the source ${source}`,
    mistake: (text) => (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) ? undefined : 'something else'),
  });
  const secrets = reader.finish({ password, key });
  if (password !== undefined || key !== undefined) return secrets;
  throw new ConfigError([
    `${prefix}_PASSWORD: not set, wanted the password for the SFTP server of the source ${source}, or a private key in ${prefix}_KEY_FILE`,
  ]);
}

interface AlertSecrets {
  /** Set if a webhook is configured. */
  readonly webhookUrl?: string;
  /** Set if mail is configured. */
  readonly smtpUrl?: string;
}

/** The addresses of the channels in config/pipeline.yaml. Anyone who has one can post: they are secrets. */
export function alertSecrets(
  wanted: { readonly webhook: boolean; readonly mail: boolean },
  env: Environment = process.env,
): AlertSecrets {
  const reader = new SettingsReader(env);
  const webhookUrl = wanted.webhook
    ? reader.requiredSecret('EHR_ALERT_WEBHOOK_URL', {
        wanted: 'the address of the incoming webhook, https:// unless it is on this machine',
        mistake: (text) => protectedAddressMistake(text, { open: 'http:', tls: 'https:' }),
      })
    : undefined;
  const smtpUrl = wanted.mail
    ? reader.requiredSecret('EHR_ALERT_SMTP_URL', {
        wanted:
          'smtps://user:password@host:465 or smtp://user:password@host:587, which then must offer STARTTLS',
        mistake: smtpMistake,
      })
    : undefined;
  return reader.finish({
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(smtpUrl === undefined ? {} : { smtpUrl }),
  });
}

/** Never quotes the address. */
function protectedAddressMistake(
  text: string,
  { open, tls }: { open: string; tls: string },
): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== tls && protocol !== open) return `an address that does not begin with ${tls}//`;
  if (username !== '' || password !== '') return 'an address with a user or password in it';
  return protocol === tls || isLoopback(hostname) ? undefined : `an address that begins with ${open}//`;
}

function smtpMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const url = new URL(text);
  const { protocol, hostname, pathname, search, hash } = url;
  if (protocol !== 'smtps:' && protocol !== 'smtp:')
    return 'an address that does not begin with smtps:// or smtp://';
  if (hostname === '') return 'an address without a host';
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '')
    return 'an address with more behind the port';
  return loginMistake(url);
}
