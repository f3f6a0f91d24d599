import { z } from 'zod';
import { entryName, hostSecret, ipAddress, port } from './host-forms.ts';
import { authenticationMethod, seconds } from './profile.ts';

/** `eap`: by whatever the client and a RADIUS server agree on. */
export const hostAuthenticationMethod = z.enum([...authenticationMethod.options, 'eap']);

/** Who may come in, and who is asked about it. */

export const authentication = z.strictObject({
  methods: z
    .array(hostAuthenticationMethod)
    .min(1)
    .default(['mschapv2'])
    .describe(
      'What the host asks a client for, in this order, of mschapv2, chap-md5, pap, eap-tls, eap-mschapv2, eap-gtc, eap-md5, and eap for whatever a RADIUS server answers. PAP and EAP-GTC show it the password, inside IPsec only; LDAP needs one of these two.',
    ),
  sources: z
    .array(z.enum(['local', 'radius', 'ldap']))
    .min(1)
    .default(['local'])
    .describe(
      'Who judges a user, in this order, of local, radius and ldap: the next is asked where one does not know the name. RADIUS never says so: put it last.',
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

export const ldap = z.strictObject({
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
  search: z
    .strictObject({
      base: z.string().min(1).max(1024).describe('Where users are looked for.'),
      filter: z
        .string()
        .max(1024)
        .regex(/^\(.*\{user\}.*\)$/s, 'expected a filter in parentheses that holds {user}')
        .default('(|(uid={user})(sAMAccountName={user})(userPrincipalName={user}))')
        .describe('How a user is found; {user} is the name, escaped.'),
      bindDn: z.string().min(1).max(1024).optional().describe('Who searches; anonymous when absent.'),
      bindPassword: hostSecret.optional().describe('A secret: the password of bindDn.'),
    })
    .describe('How the entry of a user is found, as whom the host then binds.'),
  groupAttribute: z.string().min(1).max(128).default('memberOf').describe('Where the entry names its groups.'),
  addressAttribute: z.string().min(1).max(128).optional().describe('Where the entry has its static address.'),
  groups: groupMapping('A group of the directory').describe(
    'A group of the directory, and the group of this file that it means.',
  ),
  timeout: seconds(1, 60, 5, 'How long one answer may take.'),
});
