/** One server of a directory. TLS there is always: from the first byte on, or by StartTLS (RFC 4511 §4.14). */
export interface LdapServer {
  /** As configured. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: 'atOnce' | 'startTls';
}

const schemes = {
  'ldaps:': { tls: 'atOnce', port: 636 },
  'ldap:': { tls: 'startTls', port: 389 },
} as const;

/** @param name  such as `ldaps://ldap.example.com`; `undefined` where it is not an address of a server */
export function readServer(name: string): LdapServer | undefined {
  if (!URL.canParse(name)) return undefined;
  const { protocol, hostname, port } = new URL(name);
  if (protocol !== 'ldap:' && protocol !== 'ldaps:') return undefined;
  const scheme = schemes[protocol];
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') return undefined;
  return { name, host, port: port === '' ? scheme.port : Number(port), tls: scheme.tls };
}
