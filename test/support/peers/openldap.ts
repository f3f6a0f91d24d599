import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import type { Machine } from '../namespaces.ts';
import { run, start } from '../processes.ts';
import { removeScratch, scratchFolder } from '../scratch.ts';
import type { Certificate } from '../certificates.ts';

export const suffix = 'dc=example,dc=test';
export const people = `ou=people,${suffix}`;
export const reader = { dn: `cn=reader,${suffix}`, password: 'reader-pass' };
const adaDn = `cn=Ada\\, \\"the first\\" King,${people}`;
const admin = { dn: `cn=admin,${suffix}`, password: 'admin-pass' };

export interface OpenLdapOptions {
  /** Absent: it refuses StartTLS, and nothing listens on `ldapsPort`. */
  readonly certificate?: Certificate;
  /** On whose loopback it is; absent: on that of who runs the tests. */
  readonly on?: Machine;
}

export interface OpenLdap {
  /** On `localhost`. */
  readonly ldapPort: number;
  readonly ldapsPort: number;
  log(): string;
  /** Changes entries, as its administrator. */
  modify(ldif: string): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const person = (uid: string, more = '', ou = people): string => `
dn: uid=${uid},${ou}
objectClass: inetOrgPerson
cn: ${uid}
sn: ${uid}
userPassword: ${uid}-pass
${more}`;

/**
 * alice: groups and an address. expired, reset: by the password policy. twins: one mail of two entries. bare: no password.
 * vip: may be found by anybody.
 */
const entries = `
dn: ${suffix}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ${reader.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${reader.password}

dn: ${people}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${suffix}
objectClass: organizationalUnit
ou: groups

dn: ou=open,${suffix}
objectClass: organizationalUnit
ou: open

dn: cn=policy,${suffix}
objectClass: organizationalRole
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 3
pwdMaxAge: 86400000
pwdMustChange: TRUE
${person('alice', 'objectClass: ipHost\nipHostNumber: 10.91.37.40\n')}${person('bob')}${person('carol', 'objectClass: ipHost\nipHostNumber: 010.1\n')}
dn: ${adaDn}
objectClass: inetOrgPerson
cn: Ada, "the first" King
sn: King
uid: ada
userPassword: pä$$ wörd
${person('guesser')}${person('disabled')}${person('expired', 'pwdChangedTime: 20200101000000Z\n')}${person('reset', 'pwdReset: TRUE\n')}${person('twin1', 'mail: twin@example.test\n')}${person('twin2', 'mail: twin@example.test\n')}
dn: uid=bare,${people}
objectClass: inetOrgPerson
uid: bare
cn: bare
sn: bare
${person('vip', '', `ou=open,${suffix}`)}`;

/** Written through the server, so that its overlay gives the members their memberOf. */
const groups = `
dn: cn=VPN Users,ou=groups,${suffix}
objectClass: groupOfNames
cn: VPN Users
member: uid=alice,${people}
member: ${adaDn}

dn: cn=Printers,ou=groups,${suffix}
objectClass: groupOfNames
cn: Printers
member: uid=alice,${people}
`;

function configuration(folder: string, certificate: Certificate | undefined): string {
  const tls =
    certificate === undefined
      ? ''
      : `TLSCertificateFile ${certificate.certificateFile}\nTLSCertificateKeyFile ${certificate.keyFile}`;
  return `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
pidfile ${folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
# A bind in the clear is refused, whoever asks.
security simple_bind=64
localSSF 128
${tls}
database mdb
suffix "${suffix}"
rootdn "${admin.dn}"
rootpw ${admin.password}
directory ${folder}/data
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=open,${suffix}" by * read
access to * by dn.exact="${reader.dn}" read by * none
overlay memberof
overlay ppolicy
ppolicy_default "cn=policy,${suffix}"
ppolicy_use_lockout
`;
}

/** Two TCP ports of the loopback that are free at this moment. */
async function freeTcpPorts(): Promise<readonly [number, number]> {
  // Both at once: the first would be free again, and be given out twice.
  const [one, other] = [await listening(), await listening()];
  const ports = [portOf(one), portOf(other)] as const;
  for (const server of [one, other]) {
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
  return ports;
}

async function listening(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const mostStarts = 3;

/** Starts Debian's OpenLDAP on the loopback, with entries of its own; resolves when it answers. */
export async function startOpenLdap(options: OpenLdapOptions): Promise<OpenLdap> {
  for (let starts = 1; ; starts += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // A port that was free is somebody else's by now.
      const isPortTaken = String(error).includes('listener initialization failed');
      if (!isPortTaken || starts === mostStarts) throw error;
    }
  }
}

async function startOnce({ certificate, on }: OpenLdapOptions): Promise<OpenLdap> {
  const folder = scratchFolder('openldap');
  const [ldapPort, ldapsPort] = await freeTcpPorts();
  const config = join(folder, 'slapd.conf');
  mkdirSync(join(folder, 'data'));
  writeFileSync(config, configuration(folder, certificate));
  await run(['slapadd', '-f', config], { input: entries });
  const local = `ldapi://${encodeURIComponent(join(folder, 'ldapi'))}`;
  const urls = [
    local,
    `ldap://localhost:${ldapPort}`,
    ...(certificate === undefined ? [] : [`ldaps://localhost:${ldapsPort}`]),
  ];
  const server = (on?.spawn ?? start)(['slapd', '-d', 'stats', '-h', urls.join(' '), '-f', config]);
  const modify = async (ldif: string): Promise<void> => {
    await run(['ldapmodify', '-x', '-H', local, '-D', admin.dn, '-w', admin.password], { input: ldif });
  };
  const stop = async (): Promise<void> => {
    server.signal('SIGCONT');
    await server.stop();
    removeScratch(folder);
  };
  try {
    await server.until(/slapd starting/);
    await run(['ldapadd', '-x', '-H', local, '-D', admin.dn, '-w', admin.password], { input: groups });
  } catch (error) {
    await stop();
    throw new Error(`OpenLDAP: ${String(error)}\n${server.stderr()}`, { cause: error });
  }
  return {
    ldapPort,
    ldapsPort,
    log: () => server.stdout() + server.stderr(),
    modify,
    signal: (name) => {
      server.signal(name);
    },
    kill: async () => {
      server.signal('SIGKILL');
      await server.exited;
    },
    stop,
  };
}
