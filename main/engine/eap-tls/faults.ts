/** Node's and OpenSSL's codes in words; of others, the code itself. */
const words: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet; look at the clock of this computer',
  CERT_REVOKED: 'the certificate is revoked',
  UNABLE_TO_GET_CRL:
    'it is not known whether the certificate is revoked: its authority has no list in the revocation file',
  CRL_HAS_EXPIRED: 'the revocation list is too old',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority that signed the certificate is not among those that are trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority that signed the certificate is not among those that are trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority that signed the certificate is not among those that are trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority that signed the certificate is not among those that are trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself',
  INVALID_PURPOSE: 'the certificate was made for something else',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is of another name',
  ERR_SSL_NO_SHARED_CIPHER: 'both sides have no cipher in common',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'both sides have no version of TLS in common',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not know the authority that signed the certificate',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'both sides have no version of TLS in common',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'it says that the certificate has expired',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'it says that the certificate is revoked',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'it does not accept the certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'it does not accept the certificate',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate',
};

export function describeTlsError(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return words[code] ?? (code === '' ? 'TLS could not begin' : code.toLowerCase().replaceAll('_', ' '));
}
