/** A directory over LDAP: who a user is by search and bind, and which groups and address the entry names. */
export { configureLdap, type LdapConfig, type LdapSettings, type LdapSurroundings } from './configuration.ts';
export { Directory } from './directory.ts';
export { comparableName } from './names.ts';
export { readServer } from './connection/server.ts';
export {
  ldapRefusals,
  ldapTroubles,
  type DirectoryUser,
  type LdapAnswer,
  type LdapOutcome,
  type LdapRefusal,
  type LdapTrouble,
  type ServerFailure,
  type UserDirectory,
} from './outcome.ts';
