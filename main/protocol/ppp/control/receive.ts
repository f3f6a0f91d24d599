import { sameBytes } from '../../wire/bytes.ts';
import { encode } from '../../wire/codec.ts';
import { readable } from '../../wire/text.ts';
import { judgeRequest } from '../option.ts';
import { Options, controlCodes as codes, tryDecode, type Option, type Packet } from '../packet.ts';
import { fire, sendRequest } from './actions.ts';
import { optionData } from './state.ts';
import { log, negotiating, send, type Turn } from './turn.ts';

/** The share of the first interval after which an answer is overdue: the interval is a round trip and a half, and more. */
const overdueShare = 2 / 3;
const heardRequests = 4;
const toleratedCopies = 3;
const rememberedRefusals = 8;

export function receive<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
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

export function refuse<Wishes>(turn: Turn<Wishes>): void {
  fire(turn, 'RXJ-');
  turn.effects.push({ kind: 'refused' });
}
