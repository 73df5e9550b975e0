import { randomInt } from 'node:crypto';
import type { FaultSettings } from './faults.ts';
import { looks, type LookName } from './looks.ts';

type OtherFactor = Exclude<FaultSettings['otherFactorAsked'], boolean>;

/** Ids as ExtJS hands them out: a running number, begun anew at each page load. */
function freshIds(): (kind: string) => string {
  let next = randomInt(1000, 9000);
  return (kind) => `${kind}-${next++}`;
}

export function signInPage(look: LookName, { message }: { message?: string | undefined } = {}): string {
  const { signIn } = looks[look];
  const id = freshIds();
  const [user, password] = [id('textfield'), id('textfield')];
  return formPage(id, {
    title: signIn.title,
    message,
    action: '/login',
    fields:
      textField(user, signIn.user, 'text', 'username') +
      textField(password, signIn.password, 'password', 'current-password'),
    button: signIn.button,
  });
}

export function codePage({ message }: { message?: string | undefined } = {}): string {
  const id = freshIds();
  return formPage(id, {
    title: 'Two-step verification',
    message: message ?? 'Enter the code that your authenticator app shows.',
    action: '/login/code',
    fields: textField(id('textfield'), 'Verification code', 'text', 'one-time-code'),
    button: 'Verify',
  });
}

/** What only a person can answer. The first two have the same field as the code of an app. */
const otherFactors: Readonly<Record<OtherFactor, { message: string; label?: string; button: string }>> = {
  email: {
    message: 'Enter the code that we sent to r***@***.example.',
    label: 'Verification code',
    button: 'Verify',
  },
  sms: {
    message: 'Enter the code that we sent to your phone ending in 41.',
    label: 'Verification code',
    button: 'Verify',
  },
  push: { message: 'Approve this sign-in in the app on your phone.', button: 'Send again' },
  question: {
    message: 'Answer your security question: what was the name of your first school?',
    label: 'Answer',
    button: 'Continue',
  },
};

export function otherFactorPage(factor: OtherFactor): string {
  const id = freshIds();
  const { message, label, button } = otherFactors[factor];
  return formPage(id, {
    title: 'Two-step verification',
    message,
    action: '/login/code',
    fields: label === undefined ? '' : textField(id('textfield'), label, 'text', 'one-time-code'),
    button,
  });
}

export function sessionEndedPage(): string {
  return boxPage(
    freshIds(),
    'Sign in',
    '<p>Your session has ended. Please sign in again.</p><p><a href="/login">Sign in</a></p>',
  );
}

export function surveyPage(): string {
  return boxPage(freshIds(), 'Survey', '<p>How do you like Harborlight? Tell us in two minutes.</p>');
}

export function passwordExpiredPage(): string {
  const id = freshIds();
  return formPage(id, {
    title: 'Change password',
    message: 'Your password has expired. Choose a new one to go on.',
    action: '/login/password',
    fields:
      textField(id('textfield'), 'New password', 'password', 'new-password') +
      textField(id('textfield'), 'Confirm new password', 'password', 'new-password'),
    button: 'Change password',
  });
}

export function loggedOutPage(): string {
  const id = freshIds();
  return boxPage(
    id,
    'Signed out',
    '<p>You have been logged out.</p><p><a href="/login">Return to sign in</a></p>',
  );
}

export function maintenancePage(): string {
  return boxPage(
    freshIds(),
    'System maintenance',
    '<p>Harborlight is under maintenance. Please try again later.</p>',
  );
}

export function errorPage(text: string): string {
  return boxPage(freshIds(), 'Server error', `<p>${text}</p><p>HTTP Status 500</p>`);
}

/** The single-page app: the look's script puts everything there, later. */
export function appPage(look: LookName, { faults }: { faults: readonly string[] }): string {
  const id = freshIds();
  return documentPage(
    `<div id="${id('ext-viewport')}" class="x-viewport" data-faults="${faults.join(' ')}"></div><script type="module" src="/assets/${looks[look].script}"></script>`,
  );
}

/** The page with a bar about cookies over it, until a button of the bar has been pressed once. */
export function withCookieBar(page: string): string {
  const bar = `<div class="x-mask x-cookies"><div class="x-cookie-bar" role="region" aria-label="Cookies">
    <span>This site uses cookies to keep you signed in.</span>
    <button class="x-btn" onclick="document.cookie = 'COOKIES=all; path=/'; this.closest('.x-cookies').remove()">Accept cookies</button>
    </div></div><script>
      if (document.cookie.includes('COOKIES=')) document.querySelector('.x-cookies').remove();
    </script>`;
  return page.replace('</body>', `${bar}</body>`);
}

function textField(id: string, label: string, type: string, autocomplete: string): string {
  return `<div id="${id}" class="x-field x-form-item">
    <label id="${id}-labelEl" for="${id}-inputEl" class="x-form-item-label">${label}</label>
    <input id="${id}-inputEl" type="${type}" name="${autocomplete}" class="x-form-field x-form-text" autocomplete="${autocomplete}">
  </div>`;
}

interface Form {
  readonly title: string;
  readonly message: string | undefined;
  readonly action: string;
  readonly fields: string;
  readonly button: string;
}

function formPage(id: (kind: string) => string, form: Form): string {
  const message =
    form.message === undefined ? '' : `<p class="x-form-error" role="alert">${form.message}</p>`;
  return boxPage(
    id,
    form.title,
    `<form id="${id('form')}" method="post" action="${form.action}">${message}${form.fields}
      <div class="x-toolbar x-toolbar-footer"><button id="${id('button')}" class="x-btn x-btn-primary">${form.button}</button></div>
    </form>`,
  );
}

function boxPage(id: (kind: string) => string, title: string, content: string): string {
  return documentPage(`<div class="x-box-page"><div class="brand">Harborlight <span>EHR</span></div>
    <div id="${id('panel')}" class="x-panel x-panel-box"><h1 id="${id('title')}" class="x-panel-header">${title}</h1>
    <div id="${id('panel')}-body" class="x-panel-body">${content}</div></div></div>`);
}

function documentPage(body: string): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Harborlight EHR</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/portal.css"></head>
<body class="x-body">${body}</body></html>`;
}
