/** Between the sessions and who judges and records: `openAuthority`. */
export type {
  Authority,
  AuthorityEffect,
  AuthorityGround,
  AuthorityInput,
  AuthorityOptions,
  ConfigurationChange,
  OpenAuthority,
} from './types.ts';
