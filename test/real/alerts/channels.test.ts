import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMail } from '../../../src/alerts/mail.ts';
import type { Channel } from '../../../src/domain/alertConditions.ts';
import { createWebhook } from '../../../src/alerts/webhook.ts';
import { testMessage } from '../../../src/alerts/messages.ts';
import { PipelineError } from '../../../src/domain/failures.ts';
import { mailPassword, mailUser, startMailReceiver, type MailReceiver } from '../../alerts/mailReceiver.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../alerts/webhookReceiver.ts';

/** How the other side did not take it; what it says holds no secret. */
async function refusalOf(channel: Channel, secrets: readonly string[]): Promise<PipelineError> {
  const error: unknown = await channel.send(testMessage).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PipelineError);
  const refusal = error as PipelineError;
  expect(refusal.type).toBe('AlertNotSent');
  const all = [
    refusal.message,
    refusal.hint,
    refusal.stack,
    JSON.stringify(refusal.details),
    String(refusal.cause),
  ];
  for (const secret of secrets) expect(all.join('\n')).not.toContain(secret);
  return refusal;
}

describe('the webhook', () => {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhookReceiver();
  });
  afterEach(() => receiver.close());

  const refused = () =>
    refusalOf(createWebhook({ form: 'slack', url: receiver.url }), [receiver.url, 'webhook-s3cret']);

  test.each(['slack', 'teams'] as const)('of %s takes a message', async (form) => {
    await createWebhook({ form, url: receiver.url }).send(testMessage);
    expect(receiver.taken).toEqual([
      expect.objectContaining(form === 'slack' ? { text: 'A test of the alerts' } : { type: 'message' }),
    ]);
  });

  test('of Teams answers 202, as its workflows do', async () => {
    receiver.next.push({ status: 202 });
    const sent = createWebhook({ form: 'teams', url: receiver.url }).send(testMessage);
    await expect(sent).resolves.toBeUndefined();
  });

  test.each([
    { status: 500, retry: true },
    { status: 503, retry: true },
    { status: 429, retry: true },
    { status: 400, retry: false },
    { status: 404, retry: false },
    { status: 410, retry: false },
  ])('that answers $status: tried again $retry', async ({ status, retry }) => {
    receiver.next.push({ status, body: `invalid_payload ${receiver.url}` });
    const refusal = await refused();
    expect(refusal).toMatchObject({
      retry,
      message: `The webhook did not take the message: it answered ${String(status)}.`,
    });
  });

  test.each([
    { header: '7', seconds: 7 },
    { header: '86400', seconds: 300 },
    { header: 'Wed, 25 Nov 2026 10:00:00 GMT', seconds: undefined },
  ])('that asks to come back after "$header" is given so long: $seconds', async ({ header, seconds }) => {
    receiver.next.push({ status: 429, headers: { 'retry-after': header } });
    expect((await refused()).details['retryAfterSeconds']).toBe(seconds);
  });

  test('that sends elsewhere is not followed', async () => {
    receiver.next.push({ status: 302, headers: { location: receiver.url } });
    expect(await refused()).toMatchObject({ retry: true });
    expect(receiver.taken).toEqual([]);
  });

  test('that says nothing is given up after a quarter of a minute', async () => {
    receiver.next.push('silence');
    const began = performance.now();
    expect(await refused()).toMatchObject({
      retry: true,
      message: expect.stringContaining('within 15 s') as string,
    });
    expect(performance.now() - began).toBeLessThan(150_000);
  });

  test('that is not there is named by its code', async () => {
    const { url } = receiver;
    await receiver.close();
    const refusal = await refusalOf(createWebhook({ form: 'slack', url }), [url, 'webhook-s3cret']);
    expect(refusal).toMatchObject({
      retry: true,
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    receiver = await startWebhookReceiver();
  });
});

describe('mail', () => {
  let receiver: MailReceiver;
  afterEach(() => receiver.close());

  const secrets = [mailPassword, encodeURIComponent(mailPassword), mailUser];
  const to = ['ops@example.org', 'analyst@example.org'];

  function mailAt(host: string, { password = mailPassword, protocol = 'smtp' } = {}): Channel {
    const url = `${protocol}://${mailUser}:${encodeURIComponent(password)}@${host}:${String(receiver.port)}`;
    return createMail({ from: 'ehr-pipeline@example.org', to, url });
  }

  test('reaches everyone in one message, in plain text', async () => {
    receiver = await startMailReceiver();
    await mailAt('127.0.0.1').send(testMessage);
    expect(receiver.mails).toHaveLength(1);
    const [mail] = receiver.mails;
    expect(mail!.to).toEqual(to);
    expect(mail!.source).toContain('Subject: [EHR pipeline] A test of the alerts\r\n');
    expect(mail!.source).toContain('Content-Type: text/plain; charset=utf-8');
    expect(mail!.source).toContain('Nothing is wrong: someone has run npm run client -- alerts test.');
  });

  test('that is refused for a moment is tried again, for good is not', async () => {
    receiver = await startMailReceiver();
    receiver.refusals.push(451, 550);
    expect(await refusalOf(mailAt('127.0.0.1'), secrets)).toMatchObject({ retry: true });
    expect(await refusalOf(mailAt('127.0.0.1'), secrets)).toMatchObject({ retry: false });
    await mailAt('127.0.0.1').send(testMessage);
    expect(receiver.mails).toHaveLength(1);
  });

  test('with a wrong password says so without it', async () => {
    receiver = await startMailReceiver();
    const wrong = mailAt('127.0.0.1', { password: 'another-Passw0rd' });
    const refusal = await refusalOf(wrong, [...secrets, 'another-Passw0rd']);
    expect(refusal).toMatchObject({
      retry: false,
      message: expect.stringContaining('535 (EAUTH)') as string,
    });
  });

  // The address of every interface leads here as well, but is not the loopback.
  const elsewhere = '0.0.0.0';

  test('beyond this machine is not sent where the server offers no encryption', async () => {
    receiver = await startMailReceiver();
    await refusalOf(mailAt(elsewhere), secrets);
    expect(receiver.mails).toEqual([]);
  });

  test('beyond this machine is not sent under a certificate that nobody vouches for', async () => {
    receiver = await startMailReceiver({ startTls: true });
    await refusalOf(mailAt(elsewhere), secrets);
    expect(receiver.mails).toEqual([]);
  });

  test('that nobody answers is named by its code', async () => {
    receiver = await startMailReceiver();
    const channel = mailAt('127.0.0.1');
    await receiver.close();
    const refusal = await refusalOf(channel, secrets);
    expect(refusal).toMatchObject({
      retry: true,
      message: expect.stringMatching(/\(E(CONNECTION|SOCKET|CONNREFUSED)\)/) as string,
    });
    receiver = await startMailReceiver();
  });
});
