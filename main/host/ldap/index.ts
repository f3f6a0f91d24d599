/** A directory over LDAP: who a user is by search and bind, and which groups and address the entry names. */
export { configureLdap, type LdapConfig, type LdapSurroundings } from './configuration.ts';
export { Directory } from './directory.ts';
export { comparableName } from './names.ts';
export { printable } from './problem.ts';
export { readServer } from './connection/server.ts';
export { ldapRefusals, type DirectoryUser, type LdapOutcome, type LdapRefusal, type UserDirectory } from './outcome.ts';
