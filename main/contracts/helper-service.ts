import { z } from 'zod';
import type { ControlContract } from './control.ts';

/**
 * What is asked and answered on the socket of the helper's service (`culvert-helper service`), which starts a helper for whoever
 * may have one. `test/vectors/helper-messages.json` holds examples that the service's C++ has to read and write alike.
 */
const request = z.discriminatedUnion('request', [
  /** A helper for this user's run of that name: a connection's, or "host". */
  z.strictObject({ request: z.literal('open'), name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/) }),
  /** Whether this user might have one. */
  z.strictObject({ request: z.literal('status') }),
]);

const reason = z.string().max(2000);
const path = z.string().startsWith('/').max(200);

/** What a helper says first, to whoever started it: the sockets that it listens on. */
const ready = z.strictObject({
  ready: z.literal(true),
  version: z.int(),
  workers: z.int(),
  cipher: z.string(),
  broker: path.endsWith('/broker.sock'),
  datapath: path.endsWith('/datapath.sock'),
});

/** `notAllowed`: not in the group. `tooMany`: this user has as many helpers as there may be. `busy`: asked too often. */
const refusal = z.enum(['request', 'notAllowed', 'tooMany', 'busy']);

const answer = z.union([
  ready,
  z.strictObject({ ready: z.literal(false), reason }),
  z.strictObject({ answer: z.literal('refused'), code: refusal, reason }),
  z.strictObject({ answer: z.literal('status'), version: z.int(), allowed: z.boolean(), group: z.string() }),
]);

/** How the service is on this machine, beside the helper that this program brings. */
export const helperServiceState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('absent') }),
  /** Installed is another release's. It may run, and serve the other release. */
  z.strictObject({ state: z.literal('outdated') }),
  z.strictObject({ state: z.literal('stopped') }),
  z.strictObject({ state: z.literal('broken'), reason }),
  /** `allowed`: this user is in the group. */
  z.strictObject({ state: z.literal('running'), allowed: z.boolean(), group: z.string() }),
]);
export type HelperServiceState = z.infer<typeof helperServiceState>;

/** What `culvert-helper install`, `retire` and `uninstall` print. */
export const installationReport = z.union([
  z.strictObject({
    installed: z.literal(true),
    startsWithMachine: z.boolean(),
    /** The account that was put into the group. */
    added: z.string().optional(),
  }),
  z.strictObject({ uninstalled: z.literal(true) }),
  z.strictObject({ retired: z.literal(true) }),
  z.strictObject({ installed: z.literal(false), reason }),
  z.strictObject({ uninstalled: z.literal(false), reason }),
  z.strictObject({ retired: z.literal(false), reason }),
]);
export type InstallationReport = z.infer<typeof installationReport>;

type HelperServiceRequest = z.infer<typeof request>;
export type HelperServiceAnswer = z.infer<typeof answer>;

export const helperService: ControlContract<HelperServiceRequest, HelperServiceAnswer> = {
  request,
  answer,
  longestRequestBytes: 256,
  longestAnswerBytes: 8192,
};
