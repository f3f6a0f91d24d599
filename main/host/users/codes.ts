import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { HOTP, Secret as OtpSecret, TOTP } from 'otpauth';
import { z } from 'zod';
import { Secret } from '../../contracts/secret.ts';

/** One-time codes (RFC 6238: SHA-1, 6 digits, 30 s, which is what every application for them knows) and recovery codes. */

const stepMs = 30_000;
const digits = 6;
const secretBytes = 20;
const recoveryCodes = 10;
/** 80 bits each: nobody guesses one, so that a plain hash is enough. */
const recoveryBytes = 10;

export const storedCodes = z.strictObject({
  /** RFC 4648 §6 */
  secret: z.string().regex(/^[A-Z2-7]{16,128}$/),
  enrolledAt: z.iso.datetime(),
  /** The newest step whose code was taken: that and what is older is never taken again. */
  lastStep: z.int().min(0),
  /** SHA-256 of those that are left. */
  recovery: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(recoveryCodes),
});

/** A local user's second factor, as the store has it. */
export interface KnownCodes extends Omit<z.infer<typeof storedCodes>, 'secret'> {
  readonly secret: Secret<string>;
}

/** What was used up by a sign-in. */
export type UsedCode =
  { readonly kind: 'step'; readonly step: number } | { readonly kind: 'recovery'; readonly hash: string };

export interface Candidate {
  readonly step: number;
  readonly code: string;
}

/** The codes that are good at a moment, the clocks of both sides being `drift` steps apart at most. */
export function codesAt({ secret }: Pick<KnownCodes, 'secret'>, nowMs: number, drift: number): readonly Candidate[] {
  const now = Math.floor(nowMs / stepMs);
  const key = OtpSecret.fromBase32(secret.expose());
  return Array.from({ length: 2 * drift + 1 }, (_, i) => now - drift + i).map((step) => ({
    step,
    code: HOTP.generate({ secret: key, digits, counter: step }),
  }));
}

/** @param seconds  how far the clock of a telephone may be off */
export function driftSteps(seconds: number): number {
  return Math.ceil((seconds * 1000) / stepMs);
}

export interface Enrolment {
  readonly codes: KnownCodes;
  /** otpauth://, for a QR code. */
  readonly uri: Secret<string>;
  readonly recovery: readonly Secret<string>[];
}

export function newEnrolment(user: string, issuer: string, nowMs: number): Enrolment {
  const secret = new OtpSecret({ size: secretBytes });
  const uri = new TOTP({ issuer, label: user, secret, digits, period: stepMs / 1000 }).toString();
  const recovery = newRecovery(user);
  return {
    codes: {
      secret: new Secret(secret.base32),
      enrolledAt: new Date(nowMs).toISOString(),
      lastStep: 0,
      recovery: recovery.hashes,
    },
    uri: new Secret(uri),
    recovery: recovery.codes,
  };
}

/** Whoever has a first code has the secret: that code is used up by it. `undefined`: it is none of this moment. */
export function confirmed(enrolment: Enrolment, code: string, nowMs: number, drift: number): Enrolment | undefined {
  const { codes } = enrolment;
  const typed = Buffer.from(code.replaceAll(/\s/g, ''));
  const right = codesAt(codes, nowMs, drift).find(
    ({ code: own }) => own.length === typed.length && timingSafeEqual(Buffer.from(own), typed),
  );
  return right && { ...enrolment, codes: { ...codes, lastStep: right.step } };
}

export function newRecovery(user: string): {
  readonly codes: readonly Secret<string>[];
  readonly hashes: string[];
} {
  const plain = Array.from({ length: recoveryCodes }, () => {
    const text = new OtpSecret({ buffer: new Uint8Array(randomBytes(recoveryBytes)).buffer }).base32.toLowerCase();
    return (text.match(/.{4}/g) ?? []).join('-');
  });
  return { codes: plain.map((code) => new Secret(code)), hashes: plain.map((code) => recoveryHash(user, code)) };
}

/** Upper case, spaces and dashes are as the user likes them. */
export function recoveryHash(user: string, code: string): string {
  const plain = code.toLowerCase().replaceAll(/[^a-z2-7]/g, '');
  return createHash('sha256').update(`${user}\0${plain}`).digest('hex');
}
