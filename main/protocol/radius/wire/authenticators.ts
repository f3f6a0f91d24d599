import type { CryptoPort } from '../../crypto.ts';
import { concat } from '../../wire/bytes.ts';
import { readRawAttributes, writeAttributes } from './attribute-codec.ts';
import { attributes, type AttributeValues } from './attributes.ts';
import { authenticatorBytes, codes, headerBytes, readPacket, writePacket, type Packet } from './packet.ts';

type Hashes = Pick<CryptoPort, 'hash' | 'hmac' | 'equal'>;
type Request = Pick<Packet, 'identifier' | 'authenticator'>;

const none = new Uint8Array(authenticatorBytes);
const authenticatorOffset = 4;

/**
 * RFC 2865 §3, RFC 3579 §3.2: the authenticator is random, and the Message-Authenticator protects the rest.
 * @throws WireError where a value does not fit.
 */
export function writeAccessRequest(
  crypto: Hashes,
  secret: Uint8Array,
  { identifier, authenticator }: Request,
  values: AttributeValues,
): Uint8Array {
  const code = codes.accessRequest;
  return signed(crypto, secret, { code, identifier, authenticator, attributes: withRoom(values) });
}

/** RFC 2866 §3. @throws WireError where a value does not fit. */
export function writeAccountingRequest(
  crypto: Hashes,
  secret: Uint8Array,
  identifier: number,
  values: AttributeValues,
): Uint8Array {
  const code = codes.accountingRequest;
  const plain = writePacket({ code, identifier, authenticator: none, attributes: writeAttributes(values) });
  return digested(crypto, secret, plain);
}

/** A CoA-Request or Disconnect-Request (RFC 5176 §2.3, §3.4). @throws WireError where a value does not fit. */
export function writeDynamicRequest(
  crypto: Hashes,
  secret: Uint8Array,
  { code, identifier }: Pick<Packet, 'code' | 'identifier'>,
  values: AttributeValues,
): Uint8Array {
  const plain = { code, identifier, authenticator: none, attributes: withRoom(values) };
  return digested(crypto, secret, signed(crypto, secret, plain));
}

/** The answer to `request`, with a Message-Authenticator. @throws WireError where a value does not fit. */
export function writeAnswer(
  crypto: Hashes,
  secret: Uint8Array,
  code: number,
  { identifier, authenticator }: Request,
  values: AttributeValues,
): Uint8Array {
  return digested(
    crypto,
    secret,
    signed(crypto, secret, { code, identifier, authenticator, attributes: withRoom(values) }),
  );
}

function withRoom(values: AttributeValues): Uint8Array {
  return writeAttributes({ ...values, messageAuthenticator: none });
}

/** Fills in the Message-Authenticator, which is first. */
function signed(crypto: Hashes, secret: Uint8Array, packet: Packet): Uint8Array {
  const bytes = writePacket(packet);
  bytes.set(crypto.hmac('md5', secret, bytes), headerBytes + 2);
  return bytes;
}

/** Replaces the authenticator field by the digest over the packet and the secret. */
function digested(crypto: Hashes, secret: Uint8Array, packet: Uint8Array): Uint8Array {
  const whole = packet.slice();
  whole.set(crypto.hash('md5', packet, secret), authenticatorOffset);
  return whole;
}

/** `forged`: the secret did not make it; `unsigned`: it has no Message-Authenticator. */
export type Flaw = 'forged' | 'unsigned';

/**
 * Judges an answer by the Response Authenticator (RFC 2865 §3) and the Message-Authenticator (RFC 3579 §3.2), where it
 * has one; `undefined`: ours. Constant in time over secrets.
 * @throws WireError where the packet cannot be read.
 */
export function judgeAnswer(
  crypto: Hashes,
  secret: Uint8Array,
  requestAuthenticator: Uint8Array,
  datagram: Uint8Array,
): Flaw | undefined {
  return judge(crypto, secret, requestAuthenticator, datagram);
}

/** As `judgeAnswer`, for requests whose authenticator is a digest: accounting, CoA, Disconnect. */
export function judgeDigestedRequest(crypto: Hashes, secret: Uint8Array, datagram: Uint8Array): Flaw | undefined {
  return judge(crypto, secret, none, datagram);
}

/** Judges an Access-Request, of which the Message-Authenticator alone tells anything. @throws WireError */
export function judgeAccessRequest(crypto: Hashes, secret: Uint8Array, datagram: Uint8Array): Flaw | undefined {
  const packet = readPacket(datagram);
  return judgeSignature(crypto, secret, packet);
}

function judge(crypto: Hashes, secret: Uint8Array, field: Uint8Array, datagram: Uint8Array): Flaw | undefined {
  const packet = readPacket(datagram);
  const asDigested = { ...packet, authenticator: field };
  if (!crypto.equal(crypto.hash('md5', writePacket(asDigested), secret), packet.authenticator)) return 'forged';
  return judgeSignature(crypto, secret, asDigested);
}

/** @param packet  with the authenticator over which the Message-Authenticator was made. */
function judgeSignature(crypto: Hashes, secret: Uint8Array, packet: Packet): Flaw | undefined {
  const [found, ...others] = readRawAttributes(packet.attributes).filter(
    ({ vendorId, type }) => vendorId === undefined && type === attributes.messageAuthenticator.type,
  );
  if (found === undefined) return 'unsigned';
  if (others.length > 0 || found.value.length !== authenticatorBytes) return 'forged';
  const { offset } = found;
  const blanked = concat(
    packet.attributes.subarray(0, offset),
    none,
    packet.attributes.subarray(offset + authenticatorBytes),
  );
  const expected = crypto.hmac('md5', secret, writePacket({ ...packet, attributes: blanked }));
  return crypto.equal(expected, found.value) ? undefined : 'forged';
}
