export { openCertificateAuthority, type AuthorityResult, type CertificateAuthority } from './authority.ts';
export { endingCertificates } from './ending.ts';
export { isCurrent } from './issued.ts';
export { CertificateKeeper } from './keeper.ts';
