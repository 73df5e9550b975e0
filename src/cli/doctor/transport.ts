import { isLoopback } from '../../domain/loopback.ts';
import { note, ok, problem, type Verdict } from './examination.ts';

export interface Transport {
  /** The other side's name in the finding. */
  readonly to: string;
  readonly host: string;
  readonly encrypted: boolean;
  /** How to turn TLS on. */
  readonly remedy: string;
  /** The setting that allows an unencrypted connection to another machine: if it is set, that is intended. */
  readonly allowedBy?: string;
}

/** Patient data and passwords cross every one of these connections; only within one machine can no one listen. */
export function transportVerdict({ to, host, encrypted, remedy, allowedBy }: Transport): Verdict {
  if (encrypted) return ok(`the connection to ${to} is encrypted`);
  // Names below localhost are this machine too (RFC 6761).
  if (isLoopback(host) || /\.localhost$/i.test(host))
    return ok(`the connection to ${to} does not leave this machine`);
  const open = `the connection to ${to} (${host}) is not encrypted, and leaves this machine`;
  return allowedBy === undefined ? problem(open, remedy) : note(`${open}, as ${allowedBy} allows`, remedy);
}

/** `temporal.example.com:7233` without its port. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

/** A one-time code is valid for half a minute; a larger error could also give a wrong day or period. */
const tolerableSeconds = 5;
const seriousSeconds = 30;

/** `answeredSeconds` is how long the other clock's answer took, and thus how far it may be off. */
export function clockVerdict(
  whose: string,
  { theirs, ours, answeredSeconds }: { theirs: Date; ours: Date; answeredSeconds: number },
): Verdict {
  const apart = Math.abs(theirs.getTime() - ours.getTime()) / 1000;
  const off = Math.max(0, apart - answeredSeconds);
  if (off <= tolerableSeconds) return ok(`this machine's clock agrees with ${whose}`);
  const direction = theirs < ours ? 'ahead of' : 'behind';
  const what = `this machine's clock is ${off.toFixed(0)} s ${direction} ${whose}`;
  const remedy = 'Let both keep time by NTP; here, with systemd: timedatectl set-ntp true';
  return off <= seriousSeconds ? note(what, remedy) : problem(what, remedy);
}
