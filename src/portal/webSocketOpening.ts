const tlsHandshake = 0x16;
const clientHello = 1;
const alpnExtension = 16;
/** A request's head is shorter; longer bytes without an end are no request. */
const headLimit = 32 * 1024;

/**
 * Whether the first bytes of a browser's connection open a WebSocket; undefined while there are too few. A plain
 * request says so. Under TLS, Chromium offers HTTP/2 on every connection except a WebSocket's. Anything that is neither
 * HTTP nor TLS counts as a WebSocket: it may carry data as well.
 */
export function isWebSocketOpening(bytes: Buffer): boolean | undefined {
  if (bytes.length === 0) return undefined;
  return bytes[0] === tlsHandshake ? offersNoHttp2(bytes) : asksForUpgrade(bytes);
}

function asksForUpgrade(bytes: Buffer): boolean | undefined {
  const text = bytes.toString('latin1', 0, headLimit);
  if (!/^[A-Z]{1,20}(?: |$)/.test(text)) return true;
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return bytes.length >= headLimit ? true : undefined;
  return text
    .slice(0, end)
    .split('\r\n')
    .some((line) => /^upgrade:/i.test(line));
}

function offersNoHttp2(bytes: Buffer): boolean | undefined {
  const hello = handshakeOf(bytes);
  if (hello === undefined) return undefined;
  try {
    return !protocolsIn(hello).includes('h2');
  } catch {
    return true;
  }
}

/** The first handshake message, which may span several records; undefined until all of it is there. */
function handshakeOf(bytes: Buffer): Buffer | undefined {
  let message = Buffer.alloc(0);
  for (let at = 0; at + 5 <= bytes.length;) {
    if (bytes[at] !== tlsHandshake) return message;
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) return undefined;
    message = Buffer.concat([message, bytes.subarray(at + 5, end)]);
    if (message.length >= 4 && message.length >= 4 + message.readUIntBE(1, 3)) return message;
    at = end;
  }
  return undefined;
}

/** The protocols of the ALPN extension (RFC 7301). @throws RangeError if the message is truncated. */
function protocolsIn(hello: Buffer): string[] {
  if (hello[0] !== clientHello) return [];
  let at = 4 + 2 + 32;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  const end = at + 2 + hello.readUInt16BE(at);
  at += 2;
  while (at + 4 <= end) {
    const length = hello.readUInt16BE(at + 2);
    if (hello.readUInt16BE(at) === alpnExtension) return namesIn(hello.subarray(at + 6, at + 4 + length));
    at += 4 + length;
  }
  return [];
}

function namesIn(list: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length; at += 1 + list[at]!)
    names.push(list.toString('latin1', at + 1, at + 1 + list[at]!));
  return names;
}
