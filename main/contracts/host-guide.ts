import { z } from 'zod';
import { clientServer, ipAddress, ipNetwork, ipv4Range, secretText, userName } from './host-forms.ts';
import { hostPassword } from './host-user.ts';
import { profile } from './profile.ts';

/** How host mode is turned on in one step: what is looked at first, what is suggested, and what somebody decides. */

/** What a host needs of its machine, in the order in which it is shown. */
export const checkSubjects = ['ports', 'address', 'firewall', 'forwarding', 'tunnelDevice'] as const;

export const hostCheck = z.strictObject({
  subject: z.enum(checkSubjects),
  /** `bad` keeps the host from working, `doubt` may keep clients from it; `unknown`: this user may not look. */
  verdict: z.enum(['good', 'doubt', 'bad', 'unknown']),
  what: z.string(),
  fix: z.string().exactOptional(),
  /** To be typed into a terminal, where that is the fix. */
  commands: z.array(z.string()).max(16),
});

/** How clients get to the machine: at its own address, through the router before it, or not (a provider shares the address). */
export const reachedBy = z.enum(['directly', 'router', 'sharedAddress', 'nothing']);

export const hostProposal = z.strictObject({
  configFile: z.string(),
  /** There is a configuration already: it is not replaced. */
  isSetUp: z.boolean(),
  checks: z.array(hostCheck),
  reachedBy,
  /** The address by which the machine itself goes out, and all of its addresses. */
  address: ipAddress.exactOptional(),
  addresses: z.array(ipAddress).max(256),
  /** A network for the clients that overlaps nothing. */
  pool: ipv4Range,
  /** The networks of the machine, which clients with a split tunnel would be told of. */
  routes: z.array(ipNetwork).max(64),
});

/** Typed by people: no spaces around it, not too short to guess, no other form than it looks like. */
const typedKey = z
  .string()
  .min(16, 'expected at least 16 characters')
  .max(128)
  .regex(/^[\x21-\x7e]+$/, 'expected letters, digits and signs that every keyboard has, without spaces')
  .regex(/^(?!0[xs])/, 'expected not to begin with 0x or 0s, which stand for other bytes');

export const hostChoices = z.strictObject({
  /** What the clients call the connection. */
  name: profile.shape.name,
  /** What they reach the host by: its name, or the router's public address. */
  server: clientServer,
  pool: ipv4Range,
  /** split: only what goes to `routes` takes the tunnel. */
  tunnel: z.enum(['full', 'split']),
  routes: z.array(ipNetwork).max(64),
  /** A strong one is made where it is absent. */
  preSharedKey: secretText(typedKey).exactOptional(),
  user: z.strictObject({ name: userName, password: secretText(hostPassword) }).exactOptional(),
});

export type HostCheck = z.infer<typeof hostCheck>;
export type ReachedBy = z.infer<typeof reachedBy>;
export type HostProposal = z.infer<typeof hostProposal>;
export type HostChoices = z.infer<typeof hostChoices>;
