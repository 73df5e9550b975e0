import type { AlertMessage } from '../domain/alertConditions.ts';

/** A message in each channel's form. */

/** The receiver of an incoming webhook. */
export type WebhookForm = 'slack' | 'teams';

export function webhookBody(form: WebhookForm, message: AlertMessage): object {
  return form === 'slack' ? slackBody(message) : teamsBody(message);
}

/** Slack's incoming webhooks: notifications show `text`, the channel shows the blocks. */
function slackBody(message: AlertMessage): object {
  const { title, lines, commands, link } = message;
  const code = commands.length > 0 ? ['```', ...commands.map(escaped), '```'] : [];
  const text = [
    `*${escaped(title)}*`,
    ...lines.map(escaped),
    ...code,
    ...runbookLines(message).map(escaped),
    ...(link === undefined ? [] : [`<${link}|The run in the Web UI>`]),
  ].join('\n');
  return {
    text: escaped(title),
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
  };
}

/** The three characters that are markup in Slack. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Microsoft Teams' workflow "Post to a channel when a webhook request is received": one Adaptive Card. */
function teamsBody(message: AlertMessage): object {
  const { title, lines, commands, link } = message;
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: title, weight: 'Bolder', size: 'Medium', wrap: true },
      ...lines.map((text) => ({ type: 'TextBlock', text, wrap: true })),
      ...commands.map((text) => ({ type: 'TextBlock', text, wrap: true, fontType: 'Monospace' })),
      ...runbookLines(message).map((text) => ({ type: 'TextBlock', text, wrap: true, isSubtle: true })),
    ],
    ...(link === undefined
      ? {}
      : { actions: [{ type: 'Action.OpenUrl', title: 'The run in the Web UI', url: link }] }),
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

export function mailText(message: AlertMessage): { readonly subject: string; readonly text: string } {
  const { title, lines, commands, link } = message;
  const paragraphs = [
    [`${title}.`, ...lines],
    commands.map((command) => `  ${command}`),
    [...runbookLines(message), ...(link === undefined ? [] : [link])],
  ];
  const text = paragraphs
    .filter((paragraph) => paragraph.length > 0)
    .map((paragraph) => paragraph.join('\n'));
  return { subject: `[EHR pipeline] ${title}`, text: `${text.join('\n\n')}\n` };
}

function runbookLines({ runbook }: AlertMessage): string[] {
  return runbook === undefined ? [] : [`See docs/runbook.md, section ${runbook}.`];
}
