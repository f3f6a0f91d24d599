import { z } from 'zod';
import { identity } from './profile.ts';
import { Secret } from './secret.ts';

/**
 * What the engine asks the user for, and waits: the same for the command line and the app. A prompt ends by its answer, by being
 * cancelled, or when its time is up; whoever shows it then takes it away. Texts that a gateway sent are shown as plain text.
 */

/** What a gateway said: no control characters, no lone surrogates, bounded. */
const heard = z.string().overwrite((text) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd').slice(0, 512));

/** A secret on its way between processes: it prints at neither end. */
export const secretText = z.codec(z.string().min(1).max(1024), z.instanceof(Secret<string>), {
  decode: (text) => new Secret(text),
  encode: (secret) => secret.expose(),
});

export const prompt = z.discriminatedUnion('kind', [
  /** `userName`: what was used so far. `rejected`: the gateway refused it, in these words if it said any. */
  z.strictObject({
    kind: z.literal('credentials'),
    userName: z.string().exactOptional(),
    wanted: z.array(z.enum(['userName', 'password', 'preSharedKey'])).min(1),
    rejected: heard.exactOptional(),
  }),
  /** The password has expired (MS-CHAPv2 E=648) and may be changed now. */
  z.strictObject({ kind: z.literal('newPassword'), userName: z.string(), text: heard }),
  /** The gateway calls itself something else than expected, or its certificate is not known. */
  z.strictObject({
    kind: z.literal('gatewayIdentity'),
    claimed: identity,
    expected: identity.exactOptional(),
    /** SHA-256 of the certificate, in hexadecimal, where there is one. */
    fingerprint: z.string().exactOptional(),
  }),
  /** A one-time code, or whatever else the gateway's text asks for. `masked`: as a password. */
  z.strictObject({ kind: z.literal('challenge'), text: heard, masked: z.boolean() }),
  /** A push: the user approves elsewhere; the only answer here is to cancel. */
  z.strictObject({ kind: z.literal('approval'), text: heard }),
  /** `isAgain`: the last one did not fit. */
  z.strictObject({
    kind: z.literal('certificatePassphrase'),
    file: z.string(),
    isAgain: z.literal(true).exactOptional(),
  }),
]);

/** How long each waits for the user. Seconds. */
export const promptSeconds: Readonly<Record<Prompt['kind'], number>> = {
  credentials: 300,
  newPassword: 120,
  gatewayIdentity: 120,
  challenge: 60,
  approval: 60,
  certificatePassphrase: 300,
};

export const promptKind = z.enum(Object.keys(promptSeconds) as [Prompt['kind'], ...Prompt['kind'][]]);

export const promptAnswer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('credentials'),
    userName: z.string().min(1).max(255).exactOptional(),
    password: secretText.exactOptional(),
    preSharedKey: secretText.exactOptional(),
    /** Keep what was typed in the keychain, once it was accepted. */
    remember: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('newPassword'), password: secretText, remember: z.boolean() }),
  /** Pins the claimed identity in the profile. */
  z.strictObject({ kind: z.literal('gatewayIdentity'), accept: z.literal(true) }),
  z.strictObject({ kind: z.literal('challenge'), response: secretText }),
  z.strictObject({ kind: z.literal('certificatePassphrase'), passphrase: secretText }),
]);

export type Prompt = z.infer<typeof prompt>;
/** While the gateway waits for the answer; all others come between two attempts. */
export type PromptInSession = Extract<Prompt, { kind: 'challenge' | 'approval' | 'newPassword' }>;
export type PromptAnswer = z.infer<typeof promptAnswer>;
