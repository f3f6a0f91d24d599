export {
  openCertificateAuthority,
  type AuthorityFailure,
  type AuthorityResult,
  type AuthorityState,
  type CertificateAuthority,
} from './authority.ts';
export { expiring, isCurrent } from './issued.ts';
export { CertificateKeeper } from './keeper.ts';
