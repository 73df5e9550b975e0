import { Secret, TOTP } from 'otpauth';
import { pause } from './waiting.ts';
import { PortalTrouble } from './trouble.ts';

const stepSeconds = 30;
/** A code entered with less time left than this may reach the portal too late. */
const enoughSeconds = 3;

/** Clocks of two workers may be so far apart: the other one may already be in the next half minute. */
const apartSeconds = 5;

/** Timers may fire a millisecond before their time. */
const earlyMilliseconds = 10;

/**
 * TOTP codes (RFC 6238: SHA-1, 6 digits, 30 seconds). Each code is used once, because portals refuse a used code. The
 * session before, on any worker, may have used the code of the half minute in which this object was made: the first
 * code is that of the next one.
 */
export class OneTimeCodes {
  readonly #totp: TOTP | undefined;
  #lastStep = stepOf(Date.now() + apartSeconds * 1000);
  #lastCode: string | undefined;

  constructor(secret: string | undefined) {
    this.#totp = secret === undefined ? undefined : totpOf(secret);
  }

  /** The last code that was used, so that evidence can hide it. */
  get lastCode(): string | undefined {
    return this.#lastCode;
  }

  async next(halt: AbortSignal): Promise<string> {
    if (this.#totp === undefined) {
      throw new PortalTrouble(
        'PortalMfaRequired',
        'The portal asks for a one-time code, and no TOTP secret is set.',
      );
    }
    const wait = millisecondsToWait(Date.now(), this.#lastStep);
    if (wait > 0) await pause(wait + earlyMilliseconds, halt);
    const now = Date.now();
    this.#lastStep = stepOf(now);
    this.#lastCode = this.#totp.generate({ timestamp: now });
    return this.#lastCode;
  }
}

function totpOf(secret: string): TOTP {
  try {
    return new TOTP({ secret: Secret.fromBase32(secret.replaceAll(/\s/g, '')), period: stepSeconds });
  } catch (error) {
    throw new PortalTrouble('PortalMfaRequired', 'The TOTP secret is not in base 32.', {
      hint: 'Copy the secret (letters A–Z, digits 2–7) that the portal shows when the second factor is set up.',
      cause: error,
    });
  }
}

function stepOf(now: number): number {
  return Math.floor(now / (stepSeconds * 1000));
}

/** How long until an unused code with enough time left is available. */
export function millisecondsToWait(now: number, lastStep: number): number {
  const stepMilliseconds = stepSeconds * 1000;
  const untilUnused = (lastStep + 1) * stepMilliseconds - now;
  // Longer only if the clock was set back.
  if (untilUnused > 0) return Math.min(untilUnused, 2 * stepMilliseconds);
  const untilNext = (stepOf(now) + 1) * stepMilliseconds - now;
  return untilNext < enoughSeconds * 1000 ? untilNext : 0;
}
