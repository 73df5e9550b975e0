import { Secret, TOTP } from 'otpauth';
import { pause } from './waiting.ts';
import { PortalTrouble } from './trouble.ts';

const stepSeconds = 30;
/** A code entered with less time left than this may reach the portal too late. */
const enoughSeconds = 3;

/**
 * TOTP codes (RFC 6238: SHA-1, 6 digits, 30 seconds). Each code is used once, because portals refuse a used code: a
 * second login within the same half minute waits for the next code.
 */
export class OneTimeCodes {
  readonly #totp: TOTP | undefined;
  #lastStep = -1;
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
    await pause(millisecondsToWait(Date.now(), this.#lastStep), halt);
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
  const untilNext = (stepOf(now) + 1) * stepSeconds * 1000 - now;
  return stepOf(now) === lastStep || untilNext < enoughSeconds * 1000 ? untilNext : 0;
}
