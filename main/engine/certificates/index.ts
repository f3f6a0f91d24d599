export { type CertificatePlaces, type ClientCertificates, clientCertificates } from './client.ts';
export { type ClientTls, clientTls, eapTlsCertificate, eapTlsMember } from './eap-tls.ts';
export { type Judge, judgeOf } from './judge.ts';
export { outOfTime, readOwnCertificate, type ReadyCertificate } from './own.ts';
export { readTrust } from './trust.ts';
