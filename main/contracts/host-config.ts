import { z } from 'zod';
import { authentication, eapTls, ldap, oneTimeCodes, radius, winbind } from './host-authentication.ts';
import { certificateAuthority } from './host-ca.ts';
import {
  clientServer,
  entryName,
  hostSecret,
  ipAddress,
  ipNetwork,
  ipv4Address,
  port,
  userName,
} from './host-forms.ts';
import { hostGroup } from './host-group.ts';
import { hostIpsec } from './host-ipsec.ts';
import { hostPool } from './host-pool.ts';
import { identity, profile, seconds } from './profile.ts';
import { hostCertificates } from './host-certificates.ts';

/**
 * The configuration of host mode. `docs/host-config.md` and its JSON Schema are written from this file. What relates members
 * to each other is judged in `main/host/configuration`. Durations are in seconds, sizes in bytes.
 */

const user = z.strictObject({
  name: userName.describe('As the user signs in, exactly.'),
  groups: z.array(entryName).max(64).default([]).describe('Names of groups.'),
  address: ipv4Address.optional().describe('Always this address.'),
  networks: z
    .array(ipNetwork)
    .max(256)
    .default([])
    .describe('The user is a branch office: these networks are behind its client, and routed to it.'),
});

const limits = z.strictObject({
  sessions: z.int().min(1).max(100_000).default(2000).describe('Sessions in all.'),
  halfOpen: z
    .strictObject({
      total: z.int().min(16).max(100_000).default(1024).describe('Negotiations at the same time.'),
      perSource: z
        .int()
        .min(1)
        .max(10_000)
        .default(32)
        .describe('Of them from one address, behind which there may be an office.'),
    })
    .prefault({}),
  lockOut: z
    .strictObject({
      failures: z
        .int()
        .min(1)
        .max(100)
        .default(5)
        .describe(
          'Wrong passwords for one user from one address, until that address may not try that user; one is enough after ten times as many from all addresses.',
        ),
      sourceFailures: z
        .int()
        .min(1)
        .max(10_000)
        .default(30)
        .describe('Wrong passwords from one address, until it may not try anybody.'),
      firstLock: seconds(1, 3600, 30, 'The first lock; each further failure doubles it.'),
      longestLock: seconds(1, 86400, 3600, 'No lock is longer.'),
      forget: seconds(60, 7 * 86400, 3600, 'Without a failure for so long, all is forgotten.'),
      entries: z
        .int()
        .min(100)
        .max(1_000_000)
        .default(20_000)
        .describe('Addresses and users remembered; the oldest go first.'),
    })
    .prefault({}),
});

const audit = z.strictObject({
  file: z
    .string()
    .min(1)
    .max(4096)
    .default('/var/lib/culvert/audit/audit.jsonl')
    .describe('Where the audit log is written.'),
  rotateMegabytes: z.int().min(1).max(10_000).default(64).describe('A larger file is put away, and a new one begun.'),
  rotateDays: z.int().min(1).max(366).default(30).describe('An older one too.'),
  keepFiles: z.int().min(1).max(10_000).default(24).describe('Put-away files kept.'),
});

export const hostConfig = z.strictObject({
  $schema: z.string().optional().describe('For editors; not read.'),
  version: z.literal(1).default(1).describe('The version of this format: 1.'),
  listen: z
    .strictObject({
      addresses: z.array(ipAddress).min(1).max(64).default(['0.0.0.0', '::']).describe('Where clients reach the host.'),
      ikePort: port(500, 'UDP port of IKE. Stock clients know no other.'),
      natTraversalPort: port(4500, 'UDP port of IKE and ESP behind NAT. Stock clients know no other.'),
    })
    .prefault({}),
  identity: identity.optional().describe('An identity: what the host calls itself; its address when absent.'),
  preSharedKey: hostSecret.optional().describe('A secret: the key of every client without one of its own.'),
  preSharedKeys: z
    .array(
      z.strictObject({
        identity: identity.describe('An identity: what the client calls itself, or the address it comes from.'),
        key: hostSecret.describe('A secret.'),
      }),
    )
    .max(1000)
    .default([])
    .describe('Keys of single clients, at most 14 of them for clients that are not known by their address.'),
  certificates: hostCertificates
    .optional()
    .describe('Clients prove themselves by certificates: beside pre-shared keys or, without any, all of them.'),
  ipsec: hostIpsec.prefault({}),
  l2tp: z
    .strictObject({
      hostName: z
        .string()
        .min(1)
        .max(64)
        .regex(/^[\x21-\x7e]+$/, 'expected letters and digits')
        .default('culvert')
        .describe('What the host calls itself in L2TP and CHAP.'),
      hello: seconds(5, 3600, 60, 'Silence after which a Hello is sent.'),
    })
    .prefault({}),
  authentication: authentication.prefault({}),
  oneTimeCodes: oneTimeCodes.prefault({}),
  eapTls: eapTls.optional().describe('For the method eap-tls.'),
  gatewayAddress: ipv4Address
    .optional()
    .describe("The host's own address inside the tunnels; the first of the first pool when absent."),
  pools: z.record(entryName, hostPool).describe('Addresses for clients, by names of your choice.'),
  groups: z
    .record(entryName, hostGroup)
    .default({})
    .describe(
      'What users may do, by names of your choice. Where a user is in several, the earlier one decides; routes and reach are joined.',
    ),
  defaultGroup: z
    .union([entryName, z.null()], 'expected the name of a group, or null')
    .default('default')
    .describe('The group of users without one; it need not be written below. null: they may not connect.'),
  users: z
    .array(user)
    .max(100_000)
    .default([])
    .describe('What single users have beside what the local store, RADIUS or LDAP say.'),
  localUsers: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .max(4096)
        .default('/var/lib/culvert/users/users.store')
        .describe('The local users, encrypted.'),
      keyFile: z
        .string()
        .min(1)
        .max(4096)
        .default('/var/lib/culvert/users/users.key')
        .describe('The key to them; made at the first use, readable by its owner alone.'),
    })
    .prefault({}),
  radius: radius.optional().describe('For the source "radius".'),
  ldap: ldap.optional().describe('For the sources "ldap" and "winbind".'),
  winbind: winbind
    .optional()
    .describe('For the source "winbind": MS-CHAPv2 in a domain that this machine has joined. {} is enough.'),
  clients: z
    .strictObject({
      name: profile.shape.name.default('office').describe('What they call the connection.'),
      server: clientServer.optional().describe('What they reach the host by: its name, or the public address.'),
    })
    .prefault({})
    .describe('What the instructions for clients say; the host itself does not use it.'),
  certificateAuthority: certificateAuthority.prefault({}),
  limits: limits.prefault({}),
  audit: audit.prefault({}),
  keepVersions: z.int().min(1).max(1000).default(20).describe('Earlier versions of this file that are kept.'),
});

export type HostConfig = z.infer<typeof hostConfig>;
