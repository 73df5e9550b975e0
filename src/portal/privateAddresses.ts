import { BlockList, isIPv6 } from 'node:net';

/**
 * Addresses that belong to no public host: this machine, private networks, link-local, multicast (RFC 6890 and its
 * updates).
 */
const privateRanges = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

/** IPv6 ranges that embed an IPv4 address, with the offset of its bytes. */
const embedding = [
  // ::a.b.c.d, ::ffff:a.b.c.d and 64:ff9b::a.b.c.d
  { range: ['::', 96], at: 12 },
  { range: ['::ffff:0:0', 96], at: 12 },
  { range: ['64:ff9b::', 96], at: 12 },
  // 6to4: 2002:aabb:ccdd::
  { range: ['2002::', 16], at: 2 },
] as const;

const blocked = new BlockList();
for (const [network, prefix] of privateRanges)
  blocked.addSubnet(network, prefix, isIPv6(network) ? 'ipv6' : 'ipv4');

const embedders = embedding.map(({ range: [network, prefix], at }) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, 'ipv6');
  return { list, at };
});

/** Whether an IP address belongs to this machine, to a private network, or to no single host. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return blocked.check(bare, 'ipv4');
  if (blocked.check(bare, 'ipv6')) return true;
  const embedder = embedders.find(({ list }) => list.check(bare, 'ipv6'));
  return embedder !== undefined && blocked.check(embeddedAddress(bare, embedder.at), 'ipv4');
}

function embeddedAddress(address: string, at: number): string {
  return [...bytesOf(address).subarray(at, at + 4)].join('.');
}

function bytesOf(address: string): Uint8Array {
  // The URL parser writes an address in its one short form, without dots.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = short.split('::');
  const head = groupsOf(before);
  const tail = groupsOf(after ?? '');
  const groups = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
