import { z } from 'zod';
import { section, wholeNumber, address } from './kinds.ts';

const wantedWebUi =
  "an address that begins with http:// or https://, without user and password, or '' for none";

export const alerts = section({
  webhook: z
    .enum(['none', 'slack', 'teams'], { error: '"none", "slack" or "teams"' })
    .describe('Whose incoming webhook EHR_ALERT_WEBHOOK_URL is the address of; none: no webhook.'),
  mail: section({
    from: address().describe('The sender of the mails.'),
    to: z
      .array(address(), { error: 'a list of mail addresses' })
      .max(20, { error: 'at most 20 mail addresses' })
      .describe('Who gets mail, through the server that EHR_ALERT_SMTP_URL names; []: no mail.'),
  }),
  everyMinutes: wholeNumber(1, 60, 'minutes').describe('How often the alert conditions are evaluated.'),
  missingAfterHours: wholeNumber(1, 20, 'hours').describe(
    'A run of a due period that has not ended so long after schedule.at is reported as missing.',
  ),
  remindAfterHours: wholeNumber(0, 720, 'hours').describe(
    'The interval of reminders while a condition lasts; 0: none.',
  ),
  webUi: z
    .string({ error: wantedWebUi })
    .refine(isWebUi, { error: wantedWebUi })
    .describe("Address of Temporal's Web UI, for a link to the run in each message; '': no link."),
}).describe('Who gets alerts, and when: docs/alerts.md. Off while there is no channel.');

function isWebUi(url: string): boolean {
  if (url === '') return true;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username === '' && password === '';
}
