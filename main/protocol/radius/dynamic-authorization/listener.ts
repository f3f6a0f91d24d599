import type { Step } from '../../machine.ts';
import { addressBytes, addressText } from '../../wire/address.ts';
import { sameBytes } from '../../wire/bytes.ts';
import { WireError } from '../../wire/error.ts';
import { printable } from '../../wire/text.ts';
import type { RadiusEnvironment } from '../environment.ts';
import { errorCauses } from '../numbers.ts';
import { readAttributes, type ReadAttributes } from '../wire/attribute-codec.ts';
import { judgeDigestedRequest, writeAnswer } from '../wire/authenticators.ts';
import { codes, readPacket, type Packet } from '../wire/packet.ts';
import { readRequest } from './selector.ts';
import type {
  DynamicAuthorizationAnswer,
  DynamicAuthorizationClient,
  DynamicAuthorizationConfig,
  DynamicAuthorizationEffect,
  DynamicAuthorizationInput,
  Sender,
} from './types.ts';

const actions = {
  [codes.disconnectRequest]: { action: 'disconnect', ack: codes.disconnectAck, nak: codes.disconnectNak },
  [codes.coaRequest]: { action: 'change', ack: codes.coaAck, nak: codes.coaNak },
} as const;
type RequestCode = keyof typeof actions;

/** The answer repeats every Proxy-State, and has a Message-Authenticator and an Error-Cause besides. */
const mostAttributeBytes = 4000;

/** A request as remembered for as long as it could be repeated. */
interface Remembered {
  readonly packet: Packet & { readonly code: RequestCode };
  readonly proxyState: readonly Uint8Array[];
  readonly from: Sender;
  readonly client: DynamicAuthorizationClient;
  /** Absent: the host has not answered yet. */
  readonly answer: Uint8Array | undefined;
  readonly untilMs: number;
}

export interface DynamicAuthorizationState {
  readonly config: DynamicAuthorizationConfig;
  readonly nextRequest: number;
  readonly remembered: ReadonlyMap<number, Remembered>;
}

type ListenerStep = Step<DynamicAuthorizationState, DynamicAuthorizationEffect>;

export function createDynamicAuthorization(config: DynamicAuthorizationConfig): DynamicAuthorizationState {
  return { config, nextRequest: 1, remembered: new Map() };
}

/** The gateway's side of RFC 5176. Never throws on what the network sends. */
export function stepDynamicAuthorization(
  state: DynamicAuthorizationState,
  input: DynamicAuthorizationInput,
  env: RadiusEnvironment,
): ListenerStep {
  const current = forgetOld(state, env.nowMs);
  switch (input.kind) {
    case 'tick':
      return { state: current, effects: [] };
    case 'answer':
      return answer(current, input.request, input.answer, env);
    case 'datagram':
      return receive(current, input.from, input.bytes.slice(), env);
  }
}

export function dynamicAuthorizationDeadlineMs({ remembered }: DynamicAuthorizationState): number | undefined {
  // Each is kept for equally long, and the map is in the order of arrival.
  return remembered.values().next().value?.untilMs;
}

function forgetOld(state: DynamicAuthorizationState, nowMs: number): DynamicAuthorizationState {
  const oldest = dynamicAuthorizationDeadlineMs(state);
  if (oldest === undefined || nowMs < oldest) return state;
  return { ...state, remembered: new Map([...state.remembered].filter(([, { untilMs }]) => nowMs < untilMs)) };
}

function drop(state: DynamicAuthorizationState, text: string): ListenerStep {
  return { state, effects: [{ kind: 'log', text }] };
}

function receive(
  state: DynamicAuthorizationState,
  from: Sender,
  bytes: Uint8Array,
  env: RadiusEnvironment,
): ListenerStep {
  const sender = canonical(from.address);
  const client = state.config.clients.find(({ address }) => canonical(address) === sender);
  if (client === undefined) return drop(state, `dropped ${bytes.length} bytes of ${from.address}, which is not listed`);
  let packet: Packet;
  let read: ReadAttributes;
  try {
    packet = readPacket(bytes);
    const flaw = judgeDigestedRequest(env.crypto, client.secret, bytes);
    if (flaw === 'forged') return drop(state, `${client.name}: dropped a request that another secret made`);
    if (flaw === 'unsigned' && state.config.requireMessageAuthenticator) {
      return drop(state, `${client.name}: dropped a request without a Message-Authenticator`);
    }
    if (packet.attributes.length > mostAttributeBytes) return drop(state, `${client.name}: dropped a request too long`);
    read = readAttributes(packet.attributes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return drop(state, `${client.name}: dropped a request: ${error.message}`);
  }
  const { code } = packet;
  if (!isRequestCode(code)) return drop(state, `${client.name}: dropped a packet of code ${code}`);
  return takeGenuine(state, { ...packet, code }, { from, client, read }, env);
}

/** IPv6 addresses may be written in several ways. */
function canonical(address: string): string {
  const bytes = addressBytes(address);
  return bytes === undefined ? address : addressText(bytes);
}

function isRequestCode(code: number): code is RequestCode {
  return code in actions;
}

interface Circumstances {
  readonly from: Sender;
  readonly client: DynamicAuthorizationClient;
  readonly read: ReadAttributes;
}

/** A request whose sender is known; is it new? */
function takeGenuine(
  state: DynamicAuthorizationState,
  packet: Remembered['packet'],
  { from, client, read }: Circumstances,
  env: RadiusEnvironment,
): ListenerStep {
  const { config, remembered } = state;
  const { eventTimestamp, proxyState = [] } = read.values;
  const known = [...remembered.values()].find(
    (each) => each.client.name === client.name && sameBytes(each.packet.authenticator, packet.authenticator),
  );
  if (known !== undefined) {
    // RFC 5080 §2.2.2: the sender repeats what we have answered; from elsewhere it is somebody else.
    const again = known.from.port === from.port && known.packet.identifier === packet.identifier;
    if (!again) return drop(state, `${client.name}: dropped a replayed request`);
    if (known.answer === undefined) return drop(state, `${client.name}: repeats a request that is being answered`);
    return { state, effects: [{ kind: 'send', to: from, bytes: known.answer }] };
  }
  // RFC 5176 §6.3
  if (eventTimestamp === undefined && config.requireEventTimestamp) {
    return drop(state, `${client.name}: dropped a request without an Event-Timestamp`);
  }
  if (eventTimestamp !== undefined && Math.abs(eventTimestamp - env.unixSeconds) > config.windowSeconds) {
    const offSeconds = Math.round(eventTimestamp - env.unixSeconds);
    return drop(state, `${client.name}: dropped a request whose Event-Timestamp is ${offSeconds} s off`);
  }
  const { action } = actions[packet.code];
  const heard = { packet, proxyState, from, client, answer: undefined };
  if (remembered.size >= config.mostRemembered) {
    const bytes = writeReply(heard, { ok: false, errorCause: 'resourcesUnavailable' }, env);
    return { state, effects: [{ kind: 'send', to: from, bytes }] };
  }
  const request = state.nextRequest;
  // A timestamp from ahead of our clock stays current for up to two windows.
  const untilMs = env.nowMs + 2000 * config.windowSeconds;
  const nowRemembered = new Map(remembered).set(request, { ...heard, untilMs });
  const next = { ...state, nextRequest: request + 1, remembered: nowRemembered };
  const wanted = readRequest(action, read, config.nas);
  if ('errorCause' in wanted) {
    const { errorCause, what } = wanted;
    const refused = answer(next, request, { ok: false, errorCause }, env);
    const log = { kind: 'log', text: `${client.name}: refused to ${action}: ${printable(what)}` } as const;
    return { ...refused, effects: [log, ...refused.effects] };
  }
  const { selector, policy } = wanted;
  const common = { kind: 'request', request, client: client.name, selector } as const;
  const effect = action === 'change' ? ({ ...common, action, policy } as const) : ({ ...common, action } as const);
  return { state: next, effects: [effect] };
}

function answer(
  state: DynamicAuthorizationState,
  request: number,
  said: DynamicAuthorizationAnswer,
  env: RadiusEnvironment,
): ListenerStep {
  const asked = state.remembered.get(request);
  if (asked === undefined || asked.answer !== undefined) return { state, effects: [] };
  const bytes = writeReply(asked, said, env);
  const remembered = new Map(state.remembered).set(request, { ...asked, answer: bytes });
  return { state: { ...state, remembered }, effects: [{ kind: 'send', to: asked.from, bytes }] };
}

/** RFC 5176 §3.5, §3.1: the cause of a refusal, and every Proxy-State as it came. */
function writeReply(
  { packet, client, proxyState }: Pick<Remembered, 'packet' | 'client' | 'proxyState'>,
  said: DynamicAuthorizationAnswer,
  { crypto }: RadiusEnvironment,
): Uint8Array {
  const { ack, nak } = actions[packet.code];
  const cause = said.ok ? {} : { errorCause: errorCauses[said.errorCause] };
  return writeAnswer(crypto, client.secret, said.ok ? ack : nak, packet, { ...cause, proxyState });
}
