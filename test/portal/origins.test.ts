import { describe, expect, test } from 'vitest';
import { endpointOf, originForMessage, ownOrigins, webOrigin } from '../../src/portal/origins.ts';
import { isPrivateAddress } from '../../src/portal/privateAddresses.ts';
import { carriesName, carriesSecret } from '../../src/portal/secretCarrier.ts';
import { isWebSocketOpening } from '../../src/portal/webSocketOpening.ts';

describe('addresses of no public host', () => {
  test.each([
    '127.0.0.1',
    '127.8.9.10',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '2002:7f00:1::',
  ])('%s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  test.each(['8.8.8.8', '172.32.0.1', '192.167.1.1', '2606:4700::1111', '::ffff:8.8.8.8', '2002:808:808::'])(
    '%s is one',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});

describe('origins', () => {
  test('are those of the portal and of the sign-in, whatever is behind them', () => {
    const own = ownOrigins({
      portalUrl: 'https://Portal.example:443/login?x=1',
      signInOrigins: ['https://sso.example/'],
    });
    expect([...own]).toEqual(['https://portal.example', 'https://sso.example']);
  });

  test.each([
    { address: 'blob:https://portal.example/4f', origin: 'https://portal.example' },
    { address: 'file:///etc/passwd', origin: undefined },
    { address: 'data:text/html,x', origin: undefined },
    { address: 'no address', origin: undefined },
  ])('of $address', ({ address, origin }) => {
    expect(webOrigin(address)).toBe(origin);
  });

  test.each([
    { address: 'https://portal.example/x', endpoint: 'portal.example:443' },
    { address: 'http://[::1]:8080/', endpoint: '::1:8080' },
    { address: 'wss://portal.example/', endpoint: 'portal.example:443' },
  ])('$address is reached at $endpoint', ({ address, endpoint }) => {
    expect(endpointOf(address)).toBe(endpoint);
  });

  test('are reported without what is behind them, and never at length', () => {
    expect(originForMessage('https://me:pw@a.example/secret?x=secret')).toBe('https://a.example');
    expect(originForMessage('data:text/html,secret')).toBe('an address that begins with data:');
    expect(originForMessage(`https://${'a'.repeat(60)}.${'b'.repeat(60)}.example/`)).not.toContain('bbb');
  });
});

describe('a secret is found', () => {
  const secret = 'demo-Passw0rd!+ü';
  const inBase64 = (before: string) => Buffer.from(before + secret).toString('base64');

  test.each([
    { title: 'as it is', text: `x${secret}y` },
    { title: 'in another case', text: secret.toUpperCase() },
    { title: 'percent-encoded', text: encodeURIComponent(secret) },
    { title: 'percent-encoded byte by byte, twice', text: encodeURIComponent(percent(secret)) },
    { title: 'as a form sends it', text: new URLSearchParams({ p: secret }).toString() },
    { title: 'in base 64', text: inBase64('') },
    { title: 'in base 64 behind a byte', text: inBase64('u') },
    { title: 'in base 64 behind two', text: inBase64('u:') },
    { title: 'in base 64 for addresses', text: Buffer.from(`u:${secret}`).toString('base64url') },
    { title: 'in base 64 within an address', text: encodeURIComponent(inBase64('{"p":"')) },
    { title: 'in hex', text: Buffer.from(secret).toString('hex').toUpperCase() },
    { title: 'backwards', text: Array.from(secret).toReversed().join('') },
    { title: 'as codes', text: Array.from(secret, (letter) => letter.codePointAt(0)).join(',') },
    {
      title: 'escaped for a script',
      text: escaped(secret, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
    },
    { title: 'escaped for HTML', text: escaped(secret, (code) => `&#x${code.toString(16)};`) },
  ])('$title', ({ text }) => {
    expect(carriesSecret(`https://elsewhere.example/x?${text}&z`, [secret])).toBe(true);
  });

  test('and nothing else is', () => {
    expect(carriesSecret('https://elsewhere.example/passwords.js?v=1764171234567', [secret, '123456'])).toBe(
      false,
    );
    expect(carriesSecret('https://elsewhere.example/?code=123456', [secret, '123456'])).toBe(true);
    expect(carriesSecret('', [])).toBe(false);
  });

  test('a name counts where it is a whole word', () => {
    expect(carriesName('https://elsewhere.example/administration.css', ['admin'])).toBe(false);
    expect(carriesName('https://elsewhere.example/?u=admin', ['admin'])).toBe(true);
  });

  test.each([
    { title: 'in base 64', text: Buffer.from('{"u":"admin","page":1}').toString('base64') },
    { title: 'in hex', text: `00${Buffer.from('admin').toString('hex')}ff` },
  ])('a name encoded in something larger counts: $title', ({ text }) => {
    expect(carriesName(`https://elsewhere.example/x?d=${text}`, ['admin'])).toBe(true);
  });

  test.each(['%', '&#', '+', '\\u00', '%41', 'a'])(
    'in a megabyte of %j without delay that grows',
    (shape) => {
      const time = (length: number) => {
        const began = process.cpuUsage();
        carriesSecret(shape.repeat(Math.ceil(length / shape.length)), [secret]);
        const { user, system } = process.cpuUsage(began);
        return (user + system) / 1000;
      };
      time(200_000);
      // What is beyond the limit isn't read at all.
      expect(time(1_000_000)).toBeLessThan(2.5 * time(500_000) + 50);
    },
  );
});

function percent(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function escaped(text: string, write: (code: number) => string): string {
  return Array.from(text, (letter) => write(letter.codePointAt(0)!)).join('');
}

function short(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

describe('the first bytes of a connection', () => {
  test.each([
    { title: 'a page over TLS', bytes: hello(['h2', 'http/1.1']), is: false },
    { title: 'a WebSocket over TLS', bytes: hello(['http/1.1']), is: true },
    { title: 'TLS without a protocol', bytes: hello([]), is: true },
    { title: 'half a greeting', bytes: hello(['h2', 'http/1.1']).subarray(0, 40), is: undefined },
    {
      title: 'a broken greeting',
      bytes: Buffer.concat([Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 9])]),
      is: true,
    },
    { title: 'a page', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), is: false },
    { title: 'half a head', bytes: Buffer.from('GET / HTTP/1.1\r\nHo'), is: undefined },
    {
      title: 'a WebSocket',
      bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nUPGRADE: websocket\r\n\r\n'),
      is: true,
    },
    { title: 'something else', bytes: Buffer.from([0, 3, 0, 8]), is: true },
    { title: 'a head without end', bytes: Buffer.from(`GET /${'x'.repeat(40_000)}`), is: true },
    { title: 'nothing yet', bytes: Buffer.alloc(0), is: undefined },
  ])('$title', ({ bytes, is }) => {
    expect(isWebSocketOpening(bytes)).toBe(is);
  });
});

function hello(protocols: readonly string[]): Buffer {
  const names = Buffer.concat(
    protocols.map((name) => Buffer.from(`${String.fromCharCode(name.length)}${name}`, 'latin1')),
  );
  const list = Buffer.concat([short(names.length), names]);
  const alpn = Buffer.concat([short(16), short(list.length), list]);
  const extensions = protocols.length === 0 ? Buffer.alloc(0) : alpn;
  const body = Buffer.concat([
    Buffer.alloc(34, 3),
    Buffer.from([0, 0, 2, 0x13, 1, 1, 0]),
    short(extensions.length),
    extensions,
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), short(body.length), body]);
  return Buffer.concat([Buffer.from([0x16, 3, 1]), short(message.length), message]);
}
