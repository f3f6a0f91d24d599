import { z } from 'zod';
import { revocationPolicy } from './certificates.ts';

/**
 * A connection profile: what IT writes and the user opens. `docs/profile.schema.json` is generated from this file, and
 * every default is here. Durations are in seconds, sizes in bytes.
 */

export const seconds = (minimum: number, maximum: number, standard: number, what: string) =>
  z.int().min(minimum).max(maximum).default(standard).describe(`${what} Seconds.`);

/** Text that people are shown: nothing that moves a cursor, is not seen, or turns a line around. */
export const shownText = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{C}]+$/u, 'expected text without control characters');

export const identity = z
  .strictObject({
    kind: z.enum(['address', 'fqdn', 'userFqdn', 'keyId']),
    value: z.string().min(1).max(255),
  })
  .describe('An IKE identity (RFC 2407 §4.6.2).');
export type IdentityForm = z.infer<typeof identity>;

const secretText = z
  .union(
    [
      z.string().min(1).max(1024).describe('The secret itself, as UTF-8 text; "0x…" is hexadecimal, "0s…" is base64.'),
      z
        .strictObject({ file: z.string().min(1).describe('A file that holds the secret; one line end is ignored.') })
        .describe('Where the secret is, relative to the profile.'),
    ],
    'expected text, or { "file": "path" }',
  )
  .describe('A secret. Leave it out to be asked for it.');

/** How far down the ladder of proposals a connection may go. */
export const securityLevels = ['modern', 'compatible', 'legacy'] as const;

export const ikeProposalName = z
  .string()
  .regex(
    /^(aes128|aes192|aes256|3des)-(sha1|sha256|sha384|sha512)-(modp1024|modp1536|modp2048|modp3072|modp4096|ecp256|ecp384|ecp521|curve25519)$/,
    'expected encryption-hash-group, such as aes256-sha256-modp2048',
  );

export const espProposalName = z
  .string()
  .regex(
    /^(aes128gcm16|aes256gcm16|(aes128|aes192|aes256|3des)-(sha1|sha256|sha384|sha512))$/,
    'expected aes256gcm16, or encryption-integrity such as aes256-sha256',
  );

export const diffieHellmanGroup = z.enum([
  'modp1024',
  'modp1536',
  'modp2048',
  'modp3072',
  'modp4096',
  'ecp256',
  'ecp384',
  'ecp521',
  'curve25519',
]);

export const authenticationMethod = z.enum([
  'mschapv2',
  'chap-md5',
  'pap',
  'eap-tls',
  'eap-mschapv2',
  'eap-gtc',
  'eap-md5',
]);

const pinnedIdentity = z
  .union(
    [
      identity,
      z
        .strictObject({ kind: z.literal('distinguishedName'), value: z.string().min(3).max(1024) })
        .describe('The subject of a certificate, such as "C=CH, O=Example, CN=vpn.example.com".'),
    ],
    'expected an identity such as { "kind": "fqdn", "value": "vpn.example.com" }',
  )
  .describe('An identity, or a distinguished name.');

const file = z.string().min(1).max(4096);

const ownCertificate = z
  .union(
    [
      z.strictObject({
        stored: shownText(255).describe(
          'One of "culvert certificates list": its name, where the one that is valid for longest counts, or at least 12 digits of its number.',
        ),
      }),
      z.strictObject({
        pkcs12: file.describe('A file that holds the certificate, its chain and its private key.'),
        passphrase: secretText.optional(),
      }),
      z.strictObject({
        pem: file.describe(
          'The certificate, followed by the authorities between it and the one that the gateway trusts.',
        ),
        key: file.describe('The private key, readable by its owner alone.'),
        passphrase: secretText.optional(),
      }),
    ],
    'expected { "stored": "name" }, { "pkcs12": "file" }, or { "pem": "file", "key": "file" }',
  )
  .describe("A certificate with its private key: among the user's certificates, or in files relative to this one.");

const files = (what: string) => z.array(file).max(32).default([]).describe(`${what} Files of PEM or DER.`);

/** Whose certificates are believed. `whose`: of whom, in words. */
export const trust = (whose: string) =>
  z.strictObject({
    authorities: files(`Whose certificates are believed: the authorities (CA) that may vouch for ${whose}.`),
    intermediates: files(`Authorities between, for ${whose} that does not send them itself.`),
    revocation: revocationPolicy
      .default('prefer')
      .describe(
        'require: nobody is believed of whom it is not known that the certificate was not revoked. prefer: it is asked, and no answer is a good one. ignore: it is not asked.',
      ),
    revocationLists: files('Certificate revocation lists.'),
    askOnline: z
      .boolean()
      .default(true)
      .describe('Also ask the servers (OCSP, CRL) that certificates of a trusted authority name.'),
    allowSha1: z.boolean().default(false).describe('Signatures with SHA-1 below the authority, for old equipment.'),
  });
export type TrustForm = z.infer<ReturnType<typeof trust>>;

const ipsec = z.strictObject({
  preSharedKey: secretText.optional(),
  certificate: ownCertificate
    .optional()
    .describe('What this computer proves itself by, in place of a pre-shared key: a certificate. See below.'),
  trust: trust('the gateway').prefault({}),
  localId: identity
    .optional()
    .describe("An identity: how this computer names itself; when absent its address, or its certificate's subject."),
  remoteId: pinnedIdentity
    .optional()
    .describe(
      'An identity: what the gateway must call itself or, with certificates, what its certificate must be of. When absent anything or, with certificates, the gateway as it is dialled.',
    ),
  security: z
    .enum(securityLevels)
    .default('compatible')
    .describe(
      'The weakest proposals allowed: modern (SHA-2, AES), compatible (also SHA-1), legacy (also 3DES, MODP 1024).',
    ),
  ikeProposals: z
    .array(ikeProposalName)
    .min(1)
    .max(16)
    .optional()
    .describe('Exactly these phase 1 proposals, instead of the ladder.'),
  espProposals: z
    .array(espProposalName)
    .min(1)
    .max(16)
    .optional()
    .describe('Exactly these phase 2 proposals, instead of the ladder.'),
  pfs: diffieHellmanGroup.optional().describe('A new Diffie-Hellman exchange in phase 2, with this group.'),
  ikeLifetime: seconds(10, 7 * 86400, 10800, 'When phase 1 is renewed.'),
  espLifetime: seconds(10, 86400, 3600, 'When phase 2 is renewed.'),
  espLifetimeKilobytes: z
    .int()
    .min(1000)
    .max(0xffff_ffff)
    .optional()
    .describe('Phase 2 is also renewed after so much data.'),
  deadPeerDetection: z
    .strictObject({
      idle: seconds(1, 3600, 20, 'Silence after which the gateway is asked whether it is there.'),
      retry: seconds(1, 600, 4, 'Pause between two questions.'),
      tries: z.int().min(1).max(20).default(4).describe('Questions without an answer until it counts as dead.'),
    })
    .prefault({}),
  fragmentBytes: z
    .int()
    .min(512)
    .max(1400)
    .default(1200)
    .describe('Larger IKE messages are cut, where the gateway allows.'),
});

const l2tp = z.strictObject({
  sourcePort: z
    .union([z.literal('ephemeral'), z.literal(1701)], 'expected "ephemeral" or 1701')
    .default('ephemeral')
    .describe(
      'Which UDP port L2TP uses inside IPsec. 1701 only for gateways that insist on it: two computers behind one NAT then disturb each other.',
    ),
  tunnelSecret: secretText.optional().describe('The L2TP tunnel secret; most gateways have none.'),
  hello: seconds(5, 3600, 60, 'Silence after which a Hello is sent.'),
});

const ppp = z.strictObject({
  authentication: z
    .array(authenticationMethod)
    .min(1)
    .default(['mschapv2', 'chap-md5'])
    .describe(
      'What the gateway may ask for, best first, of eap-tls, eap-mschapv2, mschapv2, eap-gtc, chap-md5, eap-md5 and pap. PAP and EAP-GTC show it the password (inside IPsec only); eap-gtc is also how it can ask for a code.',
    ),
  oneTimeCode: z
    .enum(['never', 'append'])
    .default('never')
    .describe('append: ask for a one-time code at each dial, and send it at the end of the password.'),
  eapTls: z
    .strictObject({
      certificate: ownCertificate
        .optional()
        .describe("The user's certificate; when absent ipsec.certificate, or else the two files below."),
      certificateFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'In place of certificate: the certificate and what is between it and its authority, PEM, relative to the profile.',
        ),
      keyFile: z
        .string()
        .min(1)
        .optional()
        .describe('With certificateFile: its private key, PEM; a file of its owner alone.'),
      authoritiesFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          "The authorities that sign the gateway's certificate, PEM; when absent ipsec.trust.authorities or, with a certificate of the user's, the one that it is under.",
        ),
      serverName: z
        .string()
        .max(253)
        .regex(/^[a-z0-9._:-]+$/i, 'expected a host name or an address')
        .optional()
        .describe("The name in the gateway's certificate; the gateway's own when absent."),
    })
    .optional()
    .describe('For the method eap-tls.'),
  mru: z.int().min(576).max(1500).default(1400).describe('The largest packet inside the tunnel. Bytes.'),
  ipv6: z
    .boolean()
    .default(false)
    .describe(
      'Also open IPv6 (IPV6CP: a link-local address; more is up to the gateway). SoftEther then pauses for 4 s.',
    ),
  echo: z
    .strictObject({
      interval: seconds(1, 3600, 30, 'Silence after which an LCP echo is sent.'),
      failures: z.int().min(1).max(20).default(4).describe('Echoes without an answer until the link counts as dead.'),
    })
    .prefault({}),
});

export const domainName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i, 'expected a domain such as corp.example');

const mostBranchNetworks = 256;

const network = z.strictObject({
  mode: z
    .enum(['full', 'split'])
    .default('full')
    .describe('full: everything goes through the tunnel. split: only the routes below.'),
  routes: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'expected a network such as 10.20.0.0/16'))
    .max(4000)
    .default([])
    .describe('Networks behind the gateway, for split mode, such as "10.20.0.0/16".'),
  branch: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'expected a network such as 192.168.77.0/24'))
    .max(mostBranchNetworks)
    .default([])
    .describe(
      'Networks of this side that the office may reach through this computer, and they the routes above, such as "192.168.77.0/24". For split mode. The gateway has to know them as this user\'s.',
    ),
  dns: z
    .strictObject({
      use: z
        .enum(['gateway', 'profile', 'none'])
        .default('gateway')
        .describe("Whose name servers: the gateway's, those below, or no change."),
      servers: z
        .array(z.union([z.ipv4(), z.ipv6()], 'expected an address such as 10.20.0.1'))
        .max(8)
        .default([])
        .describe('Addresses of name servers, for "use": "profile".'),
      searchDomains: z
        .array(domainName)
        .max(32)
        .default([])
        .describe('Domains in which a short name such as "wiki" is looked up.'),
      domains: z
        .array(domainName)
        .max(256)
        .default([])
        .describe(
          'Only names below these are asked there (split DNS). Without systemd-resolved every name is, before the other servers.',
        ),
    })
    .prefault({}),
  dscp: z
    .enum(['clear', 'copy'])
    .default('clear')
    .describe(
      'Whether the packets outside show the priority (DSCP) of those inside; copied, anybody on the way sees it.',
    ),
  killSwitch: z
    .boolean()
    .default(false)
    .describe('Let nothing leave beside the tunnel while it is being dialled or up.'),
});

export const profile = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; not read.'),
    version: z.literal(1).describe('The version of this format: 1.'),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and dashes, at most 31 characters')
      .describe(
        'What the connection is called by "culvert status" and "culvert disconnect": lower-case letters, digits and dashes, at most 31 characters.',
      ),
    title: shownText(80).optional().describe('What the app calls it; the name when absent.'),
    gateway: z
      .string()
      .max(253)
      .regex(/^[a-z0-9._:-]+$/i, 'expected a host name or an address')
      .describe('Host name or address of the gateway.'),
    user: z.string().min(1).max(255).optional().describe('User name, sent exactly as written.'),
    ipsec: ipsec.prefault({}),
    l2tp: l2tp.prefault({}),
    ppp: ppp.prefault({}),
    network: network.prefault({}),
    reconnect: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Dial again when the connection is lost.'),
        longestPause: seconds(1, 3600, 60, 'The pause between two tries grows up to this.'),
      })
      .prefault({}),
  })
  .refine((p) => p.network.mode === 'full' || p.network.routes.length > 0, {
    path: ['network', 'routes'],
    message: 'split mode needs at least one route',
  })
  .refine((p) => p.network.dns.use !== 'profile' || p.network.dns.servers.length > 0, {
    path: ['network', 'dns', 'servers'],
    message: 'dns.use "profile" needs at least one server',
  })
  .superRefine(({ network, ppp, ipsec }, context) => {
    for (const [member, message] of eapTlsErrors(ppp, ipsec)) {
      context.addIssue({ code: 'custom', path: ['ppp', 'eapTls', ...member], message });
    }
    for (const [member, message] of certificateErrors(ipsec)) {
      context.addIssue({ code: 'custom', path: ['ipsec', ...member], message });
    }
    for (const message of branchErrors(network, ppp.ipv6)) {
      context.addIssue({ code: 'custom', path: ['network', 'branch'], message });
    }
  });

function certificateErrors({ certificate, preSharedKey, trust, remoteId }: z.infer<typeof ipsec>) {
  const errors: [path: string[], message: string][] = [];
  if (certificate === undefined) {
    if (remoteId?.kind === 'distinguishedName') errors.push([['remoteId'], 'a distinguished name needs a certificate']);
    return errors;
  }
  if (preSharedKey !== undefined) errors.push([['preSharedKey'], 'a connection has a certificate or a pre-shared key']);
  if (trust.authorities.length === 0 && !('stored' in certificate))
    errors.push([['trust', 'authorities'], "a certificate needs the gateway's authority"]);
  if (remoteId?.kind === 'keyId') errors.push([['remoteId'], 'no certificate is of a key ID']);
  return errors;
}

function eapTlsErrors(
  { authentication, eapTls = {} }: z.infer<typeof ppp>,
  { certificate, trust }: z.infer<typeof ipsec>,
) {
  const errors: [path: string[], message: string][] = [];
  const { certificateFile, keyFile, authoritiesFile } = eapTls;
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    errors.push([
      [certificateFile === undefined ? 'certificateFile' : 'keyFile'],
      'a certificate and its key go together',
    ]);
  }
  if (certificateFile !== undefined && eapTls.certificate !== undefined) {
    errors.push([['certificateFile'], 'there is a certificate already']);
  }
  if (!authentication.includes('eap-tls')) return errors;
  const own = eapTls.certificate ?? (certificateFile === undefined ? certificate : undefined);
  if (own === undefined && certificateFile === undefined) errors.push([[], 'the method eap-tls needs a certificate']);
  const isStored = own !== undefined && 'stored' in own;
  if (authoritiesFile === undefined && trust.authorities.length === 0 && !isStored && errors.length === 0) {
    errors.push([['authoritiesFile'], "a certificate needs the gateway's authority"]);
  }
  return errors;
}

/** The routes of a branch are the sources that may come from the gateway: they have to be few, and not everybody. */
function branchErrors({ mode, branch, routes }: z.infer<typeof network>, hasIpv6: boolean): string[] {
  if (branch.length === 0) return [];
  return [
    ...(mode === 'split' ? [] : ['a branch needs split mode']),
    ...(routes.length <= mostBranchNetworks ? [] : [`a branch has at most ${mostBranchNetworks} routes`]),
    ...([...branch, ...routes].some((each) => each.endsWith('/0'))
      ? ['a branch and its routes are never everything']
      : []),
    ...(branch.some((each) => routes.includes(each)) ? ['a network is either a branch or a route'] : []),
    ...(branch.some((each) => each.includes(':')) && !hasIpv6 ? ['a branch of IPv6 needs ppp.ipv6'] : []),
  ];
}

export type Profile = z.infer<typeof profile>;
export type OwnCertificateForm = z.infer<typeof ownCertificate>;
export type SecretSource = z.infer<typeof secretText>;
export type SecurityLevel = (typeof securityLevels)[number];
