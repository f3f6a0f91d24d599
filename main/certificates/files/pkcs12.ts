import { pbkdf2Sync } from 'node:crypto';
import forge from 'node-forge';
import { Secret } from '../../contracts/secret.ts';

/** PKCS#12 (RFC 7292), with the encryption of today and of old, through node-forge. Keys and certificates are DER. */

export interface Pkcs12Content {
  /** PKCS#8. */
  readonly keys: readonly Secret[];
  readonly certificates: readonly Uint8Array[];
}

export type Pkcs12Result =
  | { readonly ok: true; readonly content: Pkcs12Content }
  | { readonly ok: false; readonly reason: 'malformed' | 'wrongPassphrase'; readonly detail: string };

/**
 * Rounds of key derivation in a file: who wrote it chose how long reading it takes. Java's files have the most, some 60 000 in all.
 */
const mostRounds = 400_000;

class TooManyRounds extends Error {
  override readonly name = 'TooManyRounds';
}

/** Of the file that is being read: what stands in its encrypted parts is seen only once they are open. */
let roundsLeft = 0;

function spend(rounds: number): void {
  roundsLeft -= rounds;
  if (!(roundsLeft >= 0)) throw new TooManyRounds();
}

/** What the library derives keys of encrypted parts with; its types know the first alone. */
const derivations = forge.pki as unknown as {
  readonly pbe: {
    readonly generatePkcs12Key: (
      password: string | null | undefined,
      salt: forge.util.ByteBuffer,
      id: number,
      rounds: number,
      ...rest: readonly unknown[]
    ) => forge.util.ByteBuffer;
  };
};
const ofOld = derivations.pbe.generatePkcs12Key;

// The library's own PBKDF2 is in JavaScript, and takes seconds for what the runtime does in a tenth of one.
Object.assign(forge.pkcs5, {
  pbkdf2: (
    password: string,
    salt: string,
    rounds: number,
    bytes: number,
    digest: { readonly algorithm: string } | null,
  ) => {
    spend(rounds);
    return pbkdf2Sync(
      Buffer.from(password, 'latin1'),
      Buffer.from(salt, 'latin1'),
      rounds,
      bytes,
      digest?.algorithm ?? 'sha1',
    ).toString('latin1');
  },
});
Object.assign(derivations.pbe, {
  generatePkcs12Key: (...all: Parameters<typeof ofOld>) => {
    spend(all[3]);
    return ofOld(...all);
  },
});

/** @param passphrase  empty for a file without one */
export function readPkcs12(bytes: Uint8Array, passphrase: Secret<string>): Pkcs12Result {
  try {
    const outer = forge.asn1.fromDer(binary(bytes), false);
    if (roundsIn(outer, 0) > mostRounds) throw new TooManyRounds();
    // Key and initialisation vector of the encryption of old are derived apart, and a passphrase is tried in two forms.
    roundsLeft = 4 * mostRounds;
    const bags = open(outer, passphrase.expose()).safeContents.flatMap(({ safeBags }) => safeBags);
    return { ok: true, content: { keys: bags.flatMap(keyOf), certificates: bags.flatMap(certificateOf) } };
  } catch (error) {
    if (error instanceof TooManyRounds) {
      return { ok: false, reason: 'malformed', detail: `its key takes more than ${mostRounds} rounds to derive` };
    }
    const text = error instanceof Error ? error.message : '';
    // The library says it in words only; what it says besides may quote the file.
    const isWrong = /password|decrypt/i.test(text);
    return isWrong
      ? { ok: false, reason: 'wrongPassphrase', detail: 'the passphrase does not fit' }
      : { ok: false, reason: 'malformed', detail: 'it is not a PKCS#12 file' };
  }
}

/**
 * A passphrase is UTF-16 to the MAC and to the encryption of old, and UTF-8 to that of today (RFC 7292 Appendix B.1, RFC 8018 §3),
 * which the library does not know: it takes characters for bytes.
 */
function open(outer: forge.asn1.Asn1, passphrase: string): forge.pkcs12.Pkcs12Pfx {
  const asBytes = binary(Buffer.from(passphrase, 'utf8'));
  try {
    return forge.pkcs12.pkcs12FromAsn1(outer, false, passphrase);
  } catch (error) {
    const isMacWrong = error instanceof Error && error.message.includes('MAC');
    if (isMacWrong || asBytes === passphrase || !Array.isArray(outer.value)) throw error;
    // The MAC was right: without it the library asks for no other.
    return forge.pkcs12.pkcs12FromAsn1({ ...outer, value: outer.value.slice(0, 2) }, false, asBytes);
  }
}

const { oids } = forge.pki;

function keyOf(bag: forge.pkcs12.Bag): readonly Secret[] {
  if (bag.type !== oids['pkcs8ShroudedKeyBag'] && bag.type !== oids['keyBag']) return [];
  // Keys that the library does not know come as they are, and are PKCS#8 already.
  const pkcs8 = bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1;
  return [new Secret(derOf(pkcs8))];
}

function certificateOf(bag: forge.pkcs12.Bag): readonly Uint8Array[] {
  if (bag.type !== oids['certBag']) return [];
  return [derOf(bag.cert ? asIssued(bag.cert) : bag.asn1)];
}

/** The library would write the algorithm of the signature in its own way, and so another certificate than was issued. */
function asIssued({ tbsCertificate, signature }: forge.pki.Certificate): forge.asn1.Asn1 {
  const { asn1 } = forge;
  const signed = tbsCertificate as forge.asn1.Asn1 & { readonly value: readonly forge.asn1.Asn1[] };
  // It stands twice (RFC 5280 §4.1.1.2), and is the first sequence of what was signed.
  const algorithm = signed.value.find(
    ({ tagClass, type }) => tagClass === asn1.Class.UNIVERSAL && type === asn1.Type.SEQUENCE,
  );
  if (algorithm === undefined) throw new Error('no algorithm');
  const bits = `\0${String(signature)}`;
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    signed,
    algorithm,
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, bits),
  ]);
}

/**
 * As Windows before 1709, macOS before 15 and iOS before 17 read it: 3DES and SHA-1.
 *
 * @param key  PKCS#8 @param chain  its own certificate first @throws where a key of the chain is no RSA key: readers of that time know no other
 */
export function writeLegacyPkcs12(
  key: Secret,
  chain: readonly Uint8Array[],
  passphrase: Secret<string>,
  name: string,
): Uint8Array {
  const privateKey = forge.pki.privateKeyFromAsn1(forge.asn1.fromDer(binary(key.expose())));
  roundsLeft = mostRounds;
  const certificates = chain.map((der) => forge.pki.certificateFromAsn1(forge.asn1.fromDer(binary(der))));
  const options = { algorithm: '3des', count: legacyRounds, friendlyName: name } as const;
  return derOf(forge.pkcs12.toPkcs12Asn1(privateKey, certificates, passphrase.expose(), options));
}

/** What readers of that time can be expected to do. */
const legacyRounds = 2048;

/** What a file asks for in all, as far as it can be seen from outside: parameters of key derivation are a salt and a number. */
function roundsIn(node: forge.asn1.Asn1, depth: number): number {
  if (depth > 24) return Infinity;
  if (typeof node.value === 'string') {
    if (node.type !== forge.asn1.Type.OCTETSTRING) return 0;
    const inner = innerOf(node.value);
    return inner === undefined ? 0 : roundsIn(inner, depth + 1);
  }
  const { OCTETSTRING, INTEGER } = forge.asn1.Type;
  const own = node.value.map((child, place) => {
    const before = node.value[place - 1];
    const isAfterSalt = typeof before === 'object' && before.type === OCTETSTRING && child.type === INTEGER;
    return isAfterSalt && typeof child.value === 'string' ? numberOf(child.value) : 0;
  });
  return [...own, ...node.value.map((child) => roundsIn(child, depth + 1))].reduce((sum, rounds) => sum + rounds, 0);
}

function innerOf(octets: string): forge.asn1.Asn1 | undefined {
  if (!octets.startsWith('\x30')) return undefined;
  try {
    return forge.asn1.fromDer(octets, false);
  } catch {
    return undefined;
  }
}

function numberOf(octets: string): number {
  return octets.length > 6 ? Infinity : Number.parseInt(forge.util.bytesToHex(octets), 16);
}

function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function derOf(asn1: forge.asn1.Asn1): Uint8Array {
  return new Uint8Array(Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1'));
}
