export { type ClientCertificates, clientCertificates } from './client.ts';
export { type Judge, judgeOf } from './judge.ts';
export { outOfTime, readOwnCertificate, type ReadyCertificate } from './own.ts';
export { readTrust } from './trust.ts';
