import { isLoopback } from '../../domain/loopback.ts';
import { note, ok, problem, type Verdict } from './examination.ts';

export interface Transport {
  /** To whom, as the finding is to name it. */
  readonly to: string;
  readonly host: string;
  readonly encrypted: boolean;
  /** How to turn TLS on. */
  readonly remedy: string;
  /** The setting without which an open way to another machine is refused: whoever set it meant it so. */
  readonly allowedBy?: string;
}

/** Patient data and passwords cross every one of these connections; only within one machine nobody can listen. */
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

/** Codes of a second factor are good for half a minute; beyond that a day or a period could be told wrongly as well. */
const tolerableSeconds = 5;
const seriousSeconds = 30;

/** `answeredSeconds` is how long the other clock's answer took, by which it may be off. */
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
