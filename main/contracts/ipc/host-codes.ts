import { z } from 'zod';
import { userName } from '../host-forms.ts';
import { call, nothing } from './call.ts';

/** One-time codes of the host's local users. What is answered is shown once, and kept nowhere. */

const forUser = z.strictObject({ name: userName });
const recoveryCode = z.string().regex(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
const recoveryCodes = z.array(recoveryCode).min(1).max(32);

export const hostCodeCalls = {
  /** A new secret for an application on a telephone: as text, and as the rows of a QR code. The user has it once it is confirmed. */
  'host.beginEnrolment': call(forUser, z.strictObject({ secret: z.string(), code: z.array(z.string()).max(177) })),
  /** The first code that the application shows. From then on the user needs codes, in place of those of before. */
  'host.confirmEnrolment': call(
    z.strictObject({ name: userName, code: z.string().min(1).max(32) }),
    z.strictObject({ recovery: recoveryCodes }),
  ),
  /** Whether clients that know how are asked for the code; the others type it behind the password. */
  'host.codesAsked': call(nothing, z.strictObject({ asked: z.boolean() })),
  'host.askForCodes': call(z.strictObject({ asked: z.boolean() }), nothing),
  'host.removeCodes': call(forUser, nothing),
  /** Those of before are worth nothing. */
  'host.renewRecovery': call(forUser, z.strictObject({ recovery: recoveryCodes })),
  /** Asks where to, and writes them there. Undefined where the user cancelled. */
  'host.saveRecoveryCodes': call(z.strictObject({ name: userName, recovery: recoveryCodes }), z.string().optional()),
} as const;
