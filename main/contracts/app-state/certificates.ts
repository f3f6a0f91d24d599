import { z } from 'zod';
import { storedCertificate } from '../certificates.ts';

/** A certificate of the user's, as the window shows it: nothing of its private key. */
const certificateEntry = z.strictObject({
  ...storedCertificate.shape,
  /** Profiles that go by it; of an authority, those that believe it. */
  usedBy: z.array(z.string()),
  /** Whoever names it by its name means it now, and none of the others of that name. */
  isMeantByName: z.boolean(),
});

export const certificatesSlice = z.strictObject({
  /** When it was looked at: what that means for each is judged by it. Milliseconds since 1970. */
  at: z.number(),
  entries: z.array(certificateEntry),
  /** Files that cannot be used, and are left alone. */
  damaged: z.array(z.string()),
});

export type CertificateEntry = z.infer<typeof certificateEntry>;
export type CertificatesSlice = z.infer<typeof certificatesSlice>;
