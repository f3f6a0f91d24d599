import type { KeyObject } from 'node:crypto';
import * as pkijs from 'pkijs';
import { alternativeNames, subjectName, type Subject } from './forms.ts';
import { publicKeyDer, signingKey } from './keys.ts';
import { signingEngine } from './engine.ts';

const extensionRequest = '1.2.840.113549.1.9.14';

/** A request for a certificate (PKCS #10, RFC 2986), for an authority elsewhere. @returns DER */
export async function certificateRequest(
  key: KeyObject,
  subject: Subject,
  names: readonly string[],
): Promise<Uint8Array> {
  const request = new pkijs.CertificationRequest({
    version: 0,
    subject: subjectName(subject),
    subjectPublicKeyInfo: pkijs.PublicKeyInfo.fromBER(publicKeyDer(key)),
    attributes: [],
  });
  const asked = alternativeNames(names);
  if (asked !== undefined) {
    const extensions = new pkijs.Extensions({ extensions: [asked] }).toSchema();
    request.attributes = [new pkijs.Attribute({ type: extensionRequest, values: [extensions] })];
  }
  await request.sign(await signingKey(key), 'SHA-256', signingEngine);
  return new Uint8Array(request.toSchema(true).toBER());
}
