import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signingKey, verifyingKey } from '../../main/engine/crypto/signatures.ts';
import type { SignatureMethod } from '../../main/protocol/crypto.ts';
import type {
  CertificateFacts,
  Identity,
  OwnCertificate,
  PeerVerdict,
  PresentedCertificate,
} from '../../main/protocol/ike/index.ts';
import { latin1, toHex } from '../../main/protocol/wire/bytes.ts';

/** Somebody with a key and a certificate. The machine never reads a certificate, so that any bytes will do for one. */
export interface Signer {
  readonly own: OwnCertificate;
  readonly facts: CertificateFacts;
  readonly accepted: PeerVerdict;
}

const curves = { ecdsa256: 'P-256', ecdsa384: 'P-384', ecdsa521: 'P-521' } as const;
export const methods: readonly SignatureMethod[] = ['rsa', 'ecdsa256', 'ecdsa384', 'ecdsa521'];

/** Making keys is what costs time: each is made once. */
const made = new Map<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>();

function pairOf(method: SignatureMethod, name: string) {
  const key = `${method} ${name}`;
  const pair =
    made.get(key) ??
    (method === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: curves[method] }));
  made.set(key, pair);
  return pair;
}

export function signer(name: string, method: SignatureMethod = 'ecdsa256', chainBytes = 900): Signer {
  const { privateKey, publicKey } = pairOf(method, name);
  const [key, verifying] = [signingKey(privateKey), verifyingKey(publicKey)];
  if (key === undefined || verifying === undefined) throw new Error(`no key of ${method}`);
  const leaf = latin1(`${name} ${method}`.padEnd(chainBytes, '.'));
  const identity: Identity = { type: 'distinguishedName', der: latin1(`CN=${name}`) };
  const facts = {
    fingerprint: name,
    subject: `CN=${name}`,
    commonNames: [name],
    issuer: 'CN=ca',
    names: [name],
    notAfter: '2099-01-01',
  };
  return {
    own: { key, chain: [leaf, latin1('intermediate'.padEnd(800, '.'))], identity },
    facts,
    accepted: { ok: true, publicKey: verifying, certificate: facts },
  };
}

/** Believes these, by their certificate's bytes. */
export function believing(...signers: readonly Signer[]) {
  return ({ certificates }: { readonly certificates: readonly PresentedCertificate[] }): PeerVerdict => {
    const [leaf] = certificates;
    const known = signers.find(
      ({ own }) => leaf !== undefined && toHex(own.chain[0] ?? new Uint8Array()) === toHex(leaf.data),
    );
    return known?.accepted ?? { ok: false, reason: 'unknownAuthority', subject: 'CN=somebody', detail: 'is unknown' };
  };
}

export function certificates(...own: readonly Signer[]) {
  return { certificates: { own: own.map((each) => each.own), authorities: [latin1('CN=ca')], verdictMs: 10_000 } };
}
