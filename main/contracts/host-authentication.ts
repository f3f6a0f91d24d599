import { z } from 'zod';
import { entryName, hostSecret, ipAddress, port } from './host-forms.ts';
import { authenticationMethod, seconds } from './profile.ts';

/** `eap`: by whatever the client and a RADIUS server agree on. */
export const hostAuthenticationMethod = z.enum([...authenticationMethod.options, 'eap']);

/** Who may come in, and who is asked about it. */

export const authenticationSources = ['local', 'radius', 'ldap', 'winbind'] as const;

export const authentication = z.strictObject({
  methods: z
    .array(hostAuthenticationMethod)
    .min(1)
    .default(['mschapv2'])
    .describe(
      'What the host asks a client for, in this order, of mschapv2, chap-md5, pap, eap-tls, eap-mschapv2, eap-gtc, eap-md5, and eap for whatever a RADIUS server answers. PAP and EAP-GTC show it the password, inside IPsec only; LDAP needs one of these two, winbind MS-CHAPv2 or EAP-MSCHAPv2.',
    ),
  sources: z
    .array(z.enum(authenticationSources))
    .min(1)
    .default(['local'])
    .describe(
      'Who judges a user, in this order, of local, radius, ldap and winbind: the next is asked where one does not know the name, or cannot judge by the method. RADIUS never says so: put it last.',
    ),
  recheck: seconds(
    5,
    86400,
    300,
    'How often a directory is asked whether those who are connected may stay. Local users are looked at every 15.',
  ),
  timeout: seconds(10, 300, 90, 'How long one sign-in may take; an approval on a telephone needs 60.'),
});

export const oneTimeCodes = z.strictObject({
  issuer: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^:\p{C}]+$/u, 'expected text without a colon')
    .default('Culvert')
    .describe('What the application on the telephone calls the office.'),
  drift: seconds(0, 300, 30, 'How far the clock of a telephone may be off.'),
});

export const eapTls = z.strictObject({
  certificateFile: z
    .string()
    .min(1)
    .describe("The host's own certificate and what is between it and its authority, PEM."),
  keyFile: z.string().min(1).describe('Its private key, PEM; a file of its owner alone.'),
  authoritiesFile: z.string().min(1).describe("The authorities that sign clients' certificates, PEM."),
  revocationFile: z.string().min(1).optional().describe('Which of them are revoked: a CRL of each authority, PEM.'),
});

const host = z
  .string()
  .max(253)
  .regex(/^[a-z0-9._:-]+$/i, 'expected a host name or an address');

const groupMapping = (attribute: string) =>
  z
    .array(
      z.strictObject({
        value: z.string().min(1).max(1024).describe(`${attribute}, compared without regard to upper and lower case.`),
        group: entryName.describe('The group of this file that it means.'),
      }),
    )
    .max(1000)
    .default([]);

export const radius = z.strictObject({
  servers: z
    .array(
      z.strictObject({
        address: host.describe('Name or address.'),
        authenticationPort: port(1812, 'UDP port for authentication.'),
        accountingPort: port(1813, 'UDP port for accounting.'),
        secret: hostSecret.describe('A secret, shared with this server.'),
        timeout: seconds(1, 60, 3, 'Pause before a question is repeated.'),
        tries: z.int().min(1).max(10).default(3).describe('Questions until the next server is asked.'),
      }),
    )
    .min(1)
    .max(16)
    .describe('The first that answers is kept to.'),
  deadTime: seconds(0, 3600, 60, 'A server that did not answer is left alone for so long.'),
  nasIdentifier: z.string().min(1).max(253).optional().describe("NAS-Identifier; the machine's host name when absent."),
  accounting: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Send start, interim and stop records.'),
      interimInterval: seconds(60, 86400, 300, 'Between two interim records; the server may say otherwise.'),
    })
    .prefault({}),
  dynamicAuthorization: z
    .strictObject({
      port: port(3799, 'UDP port on which the host listens.'),
      clients: z
        .array(
          z.strictObject({
            address: ipAddress.describe('Who may ask.'),
            secret: hostSecret.describe('A secret, shared with it.'),
          }),
        )
        .min(1)
        .max(64)
        .describe('Only these are heard.'),
    })
    .optional()
    .describe('Change and disconnect of sessions by a RADIUS server (RFC 5176). Off when absent.'),
  groups: groupMapping('A Filter-Id or Class').describe('What the server says about a user, and the group it means.'),
});

const directory = {
  servers: z
    .array(
      z
        .string()
        .max(512)
        .regex(/^ldaps?:\/\/[a-z0-9.[\]:-]+$/i, 'expected an address such as ldaps://ldap.example.com'),
    )
    .min(1)
    .max(8)
    .describe('Asked in this order, such as "ldaps://ldap.example.com".'),
  startTls: z.boolean().default(true).describe('Turn on TLS on ldap:// connections; passwords never travel without.'),
  caFile: z.string().min(1).optional().describe("Certificates that sign the server's; the system's when absent."),
};
const directoryAnswers = {
  groups: groupMapping('A group of the directory').describe(
    'A group of the directory, and the group of this file that it means.',
  ),
  timeout: seconds(1, 60, 5, 'How long one answer may take.'),
};
const searchBase = z.string().min(1).max(1024);
const whoSearches = {
  bindDn: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe('Who searches; anonymous when absent. With activeDirectory also "culvert@corp.example.com".'),
  bindPassword: hostSecret.optional().describe('A secret: the password of bindDn.'),
};

const genericLdap = z.strictObject({
  kind: z
    .literal('generic')
    .optional()
    .describe(
      'generic: any directory. activeDirectory: users are found by every form of their names, groups through other groups, too.',
    ),
  ...directory,
  search: z
    .strictObject({
      base: searchBase.describe('Where users are looked for. With activeDirectory the whole domain when absent.'),
      filter: z
        .string()
        .max(1024)
        .regex(/^\(.*\{user\}.*\)$/s, 'expected a filter in parentheses that holds {user}')
        .default('(|(uid={user})(sAMAccountName={user})(userPrincipalName={user}))')
        .describe('How a user is found; {user} is the name, escaped. Not with activeDirectory.'),
      ...whoSearches,
    })
    .describe('How the entry of a user is found, as whom the host then binds.'),
  groupAttribute: z
    .string()
    .min(1)
    .max(128)
    .default('memberOf')
    .describe('Where the entry names its groups. Not with activeDirectory.'),
  addressAttribute: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Where the entry has its static address; msRADIUSFramedIPAddress with activeDirectory when absent.'),
  ...directoryAnswers,
});

const activeDirectory = z.strictObject({
  kind: z.literal('activeDirectory'),
  domain: z
    .string()
    .max(253)
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'expected the DNS name of a domain such as corp.example.com')
    .describe('With activeDirectory: the DNS name of the domain.'),
  netbiosDomain: z
    .string()
    .regex(/^[a-z0-9!@#$%^&')(.\-_{}~]{1,15}$/i, 'expected the short name of a domain such as CORP')
    .optional()
    .describe('With activeDirectory: what stands before the backslash; the first part of the domain when absent.'),
  ...directory,
  search: z
    .strictObject({ base: searchBase.optional(), ...whoSearches })
    .describe('How the entry of a user is found, as whom the host then binds.'),
  addressAttribute: z.string().min(1).max(128).default('msRADIUSFramedIPAddress'),
  ...directoryAnswers,
});

export const ldap = z.discriminatedUnion('kind', [genericLdap, activeDirectory]);

export const winbind = z.strictObject({
  program: z
    .string()
    .max(4096)
    .regex(/^\//, 'expected a path such as /usr/bin/ntlm_auth')
    .default('/usr/bin/ntlm_auth')
    .describe("Samba's ntlm_auth. It needs to reach winbindd's privileged pipe, as root does."),
  configFile: z
    .string()
    .max(4096)
    .regex(/^\//, 'expected a path such as /etc/samba/smb.conf')
    .optional()
    .describe("Samba's configuration; its own usual one when absent."),
  timeout: seconds(1, 60, 10, 'How long one answer may take.'),
});
