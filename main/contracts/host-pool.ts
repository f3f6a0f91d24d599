import { z } from 'zod';
import { ipv4Range } from './host-forms.ts';

/** Where the addresses of clients come from. */

const common = {
  mode: z
    .enum(['routed', 'nat', 'proxyArp'])
    .default('nat')
    .describe(
      'How the office answers: nat (clients appear as the host), routed (the router sends the pool to the host), proxyArp (addresses of the LAN itself).',
    ),
};

const rangePool = z.strictObject({
  source: z
    .literal('pool')
    .optional()
    .describe('pool: addresses of the ranges below. dhcp: leases of a DHCP server on the LAN.'),
  ranges: z
    .array(ipv4Range)
    .min(1)
    .max(256)
    .describe('Each is first-last, a network (without its first and last address), or one address.'),
  exclude: z
    .array(ipv4Range)
    .max(256)
    .default([])
    .describe('Not given to anybody; in the same forms, a network whole.'),
  sticky: z.boolean().default(true).describe('Give a returning user the address of last time, if it is free.'),
  ipv6Prefix: z
    .cidrv6('expected a prefix such as 2001:db8:0:100::/56')
    .optional()
    .describe("Each client gets a /64 of it. A /64 itself is one client's at a time."),
  ...common,
});

const dhcpPool = z.strictObject({
  source: z.literal('dhcp'),
  interface: z
    .string()
    .regex(/^[^\s/]{1,15}$/, 'expected the name of an interface such as eth0')
    .describe('With source "dhcp": the interface of the LAN whose DHCP server is asked.'),
  server: z.ipv4().optional().describe('With source "dhcp": only this server; the first that answers when absent.'),
  ...common,
  mode: common.mode.default('proxyArp'),
});

export const hostPool = z.discriminatedUnion('source', [rangePool, dhcpPool]);

export type HostPool = z.infer<typeof hostPool>;
export type RangePool = z.infer<typeof rangePool>;
