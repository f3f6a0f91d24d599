import { utf8 } from '../../wire/bytes.ts';
import { encode } from '../../wire/codec.ts';
import { automaton, type AutomatonAction, type AutomatonEvent } from '../automaton.ts';
import { Options, Packet, controlCodes as codes, type Option } from '../packet.ts';
import type { Request } from './state.ts';
import { negotiating, send, takeIdentifier, timed, type Turn } from './turn.ts';

/** What quotes a packet or carries text is cut to fit any MRU that we grant (RFC 1661 §5.6). */
const quotedBytes = 512;

interface Received {
  readonly packet: Packet;
  readonly reply?: Packet;
  readonly options?: readonly Option[];
}

export function fire<Wishes>(turn: Turn<Wishes>, event: AutomatonEvent, received?: Received): void {
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

export function sendRequest<Wishes>(turn: Turn<Wishes>, request: Request): void {
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
