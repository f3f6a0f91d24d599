import { webcrypto } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

/** With RSA the parameters of a signature's algorithm are NULL (RFC 4055 §5), which the library leaves out: some take that for another algorithm. */
class SigningEngine extends pkijs.CryptoEngine {
  override async getSignatureParameters(
    key: webcrypto.CryptoKey,
    hash?: string,
  ): Promise<pkijs.CryptoEngineSignatureParams> {
    const made = await super.getSignatureParameters(key, hash);
    if (key.algorithm.name === 'RSASSA-PKCS1-v1_5') made.signatureAlgorithm.algorithmParams = new asn1js.Null();
    return made;
  }
}

export const signingEngine = new SigningEngine({ name: 'culvert', crypto: webcrypto as never });
