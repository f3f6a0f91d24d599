export { issueCertificate, type Issuer } from './certificate.ts';
export type { Subject } from './forms.ts';
export { keyKinds, kindOf, newPrivateKey, type KeyKind } from './keys.ts';
export { issueRevocationList } from './list.ts';
