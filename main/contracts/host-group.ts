import { z } from 'zod';
import { entryName, ipAddress, ipNetwork, ipv4Address, portRange } from './host-forms.ts';
import { domainName } from './profile.ts';

/** What the members of a group may do, and how they are set up. */

/** What holds where none of a user's groups says anything. */
export const groupDefaults = {
  tunnel: 'full',
  oneTimeCode: 'optional',
  isolated: true,
  sessionsPerUser: 3,
  whenSessionsReached: 'refuse',
  mtu: 1400,
} as const;

const kilobits = (what: string) => z.int().min(16).max(100_000_000).optional().describe(`${what} Kilobits a second.`);
const timeout = (what: string) =>
  z
    .int()
    .min(60)
    .max(30 * 86400)
    .optional()
    .describe(`${what} Seconds; never when absent.`);
const standard = <Name extends keyof typeof groupDefaults>(name: Name) => ({ default: groupDefaults[name] });

const reachable = z.strictObject({
  network: ipNetwork.describe('A network or, with /32 or /128, one address.'),
  protocol: z.enum(['any', 'tcp', 'udp', 'icmp']).default('any').describe('What may be sent there.'),
  ports: z
    .array(portRange)
    .min(1)
    .max(64)
    .optional()
    .describe('With tcp or udp: only to these, such as "443" or "8000-8100".'),
});

export const hostGroup = z.strictObject({
  pools: z
    .array(entryName)
    .min(1)
    .max(64)
    .optional()
    .describe('Names of the pools that give addresses, tried in this order; all of them when absent.'),
  tunnel: z
    .enum(['full', 'split'])
    .optional()
    .meta(standard('tunnel'))
    .describe('full: clients send everything here. split: only what goes to the routes below.'),
  routes: z
    .array(ipNetwork)
    .max(1000)
    .optional()
    .describe('Networks of the office that clients with a split tunnel are told of (DHCP options 121 and 249).'),
  dns: z
    .strictObject({
      servers: z
        .array(ipAddress)
        .max(8)
        .optional()
        .describe("Name servers for the clients; the host's own when absent."),
      searchDomains: z.array(domainName).max(32).optional().describe('Domains in which a short name is looked up.'),
    })
    .optional(),
  wins: z.array(ipv4Address).max(2).optional().describe('NetBIOS name servers.'),
  reach: z
    .array(reachable)
    .max(1000)
    .optional()
    .describe('Only what is listed may be reached; everything when no group of the user has a list.'),
  rate: z.strictObject({ up: kilobits('From the client.'), down: kilobits('To the client.') }).optional(),
  idleTimeout: timeout('A session without traffic for so long is ended.'),
  sessionTimeout: timeout('A session is ended after so long.'),
  sessionsPerUser: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta(standard('sessionsPerUser'))
    .describe('Sessions of one user at the same time.'),
  whenSessionsReached: z
    .enum(['refuse', 'endOldest'])
    .optional()
    .meta(standard('whenSessionsReached'))
    .describe('One more session is refused, or ends the oldest of the same user.'),
  oneTimeCode: z
    .enum(['optional', 'required'])
    .optional()
    .meta(standard('oneTimeCode'))
    .describe(
      'required: local users without a second factor are not let in. Whoever has one needs it in any case; a certificate (eap-tls) is one, a RADIUS server sees to it itself, and users of a directory have none.',
    ),
  isolated: z.boolean().optional().meta(standard('isolated')).describe('Clients cannot reach other clients.'),
  mtu: z
    .int()
    .min(576)
    .max(1500)
    .optional()
    .meta(standard('mtu'))
    .describe('The largest packet inside the tunnel. Bytes.'),
});
