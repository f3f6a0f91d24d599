import type { HostConfig } from '../../contracts/host-config.ts';
import { readServer } from '../ldap/connection/server.ts';
import { isFilter } from '../ldap/filter.ts';
import type { Finding } from './problem.ts';

type Rule = (ldap: NonNullable<HostConfig['ldap']>) => readonly Finding[];

const serversHaveTls: Rule = ({ servers, startTls }) =>
  servers.flatMap((name, i) => {
    const path = ['ldap', 'servers', i];
    const server = readServer(name);
    if (server === undefined) {
      return [{ path, what: 'is not the address of a server', fix: 'Write one such as "ldaps://ldap.example.com".' }];
    }
    if (startTls || server.tls === 'atOnce') return [];
    return [
      {
        path,
        what: 'is to be shown passwords without TLS',
        fix: 'Write ldaps://, or leave ldap.startTls switched on.',
      },
    ];
  });

const filterIsOne: Rule = ({ kind, search }) =>
  kind === 'activeDirectory' || !('filter' in search) || isFilter(search.filter)
    ? []
    : [
        {
          path: ['ldap', 'search', 'filter'],
          what: 'is not a filter of LDAP',
          fix: 'Check its parentheses; RFC 4515 describes filters, such as "(&(objectClass=person)(uid={user}))".',
        },
      ];

/** Active Directory lets nobody search who is nobody. */
const domainIsSearched: Rule = ({ kind, search: { bindDn } }) =>
  kind !== 'activeDirectory' || bindDn !== undefined
    ? []
    : [
        {
          path: ['ldap', 'search', 'bindDn'],
          what: 'is missing, and a domain tells nothing to a search by nobody',
          fix: 'Write an account of the domain that may read, such as "culvert@corp.example.com", and its bindPassword.',
        },
      ];

/** A name without a password is an anonymous bind that looks like another. */
const accountIsWhole: Rule = ({ search: { bindDn, bindPassword } }) => {
  if ((bindDn === undefined) === (bindPassword === undefined)) return [];
  const [there, missing] = bindDn === undefined ? ['bindPassword', 'bindDn'] : ['bindDn', 'bindPassword'];
  return [
    {
      path: ['ldap', 'search', there],
      what: `stands without ${missing}`,
      fix: 'Write both, or none for an anonymous search.',
    },
  ];
};

export const ldapRules = [serversHaveTls, filterIsOne, domainIsSearched, accountIsWhole].map(
  (rule) =>
    ({ ldap }: HostConfig): readonly Finding[] =>
      ldap === undefined ? [] : rule(ldap),
);
