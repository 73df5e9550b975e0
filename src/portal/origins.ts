/** The portal's own origins: secrets may be entered there, and they are reached at any address. */
export type OwnOrigins = ReadonlySet<string>;

export interface PortalAddresses {
  readonly portalUrl: string;
  /** Further origins of the sign-in, such as single sign-on: `portal.signInOrigins`. */
  readonly signInOrigins?: readonly string[];
}

export function ownOrigins({ portalUrl, signInOrigins = [] }: PortalAddresses): OwnOrigins {
  return new Set([portalUrl, ...signInOrigins].map((address) => new URL(address).origin));
}

/** The origin of a web address; undefined for other schemes, such as `file:` or `data:`. */
export function webOrigin(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  // A blob's address contains the origin of the page that made it.
  const { protocol, origin } = new URL(address.replace(/^blob:/i, ''));
  return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
}

const defaultPorts: Readonly<Record<string, string>> = {
  'http:': '80',
  'ws:': '80',
  'https:': '443',
  'wss:': '443',
};

/** `host:port` of a web address; an IPv6 address without its brackets. */
export function endpointOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, port } = new URL(address);
  const portNumber = port === '' ? defaultPorts[protocol] : port;
  return portNumber === undefined ? undefined : `${bareHost(hostname)}:${portNumber}`;
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

/** Long enough for any real host name; a longer one may carry data. */
const originLimit = 100;

/** An origin for messages: without the address's user, path and query, and without unusual characters. */
export function originForMessage(address: string): string {
  const origin = webOrigin(address);
  if (origin === undefined)
    return `an address that begins with ${/^[a-z][a-z0-9+.-]{0,20}:/i.exec(address)?.[0] ?? 'something else'}`;
  return origin.length <= originLimit ? origin : 'an address with a very long name';
}
