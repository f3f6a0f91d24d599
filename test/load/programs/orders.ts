import { z } from 'zod';

/** What the programs of the load tests are told as their first argument, and what they print, one JSON object a line. */

const ports = z.strictObject({ ike: z.int(), natt: z.int() });

/** Clients of one gateway, all with one password. */
const clients = {
  gateway: z.string(),
  ports: ports.exactOptional(),
  /** The clients' own addresses, in turn. */
  from: z.array(z.string()).min(1),
  preSharedKey: z.string(),
  /** The n-th client is this user with a number behind its name: n and `firstUser`. */
  user: z.string(),
  firstUser: z.int().default(0),
  password: z.string(),
  /** Members of their profile. */
  profile: z.record(z.string(), z.unknown()).default({}),
};

export const dialOrder = z.strictObject({
  ...clients,
  sessions: z.int().min(1),
  perSecond: z.number().positive(),
  hangUpPerSecond: z.number().positive(),
  /** While they are up, every session passes another packet once in so many seconds. */
  echoEverySeconds: z.number().positive(),
  /** Whom they ping; the host itself when absent. */
  echoTo: z.string().exactOptional(),
});
export type DialOrder = z.input<typeof dialOrder>;

const percentiles = z.strictObject({ median: z.number(), p95: z.number(), largest: z.number() });

const failed = z.strictObject({ client: z.int(), code: z.string(), detail: z.string() });

export const dialReport = z.discriminatedUnion('report', [
  /** All have dialled; each session that counts as online passed a packet and got its answer. */
  z.strictObject({
    report: z.literal('up'),
    online: z.int(),
    failed: z.array(failed),
    /** From the first client's start to the last one's answer. */
    tookMs: z.number(),
    /** From a client's start until it is connected, and until its first answer through the tunnel. */
    connectedMs: percentiles,
    answeredMs: percentiles,
    /** Requests beyond the first of each. */
    repeatedRequests: z.int(),
    ike: z.string(),
    esp: z.string(),
  }),
  z.strictObject({ report: z.literal('echoed'), round: z.int(), online: z.int(), answered: z.int() }),
  /** All have said goodbye; `failed` are those that the gateway or the line ended before. */
  z.strictObject({ report: z.literal('down'), tookMs: z.number(), failed: z.array(failed) }),
]);
export type DialReport = z.infer<typeof dialReport>;

/** Whose addresses all are the attacker's machine. */
export const strangersNetwork = '10.66.0.0/16';

export function strangerAddress(index: number): string {
  return `10.66.${index >> 8}.${index & 0xff}`;
}

export const attackOrder = z.strictObject({
  ...clients,
  attack: z.string(),
  /** How many of `strangerAddress` it comes from. */
  strangers: z.int().min(1),
  count: z.int().min(1),
  seconds: z.number().positive().default(1),
});
export type AttackOrder = z.input<typeof attackOrder>;

export const attackReport = z.discriminatedUnion('report', [
  z.strictObject({ report: z.literal('begun') }),
  z.strictObject({ report: z.literal('over'), facts: z.record(z.string(), z.number()) }),
]);
export type AttackReport = z.infer<typeof attackReport>;

export type Percentiles = z.infer<typeof percentiles>;
