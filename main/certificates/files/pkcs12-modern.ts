import { createHash } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import type { Secret } from '../../contracts/secret.ts';

/** PKCS#12 as OpenSSL 3, Windows 10 and the current macOS write it: PBES2 with AES-256, a MAC with SHA-256; keys of every kind. */

const keyRounds = 100_000;
/** In JavaScript, so fewer: the MAC says that nothing was changed, and guards no key. */
const macRounds = 10_000;

const bagIds = { shroudedKey: '1.2.840.113549.1.12.10.1.2', certificate: '1.2.840.113549.1.12.10.1.3' } as const;
const attributeIds = { friendlyName: '1.2.840.113549.1.9.20', localKeyId: '1.2.840.113549.1.9.21' } as const;

/** @param key  PKCS#8 @param chain  its own certificate first @returns DER */
export async function writePkcs12(
  key: Secret,
  chain: readonly Uint8Array[],
  passphrase: Secret<string>,
  name: string,
): Promise<Uint8Array> {
  const password = arrayBuffer(Buffer.from(passphrase.expose(), 'utf8'));
  const encryption = {
    password,
    // pkijs makes the initialisation vector anew for each thing that it encrypts.
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256, iv: new Uint8Array(16) },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: keyRounds,
  };
  const attributes = attributesFor(chain[0] ?? new Uint8Array(), name);
  const keyBag = new pkijs.PKCS8ShroudedKeyBag({
    parsedValue: pkijs.PrivateKeyInfo.fromBER(Uint8Array.from(key.expose())),
  });
  await keyBag.makeInternalValues(encryption);
  // pkijs cuts what is longer than 1 KB to pieces (BER), which is more than many readers expect here.
  keyBag.encryptedData = new asn1js.OctetString({ valueHex: keyBag.encryptedData.getValue() });
  const keys = [new pkijs.SafeBag({ bagId: bagIds.shroudedKey, bagValue: keyBag, bagAttributes: attributes })];
  const certificates = chain.map((der, place) => {
    const bagValue = new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(Uint8Array.from(der)) });
    return new pkijs.SafeBag({
      bagId: bagIds.certificate,
      bagValue,
      ...(place === 0 && { bagAttributes: attributes }),
    });
  });
  const safes = [
    // The keys are encrypted already; the certificates are, so that nobody sees whose they are.
    { privacyMode: 0, value: new pkijs.SafeContents({ safeBags: keys }) },
    { privacyMode: 1, value: new pkijs.SafeContents({ safeBags: certificates }) },
  ];
  const authenticatedSafe = new pkijs.AuthenticatedSafe({ parsedValue: { safeContents: safes } });
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, encryption] });
  const file = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
  await file.makeInternalValues({
    password,
    iterations: macRounds,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  });
  return new Uint8Array(file.toSchema().toBER());
}

/** By these a reader finds the certificate of a key, and what to call both. */
function attributesFor(certificate: Uint8Array, name: string): pkijs.Attribute[] {
  const keyId = createHash('sha1').update(certificate).digest();
  return [
    new pkijs.Attribute({ type: attributeIds.friendlyName, values: [new asn1js.BmpString({ value: name })] }),
    new pkijs.Attribute({
      type: attributeIds.localKeyId,
      values: [new asn1js.OctetString({ valueHex: arrayBuffer(keyId) })],
    }),
  ];
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
