import { z } from 'zod';

/** How a sealing key was made, as it stands beside what it seals. The cost is bounded, since whoever could write there chose it. */
export const keyDerivation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('key') }),
  z.strictObject({
    kind: z.literal('scrypt'),
    salt: z.base64().length(24),
    cost: z.union([z.literal(2 ** 15), z.literal(2 ** 16), z.literal(2 ** 17)]),
  }),
]);
export type KeyDerivation = z.infer<typeof keyDerivation>;

/** What `main/files/sealed.ts` seals: one JSON object, whose format says what is inside. */
export const sealed = z.strictObject({
  format: z.string().regex(/^culvert-[a-z]+-[1-9][0-9]*$/),
  key: keyDerivation,
  nonce: z.base64().length(16),
  sealed: z.base64(),
});
export type Sealed = z.infer<typeof sealed>;
