import { z } from 'zod';
import { refused, type ControlContract } from './control.ts';
import { failureKinds, type FailureCode, phases, type Phase } from './failure.ts';
import { promptKind } from './prompt.ts';

/**
 * What a connection tells those who watch it: a line each of `culvert connect --json`, and later the app's state. `atMs` counts
 * from the start of the attempt.
 */

export const phase = z.enum(Object.keys(phases) as [Phase, ...Phase[]]);
const atMs = z.number().min(0);

export const failureSchema = z.strictObject({
  code: z.enum(Object.keys(failureKinds) as [FailureCode, ...FailureCode[]]),
  phase,
  cause: z.string(),
  fix: z.string(),
  retry: z.enum(['redial', 'user']),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
});

export const connectionSummary = z.strictObject({
  gatewayAddress: z.string(),
  gatewayIdentity: z.string(),
  tunnelName: z.string(),
  localAddress: z.string(),
  remoteAddress: z.string().optional(),
  mtuBytes: z.int(),
  dnsServers: z.array(z.string()),
  routes: z.array(z.string()),
  ikeSuite: z.string(),
  espSuite: z.string(),
  authentication: z.string(),
});

export const connectionEvent = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('dialling'), attempt: z.int(), gateway: z.string() }),
  z.discriminatedUnion('state', [
    z.strictObject({ event: z.literal('phase'), phase, state: z.literal('started'), atMs }),
    z.strictObject({
      event: z.literal('phase'),
      phase,
      state: z.literal('done'),
      atMs,
      tookMs: z.number(),
      detail: z.string(),
    }),
  ]),
  z.strictObject({ event: z.literal('connected'), atMs, connection: connectionSummary }),
  /** Something that happened beside the phases: a rekey, a fallback to the next proposals, a roaming gateway. */
  z.strictObject({ event: z.literal('note'), atMs, text: z.string() }),
  z.strictObject({ event: z.literal('failed'), atMs, failure: failureSchema }),
  z.strictObject({ event: z.literal('waiting'), seconds: z.number(), attempt: z.int() }),
  /** The user is being asked; what follows says what came of it. */
  z.strictObject({ event: z.literal('prompting'), kind: promptKind }),
  /** The last one: the machine's network is as it was. */
  z.strictObject({ event: z.literal('disconnected'), failure: failureSchema }),
]);

/** What `culvert status` shows of one connection. */
export const connectionStatus = z.strictObject({
  name: z.string(),
  processId: z.int(),
  state: z.enum(['dialling', 'connected', 'waiting', 'prompting', 'stopping']),
  phase: phase.optional(),
  connectedSeconds: z.number().optional(),
  connection: connectionSummary.optional(),
  receivedBytes: z.string().optional(),
  sentBytes: z.string().optional(),
  lastFailure: failureSchema.optional(),
});

/** What is asked and answered on a connection's control socket. */
const connectionRequest = z.discriminatedUnion('request', [
  z.strictObject({ request: z.literal('status') }),
  z.strictObject({ request: z.literal('disconnect') }),
]);

const connectionAnswer = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('status'), status: connectionStatus }),
  /** Sent when the connection is down and the network restored. */
  z.strictObject({ answer: z.literal('disconnected') }),
  refused,
]);

type ConnectionRequest = z.infer<typeof connectionRequest>;
export type ConnectionAnswer = z.infer<typeof connectionAnswer>;

export const connectionControl: ControlContract<ConnectionRequest, ConnectionAnswer> = {
  request: connectionRequest,
  answer: connectionAnswer,
  longestRequestBytes: 4096,
  longestAnswerBytes: 64 * 1024,
};

export type ConnectionEvent = z.infer<typeof connectionEvent>;
export type ConnectionSummary = z.infer<typeof connectionSummary>;
export type ConnectionStatus = z.infer<typeof connectionStatus>;
