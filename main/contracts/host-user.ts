import { z } from 'zod';
import { entryName, instant, ipNetwork, ipv4Address, userName } from './host-forms.ts';

/** A user of the host's local store. What is shown and what is kept differ by the password alone. */

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as 08:00, or 24:00 for the end of the day');

const timeZone = z
  .string()
  .max(64)
  .refine((name) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
    } catch {
      return false;
    }
  }, 'expected a time zone such as Europe/Berlin');

/** When a user may be connected, by the clock of one place. A window whose end is not after its beginning ends on the next day. */
export const allowedHours = z.strictObject({
  timeZone,
  windows: z
    .array(z.strictObject({ days: z.array(z.enum(weekdays)).min(1).max(7), from: timeOfDay, to: timeOfDay }))
    .min(1)
    .max(64),
});

export const hostUser = z.strictObject({
  name: userName,
  disabled: z.boolean().default(false),
  /** The account ends. */
  expiresAt: instant.optional(),
  /** The password has to be changed at the next sign-in, or from a moment on. */
  mustChangePassword: z.boolean().default(false),
  passwordExpiresAt: instant.optional(),
  hours: allowedHours.optional(),
  groups: z.array(entryName).max(64).default([]),
  address: ipv4Address.optional(),
  networks: z.array(ipNetwork).max(256).default([]),
  sessions: z.int().min(1).max(1000).optional(),
  /** The user has a second factor: since when, and how many recovery codes are left. Changed by enrolling alone. */
  oneTimeCode: z.strictObject({ enrolledAt: z.iso.datetime(), recoveryCodes: z.int().min(0) }).exactOptional(),
});

/** MS-CHAPv2 needs the password itself or what is as good as it; a new one may have 256 UTF-16 units (RFC 2759 §7). */
export const hostPassword = z.string().min(1).max(256);

export const storedUser = hostUser.omit({ oneTimeCode: true }).extend({ password: hostPassword });

export type HostUser = z.infer<typeof hostUser>;
export type AllowedHours = z.infer<typeof allowedHours>;
