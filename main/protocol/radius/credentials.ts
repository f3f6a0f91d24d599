import type { VerifyRequest } from '../ppp/index.ts';
import { WireError } from '../wire/error.ts';
import { pieces } from './wire/attribute-codec.ts';
import type { AttributeValues } from './wire/attributes.ts';
import { hidePassword, type PasswordVeil } from './wire/password.ts';

const reserved = new Uint8Array(8);
/** RFC 2548 §2.1.9: what four bytes of header leave of a vendor's attribute. */
const longestPasswordPieceBytes = 243;
/** RFC 2548 §2.2.4, §2.1.9. */
const changePasswordCode = 7;
const encryptedPasswordCode = 6;

/**
 * What the peer proved itself with, as RADIUS carries it. The user name goes verbatim.
 * @throws WireError where a PAP password is longer than 128 bytes, and for what RADIUS has no words.
 */
export function credentialAttributes(credentials: VerifyRequest, veil: PasswordVeil): AttributeValues {
  return { userName: credentials.userName, ...proof(credentials, veil) };
}

function proof(credentials: VerifyRequest, veil: PasswordVeil): AttributeValues {
  switch (credentials.method) {
    case 'eap':
      // RFC 3579 §2.2, §2.4: as it came; the server must not answer more than the link carries.
      return { eapMessage: credentials.message, framedMtu: credentials.mtuBytes };
    case 'eap-tls':
      throw new WireError('wire.value', 0, 'a certificate that is verified already');
    case 'pap':
      return { userPassword: hidePassword(credentials.password, veil) };
    case 'chap-md5': {
      const { identifier, challenge, response } = credentials;
      return { chapPassword: { identifier, response }, chapChallenge: challenge };
    }
    case 'mschapv2': {
      const { identifier, authenticatorChallenge, peerChallenge, ntResponse } = credentials;
      return {
        msChapChallenge: authenticatorChallenge,
        msChap2Response: { identifier, flags: 0, peerChallenge, reserved, ntResponse },
      };
    }
    case 'mschapv2-change': {
      const { identifier, authenticatorChallenge, peerChallenge, ntResponse, encryptedPassword, encryptedHash } =
        credentials;
      const change = { code: changePasswordCode, identifier, encryptedHash, peerChallenge, reserved, ntResponse };
      return {
        msChapChallenge: authenticatorChallenge,
        msChap2Cpw: { ...change, flags: 0 },
        msChapNtEncPw: pieces(encryptedPassword, longestPasswordPieceBytes).map((piece, i) => {
          return { code: encryptedPasswordCode, identifier, sequence: i + 1, piece };
        }),
      };
    }
  }
}
