export {
  openCertificateAuthority,
  type AuthorityResult,
  type AuthorityState,
  type CertificateAuthority,
} from './authority.ts';
export { issueClientFile } from './client-file.ts';
export { endingCertificates, endingOwn } from './ending.ts';
export { fileNameOf } from './file-name.ts';
export { certificateEnds, isCurrent } from './issued.ts';
export { CertificateKeeper } from './keeper.ts';
