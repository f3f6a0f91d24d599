import { z } from 'zod';
import { newRequest, storedCertificate } from '../certificates.ts';
import { secretText } from '../prompt.ts';
import { call, nothing } from './call.ts';

const named = z.strictObject({ id: storedCertificate.shape.id });

/** What came of a file that was chosen. `passphrase`: it is held until its passphrase comes. `names`: what is in the list now. */
const importing = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('cancelled') }),
  z.strictObject({ at: z.literal('passphrase'), file: z.string() }),
  z.strictObject({ at: z.literal('imported'), names: z.array(z.string()) }),
]);

/** Files are chosen in the system's own dialogs and read by the program: the window sees neither paths nor what is in them. */
export const certificateCalls = {
  /** Asks for a file with a certificate, or two: with its private key. */
  'certificates.choose': call(nothing, importing),
  'certificates.open': call(z.strictObject({ passphrase: secretText }), importing),
  'certificates.drop': call(nothing, nothing),
  /** Asks for a place, then makes a key that stays here and writes the request there. False: the user chose no place. */
  'certificates.request': call(newRequest, z.boolean()),
  /** With its private key, as PKCS#12. `legacy`: with the encryption of old. */
  'certificates.export': call(
    z.strictObject({ ...named.shape, passphrase: secretText, encryption: z.enum(['modern', 'legacy']) }),
    z.boolean(),
  ),
  /** What is public of it, as PEM; of a request, the request. */
  'certificates.exportPublic': call(named, z.boolean()),
  'certificates.remove': call(named, nothing),
} as const;
