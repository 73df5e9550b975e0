import type { FailureType } from '../domain/failures.ts';
import { isTimeout, netErrorCode, PortalTrouble } from './trouble.ts';

interface Meaning {
  readonly what: string;
  /** Who has to act, and how. */
  readonly hint: string;
  readonly type?: FailureType;
  /** False if no retry can succeed until a person acts. */
  readonly retry?: false;
}

const authentication: Meaning = {
  what: 'The portal asks for a login by HTTP, not on a page',
  hint: 'Check EHR_PORTAL_URL on this side: the pipeline signs in on a page. If the address is right, ask the portal vendor for one without HTTP authentication.',
  retry: false,
};
const unreachable: Meaning = {
  what: 'The portal cannot be reached',
  hint: 'Nothing to do at first: the step is tried again. If it lasts, check host and port of EHR_PORTAL_URL and the firewall on this side; if no one else reaches the portal either, ask its vendor.',
};
const proxy: Meaning = {
  what: 'The proxy between this machine and the portal did not connect them',
  hint: 'Check HTTPS_PROXY and NO_PROXY on this side, and ask the operator of the proxy whether it lets this machine reach the portal.',
};
const protocol: Meaning = {
  what: 'The portal and this machine did not agree on an encrypted connection',
  hint: 'Check that EHR_PORTAL_URL says https:// only where the portal speaks it, and whether a proxy lies in between; else ask the portal vendor.',
};
const certificate: Meaning = {
  what: "The portal's certificate is not valid here",
  hint: "On this side, check EHR_PORTAL_URL, this machine's clock and that it knows the authority which signed; a certificate that has expired is for the portal vendor to renew.",
  retry: false,
};

const proxyPassword: Meaning = {
  what: 'The proxy between this machine and the portal wants a password',
  hint: 'Put user and password of the proxy into HTTPS_PROXY on this side; the operator of the proxy knows them.',
  retry: false,
};

const meanings: Readonly<Record<string, Meaning>> = {
  HTTP_401: authentication,
  HTTP_403: {
    what: 'The portal, or a firewall in front of it, refuses the page to this machine',
    hint: 'Ask the portal administrator whether the account, and the address of this machine, may open it.',
  },
  HTTP_404: {
    what: 'The portal has no such page',
    hint: 'On this side, check EHR_PORTAL_URL and the addresses after goto in the recipe; ask the portal vendor whether pages have moved.',
  },
  HTTP_407: proxyPassword,
  HTTP_429: {
    what: 'The portal says that it is asked too often',
    hint: 'Nothing to do at first: the step waits as long as the portal says and is tried again. If it lasts, ask the portal vendor what this account may ask for in a day.',
  },
  ERR_INVALID_AUTH_CREDENTIALS: authentication,
  ERR_NAME_NOT_RESOLVED: {
    what: "The portal's name has no address here",
    hint: "Check the spelling of EHR_PORTAL_URL and this machine's name servers (DNS); the network's operator can say whether they know it.",
  },
  ERR_TOO_MANY_REDIRECTS: {
    what: 'The portal sends the browser from page to page without end',
    hint: 'Open EHR_PORTAL_URL by hand in a new browser window. If it ends at another address, use that one on this side; if it does not end, ask the portal vendor.',
  },
  ADDRESS_REFUSED: {
    type: 'PortalOriginRefused',
    what: 'The portal leads to an address that the browser may not reach: of this machine, of a private network, or of another origin during the sign-in',
    hint: 'Find out why the portal leads there; if the address belongs to the portal, add its origin to portal.signInOrigins.',
    retry: false,
  },
};

const families: readonly (readonly [RegExp, Meaning])[] = [
  [/^ERR_CERT_/, certificate],
  [/^ERR_(?:SSL|BAD_SSL|ECH)_/, protocol],
  [/^ERR_(?:UNEXPECTED_PROXY_AUTH|PROXY_AUTH)/, proxyPassword],
  [/^ERR_(?:PROXY|TUNNEL|SOCKS|MANDATORY_PROXY)/, proxy],
  [/^ERR_(?:CONNECTION_|ADDRESS_|INTERNET_|NETWORK_|TIMED_OUT$|EMPTY_RESPONSE$)/, unreachable],
  [
    /^HTTP_4\d\d$/,
    {
      what: 'The portal refuses the request',
      hint: 'Look the status up, and check EHR_PORTAL_URL and the recipe on this side; if they are right, ask the portal vendor.',
    },
  ],
];

/** What an HTTP status (`HTTP_404`) or a network error (`ERR_CERT_DATE_INVALID`) means, and who has to act. */
export function portalError(code: string, cause?: unknown): PortalTrouble {
  const meaning = meanings[code] ?? families.find(([family]) => family.test(code))?.[1];
  if (meaning === undefined) {
    return new PortalTrouble('PortalUnavailable', `The portal answered with an error (${code}).`, {
      details: { code },
      cause,
    });
  }
  const { type = 'PortalUnavailable', what, hint, retry } = meaning;
  return new PortalTrouble(type, `${what} (${code}).`, {
    hint,
    details: { code },
    cause,
    ...(retry === undefined ? {} : { retry }),
  });
}

/** The error for a page that the browser could not open. */
export function notOpened(
  error: unknown,
  traffic: { lastingTrouble(): { readonly code: string } | undefined },
): PortalTrouble {
  const own = netErrorCode(error);
  // The browser reaches the gate over SOCKS; the gate knows why the portal did not answer.
  const code = own?.startsWith('ERR_SOCKS_') === true ? traffic.lastingTrouble()?.code : own;
  if (code !== undefined && !isTimeout(error)) return portalError(code, error);
  const known = isTimeout(error) ? 'TIMED_OUT' : 'no answer';
  return new PortalTrouble('PortalUnavailable', `The portal did not answer (${known}).`, {
    details: { code: known },
    cause: error,
  });
}
