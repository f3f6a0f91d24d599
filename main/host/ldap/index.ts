/** A directory over LDAP: who a user is by search and bind, and which groups and address the entry names. */
export {
  ldapRefusals,
  ldapTroubles,
  type DirectoryUser,
  type LdapOutcome,
  type LdapRefusal,
  type LdapTrouble,
  type ServerFailure,
  type UserDirectory,
} from './outcome.ts';
