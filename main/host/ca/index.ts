export {
  newAuthority,
  openCertificateAuthority,
  type AuthorityResult,
  type AuthorityState,
  type CertificateAuthority,
} from './authority.ts';
export { clientFileName, issueClientFile } from './client-file.ts';
export { endingCertificates, endingOwn } from './ending.ts';
export { certificateEnds, isCurrent } from './issued.ts';
export { CertificateKeeper } from './keeper.ts';
