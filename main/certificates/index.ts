export { certificateFacts } from './facts.ts';
export { pemText } from './files/pem.ts';
export { writePkcs12File } from './files/write-pkcs12.ts';
export { largestFileBytes, loadOwnCertificate } from './own.ts';
export { authorityNames, unwrapCertificates } from './presented.ts';
export { openRevocationSources } from './revocation/sources.ts';
export { certificateMeant, shortestNumber } from './store/choice.ts';
export { storeFailure } from './store/failure.ts';
export { CertificateStore, holdsCertificate, type StoreFault, type StoreResult } from './store/store.ts';
export { readCertificateFile, readRevocationListFile, revocationListDates, type TrustFileResult } from './trust.ts';
export type {
  ExpectedPeer,
  OwnCertificate,
  OwnCertificateSource,
  PeerVerdict,
  RevocationSources,
  TrustSettings,
} from './types.ts';
export { verifyPeer } from './verify-peer.ts';
export { printable } from './x509/printable.ts';
