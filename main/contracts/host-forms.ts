import { z } from 'zod';
import { Secret } from './secret.ts';

/** The small forms that the host's configuration, its users and its audit log are made of. */

export const ipv4Address = z.ipv4('expected an IPv4 address such as 10.99.0.1');
export const ipAddress = z.union([z.ipv4(), z.ipv6()], 'expected an address such as 10.20.0.1');
export const ipNetwork = z.union([z.cidrv4(), z.cidrv6()], 'expected a network such as 10.20.0.0/16');

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const dotted = `${octet}(\\.${octet}){3}`;

/** `first-last`, `network/length` (without its network and broadcast addresses), or one address. */
export const ipv4Range = z
  .string()
  .regex(
    new RegExp(`^${dotted}(-${dotted}|/(3[0-2]|[12]?\\d))?$`),
    'expected first-last such as 10.99.0.10-10.99.0.250, a network such as 10.99.0.0/24, or one address',
  );

/** What clients reach a host by. */
export const clientServer = z.union(
  [
    z
      .string()
      .max(253)
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i),
    z.ipv6(),
  ],
  'expected a host name such as vpn.example.com, or an address',
);

/** It begins with a letter, since objects in JSON put names that are numbers first, and the order of groups counts. */
export const entryName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'expected a letter, then letters, digits, - and _ (at most 63)');

/** A user's name, kept and compared exactly as written: `domain\user`, `user@realm`. */
export const userName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}\p{Surrogate}]+$/u, 'expected text without control characters');

export const portRange = z
  .string()
  .regex(/^\d{1,5}(-\d{1,5})?$/, 'expected a port such as "443", or ports such as "8000-8100"')
  .refine((text) => {
    const [first = 0, last = first] = text.split('-').map(Number);
    return first >= 1 && first <= last && last <= 65535;
  }, 'expected ports between 1 and 65535, the lower one first');

/** An instant with its offset, so that it means the same on every machine. */
export const instant = z.iso.datetime({
  offset: true,
  error: 'expected a time with its offset such as 2027-01-31T18:00:00+01:00',
});

export const port = (standard: number, what: string) => z.int().min(1).max(65535).default(standard).describe(what);

/** Where a secret is: in the configuration itself, or in a file beside it. */
export type SecretReference =
  { readonly kind: 'inline'; readonly text: Secret<string> } | { readonly kind: 'file'; readonly file: string };

export const hostSecret = z.union(
  [
    z
      .string()
      .min(1)
      .max(1024)
      .transform((text): SecretReference => ({ kind: 'inline', text: new Secret(text) }))
      .describe('The secret itself; only where the configuration is readable by its owner alone.'),
    z
      .strictObject({
        file: z.string().min(1).max(4096).describe('A file that holds the secret; one line end is ignored.'),
      })
      .transform(({ file }): SecretReference => ({ kind: 'file', file })),
  ],
  'expected { "file": "path" }, or text',
);

/** A secret on its way between processes: it prints at neither end. */
export const secretText = (text: z.ZodString) =>
  z.codec(text, z.instanceof(Secret<string>), {
    decode: (typed) => new Secret(typed),
    encode: (secret) => secret.expose(),
  });
