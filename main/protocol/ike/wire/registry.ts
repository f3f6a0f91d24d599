import { registry } from './named.ts';

/**
 * Assigned numbers of ISAKMP, IKEv1 and the IPsec DOI: RFC 2407 §4, RFC 2408 §3.1, RFC 2409 Appendix A, and IANA's
 * registries "isakmp-registry" and "ipsec-registry". Names of algorithms and groups are those of the crypto port.
 */

export const exchanges = registry({
  base: 1,
  mainMode: 2, // "identity protection" in RFC 2408
  authenticationOnly: 3,
  aggressive: 4,
  informational: 5,
  transaction: 6, // mode config and XAUTH
  quickMode: 32,
  newGroup: 33,
});

/** RFC 2407 §4.4.1 */
export const protocols = registry({ isakmp: 1, ah: 2, esp: 3, ipcomp: 4 });

// ── Phase 1 attributes: RFC 2409 Appendix A ─────────────────────────────────────────────────────────────────────────

export const ikeCiphers = registry({
  'des-cbc': 1,
  'idea-cbc': 2,
  'blowfish-cbc': 3,
  'rc5-cbc': 4,
  '3des-cbc': 5,
  'cast-cbc': 6,
  'aes-cbc': 7,
  'camellia-cbc': 8,
});

export const ikeHashes = registry({ md5: 1, sha1: 2, tiger: 3, sha256: 4, sha384: 5, sha512: 6 });

export const groups = registry({
  modp768: 1,
  modp1024: 2,
  ec2n155: 3,
  ec2n185: 4,
  modp1536: 5,
  modp2048: 14,
  modp3072: 15,
  modp4096: 16,
  modp6144: 17,
  modp8192: 18,
  ecp256: 19,
  ecp384: 20,
  ecp521: 21,
  modp1024s160: 22,
  modp2048s224: 23,
  modp2048s256: 24,
  ecp192: 25,
  ecp224: 26,
  curve25519: 31,
  curve448: 32,
});

export const authenticationMethods = registry({
  psk: 1,
  dss: 2,
  rsa: 3,
  'rsa-encryption': 4,
  'rsa-revised-encryption': 5,
  ecdsa256: 9, // RFC 4754
  ecdsa384: 10,
  ecdsa521: 11,
  'hybrid-initiator-rsa': 64221, // draft-ietf-ipsec-isakmp-hybrid-auth
  'hybrid-responder-rsa': 64222,
  'xauth-initiator-psk': 65001, // draft-ietf-ipsec-isakmp-xauth
  'xauth-responder-psk': 65002,
  'xauth-initiator-rsa': 65005,
  'xauth-responder-rsa': 65006,
});

/** The one phase 1 transform (RFC 2407 §4.4.2). */
export const ikeTransforms = registry({ keyIke: 1 });

// ── Phase 2: RFC 2407 §4.4.4 and §4.5 ───────────────────────────────────────────────────────────────────────────────

export const espTransforms = registry({
  'des-cbc-iv64': 1,
  'des-cbc': 2,
  '3des-cbc': 3,
  'rc5-cbc': 4,
  'idea-cbc': 5,
  'cast-cbc': 6,
  'blowfish-cbc': 7,
  '3idea': 8,
  'des-cbc-iv32': 9,
  rc4: 10,
  null: 11,
  'aes-cbc': 12,
  'aes-ctr': 13,
  'aes-ccm-8': 14,
  'aes-ccm-12': 15,
  'aes-ccm-16': 16,
  'aes-gcm-8': 18,
  'aes-gcm-12': 19,
  'aes-gcm-16': 20,
  'camellia-cbc': 22,
  'null-aes-gmac': 23,
});

export const espIntegrities = registry({
  'hmac-md5-96': 1,
  'hmac-sha1-96': 2,
  'des-mac': 3,
  kpdk: 4,
  'hmac-sha256-128': 5,
  'hmac-sha384-192': 6,
  'hmac-sha512-256': 7,
  'hmac-ripemd-96': 8,
  'aes-xcbc-96': 9,
});

export const encapsulationModes = registry({
  tunnel: 1,
  transport: 2,
  udpTunnel: 3, // RFC 3947 §5.1
  udpTransport: 4,
  udpTunnelDraft: 61443, // draft-ietf-ipsec-nat-t-ike-02 and -03
  udpTransportDraft: 61444,
});

/** RFC 2407 §4.5 and RFC 2409 Appendix A: the same two units in both phases. */
export const lifeTypes = registry({ seconds: 1, kilobytes: 2 });

// ── Payload contents ────────────────────────────────────────────────────────────────────────────────────────────────

/** RFC 2407 §4.6.2.1 */
export const identityTypes = registry({
  ipv4: 1,
  fqdn: 2,
  userFqdn: 3,
  ipv4Subnet: 4,
  ipv6: 5,
  ipv6Subnet: 6,
  ipv4Range: 7,
  ipv6Range: 8,
  derAsn1Dn: 9,
  derAsn1Gn: 10,
  keyId: 11,
});

/** RFC 2408 §3.9 */
export const certificateEncodings = registry({
  none: 0,
  pkcs7: 1,
  pgp: 2,
  dnsSignedKey: 3,
  x509Signature: 4,
  x509KeyExchange: 5,
  kerberosTokens: 6,
  crl: 7,
  arl: 8,
  spki: 9,
  x509Attribute: 10,
});

/** RFC 2408 §3.14.1 (errors below 16384, then status), RFC 2407 §4.6.3, RFC 3706 §5.3. */
export const notifications = registry({
  invalidPayloadType: 1,
  doiNotSupported: 2,
  situationNotSupported: 3,
  invalidCookie: 4,
  invalidMajorVersion: 5,
  invalidMinorVersion: 6,
  invalidExchangeType: 7,
  invalidFlags: 8,
  invalidMessageId: 9,
  invalidProtocolId: 10,
  invalidSpi: 11,
  invalidTransformId: 12,
  attributesNotSupported: 13,
  noProposalChosen: 14,
  badProposalSyntax: 15,
  payloadMalformed: 16,
  invalidKeyInformation: 17,
  invalidIdInformation: 18,
  invalidCertEncoding: 19,
  invalidCertificate: 20,
  certTypeUnsupported: 21,
  invalidCertAuthority: 22,
  invalidHashInformation: 23,
  authenticationFailed: 24,
  invalidSignature: 25,
  addressNotification: 26,
  notifySaLifetime: 27,
  certificateUnavailable: 28,
  unsupportedExchangeType: 29,
  unequalPayloadLengths: 30,
  connected: 16384,
  responderLifetime: 24576,
  replayStatus: 24577,
  initialContact: 24578,
  areYouThere: 36136, // R-U-THERE
  areYouThereAck: 36137, // R-U-THERE-ACK
  unityLoadBalance: 40501,
});

export type ExchangeName = keyof typeof exchanges.numbers;
export type NotificationName = keyof typeof notifications.numbers;

/** Whether a notification reports a failure; the rest report status (RFC 2408 §3.14.1). */
export function isErrorNotification(type: NotificationName | number): boolean {
  return notifications.number(type) < 16384;
}
