import type { Environment, Step } from '../machine.ts';
import { sameBytes } from '../wire/bytes.ts';
import { WireError } from '../wire/error.ts';
import { childUsed, deleteChild } from './children.ts';
import { refusalOf } from './envelope.ts';
import { endIfNothingIsLeft, failMainMode } from './establishment.ts';
import { isFragment, noFragments, reassemble } from './fragmentation.ts';
import { receiveInformational } from './informational.ts';
import { receiveMainMode } from './main-mode.ts';
import type { Received } from './main-mode-parts.ts';
import { startMainMode } from './main-mode-start.ts';
import { deleteOfSa, sendOnSa } from './protected.ts';
import { receiveQuickMode } from './quick-mode.ts';
import { receiveVerdict } from './verdict.ts';
import { type IkeState, type OpenState, type Path, currentSa, noCookie } from './state.ts';
import { childWorn, rekeyIke, requestChild, tick } from './timers.ts';
import { type Turn, close, drop, heard, log, send } from './turn.ts';
import type { Endpoint, IkeConfig, IkeEffect, IkeInput } from './types.ts';
import { type ExchangeName, type Packet, decodePacket } from './wire/index.ts';

export function createIke(config: IkeConfig): IkeState {
  return {
    at: 'open',
    config,
    nextId: 1,
    mainModes: [],
    sas: [],
    quickModes: [],
    children: [],
    wanted: [],
    fragments: noFragments,
    dpd: { at: 'quiet', sequence: 0 },
    lastLoss: undefined,
    sentMs: 0,
    heardMs: 0,
  };
}

/** One input, at `env.nowMs`. Never throws on what the network sent. */
export function stepIke(state: IkeState, input: IkeInput, env: Environment): Step<IkeState, IkeEffect> {
  if (state.at === 'closed') return { state, effects: [] };
  const turn: Turn = { state, closed: undefined, env, effects: [] };
  take(turn, input);
  if (turn.closed === undefined) endIfNothingIsLeft(turn);
  return {
    state: turn.closed === undefined ? turn.state : { at: 'closed', cause: turn.closed },
    effects: turn.effects,
  };
}

function take(turn: Turn, input: IkeInput): void {
  const { config } = turn.state;
  switch (input.kind) {
    case 'start':
      if (config.role === 'initiator') startMainMode(turn, { port: 'ike', remote: config.remote });
      return;
    case 'datagram':
      return receiveDatagram(turn, input.bytes, { port: input.port, remote: input.remote });
    case 'tick':
      return tick(turn);
    case 'establishChild':
      return requestChild(turn, {
        espProposals: input.espProposals ?? config.espProposals,
        pfsGroup: input.pfsGroup ?? config.pfsGroup,
        replaces: undefined,
      });
    case 'childWorn':
      return childWorn(turn, input.inboundSpi);
    case 'childUsed':
      return childUsed(turn, input.inboundSpi);
    case 'rekeyIke': {
      const sa = currentSa(turn.state);
      if (sa !== undefined) rekeyIke(turn, sa);
      return;
    }
    case 'peerVerdict':
      return receiveVerdict(turn, input.exchange, input.verdict);
    case 'activity':
      return heard(turn);
    case 'sent':
      turn.state = { ...turn.state, sentMs: turn.env.nowMs };
      return;
    case 'remoteMoved':
      return moveTo(turn, input.remote);
    case 'close':
      return closeByUs(turn);
  }
}

/** A message that cannot be read changes nothing: it may be damaged, forged or from another world. */
function receiveDatagram(turn: Turn, bytes: Uint8Array, path: Path): void {
  const before = turn.state;
  const effects = turn.effects.length;
  try {
    receivePacket(turn, { packet: decodePacket(bytes), bytes, path });
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    turn.state = before;
    turn.closed = undefined;
    turn.effects.length = effects;
    log(turn, 'ike.messageDropped', { reason: error.code, detail: error.message });
  }
}

const handlers: Partial<Record<ExchangeName, (turn: Turn, received: Received) => void>> = {
  mainMode: receiveMainMode,
  quickMode: receiveQuickMode,
  informational: receiveInformational,
  aggressive: refuseAggressive,
};

function receivePacket(turn: Turn, received: Received): void {
  const { packet } = received;
  if (isFragment(packet)) return receiveFragment(turn, received);
  const { exchange } = packet.header;
  const handle = typeof exchange === 'string' ? handlers[exchange] : undefined;
  if (handle === undefined) return drop(turn, 'exchangeType');
  handle(turn, received);
}

function receiveFragment(turn: Turn, { packet, path }: Received): void {
  if (!isOfExchange(turn.state, packet)) return drop(turn, 'exchange');
  const { sets, message } = reassemble(turn.state.fragments, packet);
  turn.state = { ...turn.state, fragments: sets };
  if (message === undefined) return;
  const whole = decodePacket(message);
  if (isFragment(whole)) return drop(turn, 'nestedFragment');
  receivePacket(turn, { packet: whole, bytes: message, path });
}

function isOfExchange({ mainModes, sas }: OpenState, { header }: Packet): boolean {
  return [...mainModes, ...sas].some(({ cookies }) => sameBytes(cookies.initiator, header.initiatorCookie));
}

/** Its hash of the pre-shared key would be open to guessing off line; a responder says that it does not speak it. */
function refuseAggressive(turn: Turn, { packet: { header }, path }: Received): void {
  log(turn, 'ike.aggressiveModeRefused', { address: path.remote.address });
  if (turn.state.config.role === 'initiator' || !sameBytes(header.responderCookie, noCookie)) return;
  send(turn, path, refusalOf(header.initiatorCookie, 'invalidExchangeType'));
  failMainMode(turn, undefined, { code: 'aggressiveModeRefused' });
}

/** The peer's NAT, or our network, moved: the same SAs go on from another place. */
function moveTo(turn: Turn, remote: Endpoint): void {
  const moved = <T extends { readonly path: Path }>(each: T): T => ({ ...each, path: { ...each.path, remote } });
  turn.state = { ...turn.state, sas: turn.state.sas.map(moved), mainModes: turn.state.mainModes.map(moved) };
}

function closeByUs(turn: Turn): void {
  const sa = currentSa(turn.state);
  if (sa !== undefined) {
    for (const { inboundSpi } of turn.state.children) deleteChild(turn, inboundSpi, 'closedByUs');
    for (const each of turn.state.sas) sendOnSa(turn, each, deleteOfSa(each));
  }
  close(turn, { code: 'closedByUs' });
}
