import type { Environment, Step } from '../machine.ts';
import { sameBytes, utf8 } from '../wire/bytes.ts';
import { encode } from '../wire/codec.ts';
import { automaton, type AutomatonAction, type AutomatonEvent, type AutomatonState } from './automaton.ts';
import { judgeRequest, type OptionRule } from './option.ts';
import { Options, Packet, controlCodes as codes, tryDecode, type Option } from './packet.ts';
import { readable } from '../wire/text.ts';
import type { RestartConfig } from './types.ts';

/** What makes the common automaton into LCP, IPCP, IPV6CP or CCP. `Wishes` is what we want to ask for at the moment. */
export interface ControlProtocol<Wishes> {
  readonly rules: readonly OptionRule<Wishes>[];
  /** Codes beyond 1 to 7, which the owner answers. */
  readonly extraCodes: ReadonlySet<number>;
  readonly restart: RestartConfig;
}

interface Request {
  readonly identifier: number;
  readonly options: readonly Option[];
  readonly answered: boolean;
}

export interface ControlState<Wishes> {
  readonly at: AutomatonState;
  readonly wishes: Wishes;
  readonly triesLeft: number;
  readonly nextIntervalMs: number;
  readonly dueMs: number | undefined;
  readonly identifier: number;
  readonly request: Request | undefined;
  /** When it was sent last. */
  readonly requestedMs: number;
  /** The options of the peer's that we acknowledged last. */
  readonly peer: readonly Option[];
  /** The peer's latest requests, newest last: a late copy must not tear an open layer down. */
  readonly heard: readonly Packet[];
  readonly copies: number;
  readonly heardPeer: boolean;
  /** Naks sent since our last Ack. */
  readonly naksSent: number;
  /** Naks and Rejects received, and requests sent, since the layer was last open. */
  readonly refusals: number;
  readonly requestsSent: number;
  /** Options of the peer's that we did not grant, each once. */
  readonly refused: readonly Option[];
  readonly farewell: string;
}

export type ControlInput =
  | { readonly kind: 'open' | 'lowerUp' | 'lowerDown' | 'protocolRejected' | 'tick' }
  | { readonly kind: 'close'; readonly reason: string }
  | { readonly kind: 'packet'; readonly packet: Packet };

export type ControlEffect =
  /** `extra`: a packet of one of the protocol's own codes, or the peer's Code-Reject of one. */
  | { readonly kind: 'send' | 'extra'; readonly packet: Packet }
  | { readonly kind: 'up' | 'down' | 'timedOut' | 'refused' | 'finished' }
  | { readonly kind: 'terminateRequested'; readonly message: string }
  /** The peer refuses an option that the layer cannot do without. */
  | { readonly kind: 'impossible'; readonly type: number }
  | { readonly kind: 'log'; readonly text: string };

/** The share of the first interval after which an answer is overdue: the interval is a round trip and a half, and more. */
const overdueShare = 2 / 3;
const heardRequests = 4;
const toleratedCopies = 3;
const rememberedRefusals = 8;
/** What quotes a packet or carries text is cut to fit any MRU that we grant (RFC 1661 §5.6). */
const quotedBytes = 512;

const negotiating: ReadonlySet<AutomatonState> = new Set(['reqSent', 'ackRcvd', 'ackSent']);
/** The states in which the restart timer runs (RFC 1661 §4.2). */
const timed: ReadonlySet<AutomatonState> = new Set([...negotiating, 'closing', 'stopping']);

type Draft<T> = { -readonly [K in keyof T]: T[K] };

interface Turn<Wishes> {
  readonly protocol: ControlProtocol<Wishes>;
  readonly env: Environment;
  readonly draft: Draft<ControlState<Wishes>>;
  readonly effects: ControlEffect[];
}

export function createControl<Wishes>(wishes: Wishes): ControlState<Wishes> {
  return {
    at: 'initial',
    wishes,
    triesLeft: 0,
    nextIntervalMs: 0,
    dueMs: undefined,
    identifier: 0,
    request: undefined,
    requestedMs: 0,
    peer: [],
    heard: [],
    copies: 0,
    heardPeer: false,
    naksSent: 0,
    refusals: 0,
    requestsSent: 0,
    refused: [],
    farewell: '',
  };
}

export function stepControl<Wishes>(
  protocol: ControlProtocol<Wishes>,
  state: ControlState<Wishes>,
  input: ControlInput,
  env: Environment,
): Step<ControlState<Wishes>, ControlEffect> {
  const turn: Turn<Wishes> = { protocol, env, draft: { ...state }, effects: [] };
  switch (input.kind) {
    case 'open':
      fire(turn, 'Open');
      break;
    case 'lowerUp':
      fire(turn, 'Up');
      break;
    case 'lowerDown':
      fire(turn, 'Down');
      break;
    case 'close':
      turn.draft.farewell = input.reason;
      fire(turn, 'Close');
      break;
    case 'protocolRejected':
      refuse(turn);
      break;
    case 'tick':
      tick(turn);
      break;
    case 'packet':
      receive(turn, input.packet);
      break;
  }
  return { state: turn.draft, effects: turn.effects };
}

/** The option of ours that the peer acknowledged. */
export function grantedOption<Wishes>(state: ControlState<Wishes>, type: number): Uint8Array | undefined {
  return state.request?.answered === true ? optionData(state.request.options, type) : undefined;
}

export function peerOption<Wishes>(state: ControlState<Wishes>, type: number): Uint8Array | undefined {
  return optionData(state.peer, type);
}

function optionData(options: readonly Option[], type: number): Uint8Array | undefined {
  return options.find((option) => option.type === type)?.data;
}

function tick<Wishes>(turn: Turn<Wishes>): void {
  const { draft, protocol, env } = turn;
  if (draft.dueMs === undefined || env.nowMs < draft.dueMs) return;
  const isNegotiating = negotiating.has(draft.at);
  // RFC 1661 lets a peer that acknowledges but never asks hold us for ever: three full rounds are enough.
  const exhausted = isNegotiating && draft.requestsSent >= 3 * protocol.restart.maxConfigure;
  if (draft.triesLeft > 0 && !exhausted) {
    fire(turn, 'TO+');
    return;
  }
  if (isNegotiating) turn.effects.push({ kind: 'timedOut' });
  fire(turn, 'TO-');
}

function receive<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
  noticePeer(turn, packet);
  switch (packet.code) {
    case codes.configureRequest:
      receiveRequest(turn, packet);
      return;
    case codes.configureAck:
    case codes.configureNak:
    case codes.configureReject:
      receiveAnswer(turn, packet);
      return;
    case codes.terminateRequest:
      fire(turn, 'RTR', { packet });
      turn.effects.push({ kind: 'terminateRequested', message: readable(packet.data) });
      return;
    case codes.terminateAck:
      fire(turn, 'RTA');
      return;
    case codes.codeReject:
      receiveCodeReject(turn, packet);
      return;
    default:
      if (!turn.protocol.extraCodes.has(packet.code)) {
        fire(turn, 'RUC', { packet });
        return;
      }
      fire(turn, 'RXR');
      turn.effects.push({ kind: 'extra', packet });
  }
}

/**
 * The first sign of life from a peer that should have answered our request by now may mean that the request came before
 * the peer was ready: it is repeated at once. It goes ahead of our answer, so that the peer, still negotiating, takes it
 * for the repetition that it is. Every later sign shows that the wire loses packets and the peer is there: no back-off.
 */
function noticePeer<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
  const { draft, env, protocol } = turn;
  const isFirst = !draft.heardPeer;
  draft.heardPeer = true;
  const answers = packet.code >= codes.configureAck && packet.code <= codes.terminateAck;
  if (answers || draft.request === undefined || draft.request.answered || !negotiating.has(draft.at)) return;
  const { firstMs } = protocol.restart;
  draft.nextIntervalMs = firstMs;
  if (isFirst && env.nowMs >= draft.requestedMs + firstMs * overdueShare) sendRequest(turn, draft.request);
  else draft.dueMs = Math.min(draft.dueMs ?? Infinity, env.nowMs + firstMs);
}

function receiveRequest<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
  const { draft, protocol, env } = turn;
  const options = tryDecode(Options, packet.data);
  if (options === undefined) {
    log(turn, 'a Configure-Request with malformed options');
    return;
  }
  const known = draft.heard.findIndex(
    ({ identifier, data }) => identifier === packet.identifier && sameBytes(data, packet.data),
  );
  if (draft.at === 'opened' && known >= 0 && draft.copies < toleratedCopies) {
    draft.copies += 1;
    if (known === draft.heard.length - 1) send(turn, { ...packet, code: codes.configureAck });
    log(turn, 'a Configure-Request repeated after the layer opened');
    return;
  }
  if (known < 0) draft.heard = [...draft.heard, packet].slice(-heardRequests);
  // A repetition is no further failure to agree: our Nak was lost, or the two crossed.
  const isRepetition = known >= 0 && known === draft.heard.length - 1;
  const naksSent = isRepetition ? Math.max(0, draft.naksSent - 1) : draft.naksSent;
  const limits = { naksSent, maxFailure: protocol.restart.maxFailure };
  const judged = judgeRequest(protocol.rules, options, draft.wishes, limits, env);
  draft.refused = remember(draft.refused, judged.refused);
  draft.naksSent = judged.code === codes.configureNak ? naksSent + 1 : naksSent;
  const reply =
    judged.code === codes.configureAck
      ? { ...packet, code: judged.code }
      : { code: judged.code, identifier: packet.identifier, data: encode(Options, judged.options) };
  fire(turn, judged.code === codes.configureAck ? 'RCR+' : 'RCR-', { packet, reply, options });
}

function remember(known: readonly Option[], more: readonly Option[]): readonly Option[] {
  const fresh = more.filter(
    ({ type, data }) => !known.some((option) => option.type === type && sameBytes(option.data, data)),
  );
  return [...known, ...fresh].slice(0, rememberedRefusals);
}

function receiveAnswer<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
  const { draft, protocol, env } = turn;
  const { request } = draft;
  if (request === undefined || request.answered || request.identifier !== packet.identifier) {
    log(turn, 'an answer to no request of ours');
    return;
  }
  if (packet.code === codes.configureAck) {
    if (!sameBytes(packet.data, encode(Options, request.options))) {
      log(turn, 'a Configure-Ack of something else than was asked');
      return;
    }
    draft.request = { ...request, answered: true };
    fire(turn, 'RCA');
    return;
  }
  const options = tryDecode(Options, packet.data);
  draft.refusals += 1;
  // Each refusal restarts the counter: a peer that never agrees would keep us for ever.
  if (options === undefined || draft.refusals > 3 * protocol.restart.maxFailure) {
    log(turn, 'a refusal that is malformed, or one too many');
    return;
  }
  const asReject = packet.code === codes.configureReject || draft.refusals > protocol.restart.maxFailure;
  for (const { type, data } of options) {
    const rule = protocol.rules.find((candidate) => candidate.type === type);
    if (rule === undefined || optionData(request.options, type) === undefined) continue;
    const wishes = asReject ? rule.rejected(draft.wishes) : rule.nakked(draft.wishes, data, env);
    if (wishes === 'impossible') {
      turn.effects.push({ kind: 'impossible', type });
      return;
    }
    draft.wishes = wishes;
  }
  draft.request = { ...request, answered: true };
  fire(turn, 'RCN');
}

function receiveCodeReject<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
  const code = packet.data[0];
  if (code !== undefined && code >= codes.configureRequest && code <= codes.codeReject) {
    refuse(turn);
    return;
  }
  fire(turn, 'RXJ+');
  turn.effects.push({ kind: 'extra', packet });
}

function refuse<Wishes>(turn: Turn<Wishes>): void {
  fire(turn, 'RXJ-');
  turn.effects.push({ kind: 'refused' });
}

interface Received {
  readonly packet: Packet;
  readonly reply?: Packet;
  readonly options?: readonly Option[];
}

function fire<Wishes>(turn: Turn<Wishes>, event: AutomatonEvent, received?: Received): void {
  const transition = automaton[turn.draft.at][event];
  if (transition === undefined) return;
  const [next, ...actions] = transition;
  turn.draft.at = next;
  for (const action of actions) perform(turn, action, event, received);
  if (!timed.has(next)) turn.draft.dueMs = undefined;
}

/** RFC 1661 §4.4. */
function perform<Wishes>(
  turn: Turn<Wishes>,
  action: AutomatonAction,
  event: AutomatonEvent,
  received: Received | undefined,
): void {
  const { draft, effects, protocol } = turn;
  switch (action) {
    case 'tlu':
      Object.assign(draft, { copies: 0, refusals: 0, requestsSent: 0 });
      effects.push({ kind: 'up' });
      return;
    case 'tld':
      effects.push({ kind: 'down' });
      return;
    case 'tls': // the owner starts what lies below
    case 'ser': // the owner answers its extra codes, open or not
      return;
    case 'tlf':
      effects.push({ kind: 'finished' });
      return;
    case 'irc':
      draft.triesLeft =
        timed.has(draft.at) && !negotiating.has(draft.at)
          ? protocol.restart.maxTerminate
          : protocol.restart.maxConfigure;
      draft.nextIntervalMs = protocol.restart.firstMs;
      return;
    case 'zrc':
      draft.triesLeft = 0;
      draft.nextIntervalMs = protocol.restart.firstMs;
      startTimer(turn);
      return;
    case 'scr':
      draft.triesLeft -= 1;
      sendRequest(turn, event === 'TO+' && draft.request?.answered === false ? draft.request : newRequest(turn));
      return;
    case 'sca':
      draft.naksSent = 0;
      draft.peer = received?.options ?? [];
      if (received?.reply !== undefined) send(turn, received.reply);
      return;
    case 'scn':
      if (received?.reply !== undefined) send(turn, received.reply);
      return;
    case 'str': {
      const data = utf8(draft.farewell).slice(0, quotedBytes);
      draft.triesLeft -= 1;
      send(turn, { code: codes.terminateRequest, identifier: takeIdentifier(draft), data });
      startTimer(turn);
      return;
    }
    case 'sta': {
      const identifier = event === 'RTR' ? received?.packet.identifier : undefined;
      send(turn, {
        code: codes.terminateAck,
        identifier: identifier ?? takeIdentifier(draft),
        data: new Uint8Array(),
      });
      return;
    }
    case 'scj': {
      if (received === undefined) return;
      const data = encode(Packet, received.packet).slice(0, quotedBytes);
      send(turn, { code: codes.codeReject, identifier: takeIdentifier(draft), data });
      return;
    }
  }
}

function newRequest<Wishes>({ draft, protocol }: Turn<Wishes>): Request {
  const options = protocol.rules.flatMap((rule) => {
    const data = rule.ask(draft.wishes);
    return data === undefined ? [] : [{ type: rule.type, data }];
  });
  return { identifier: takeIdentifier(draft), options, answered: false };
}

function sendRequest<Wishes>(turn: Turn<Wishes>, request: Request): void {
  turn.draft.request = request;
  turn.draft.requestedMs = turn.env.nowMs;
  turn.draft.requestsSent += 1;
  const data = encode(Options, request.options);
  send(turn, { code: codes.configureRequest, identifier: request.identifier, data });
  startTimer(turn);
}

function startTimer<Wishes>({ draft, env, protocol }: Turn<Wishes>): void {
  draft.dueMs = env.nowMs + draft.nextIntervalMs;
  draft.nextIntervalMs = Math.min(draft.nextIntervalMs * 2, protocol.restart.maxMs);
}

function takeIdentifier<Wishes>(draft: Draft<ControlState<Wishes>>): number {
  draft.identifier = (draft.identifier + 1) & 0xff;
  return draft.identifier;
}

function send<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
  turn.effects.push({ kind: 'send', packet });
}

function log<Wishes>(turn: Turn<Wishes>, text: string): void {
  turn.effects.push({ kind: 'log', text });
}
