/** Between the sessions and who judges and records: `openAuthority`. */
export { openAuthority } from './authority.ts';
export type {
  Authority,
  AuthorityEffect,
  AuthorityGround,
  AuthorityInput,
  ConfigurationChange,
  OpenAuthority,
} from './types.ts';
