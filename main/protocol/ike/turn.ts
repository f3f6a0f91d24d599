import type { Environment } from '../machine.ts';
import { randomU32 } from '../wire/random.ts';
import { fragmentsOf } from './fragmentation.ts';
import { wipeIkeKeys } from './keys.ts';
import { type Answered, type Retransmission, maxReplays, roundTripOf } from './retransmission.ts';
import type { Child, IsakmpSa, MainMode, OpenState, Path, QuickMode } from './state.ts';
import type { ChildCause, IkeCause, IkeEffect, IkeLogEvent } from './types.ts';

/** One step while it is taken: the state is replaced as it changes, effects are collected in order. */
export interface Turn {
  state: OpenState;
  closed: IkeCause | undefined;
  readonly env: Environment;
  readonly effects: IkeEffect[];
}

export function log(turn: Turn, event: IkeLogEvent, facts: Readonly<Record<string, string | number>> = {}): void {
  turn.effects.push({ kind: 'log', event, facts });
}

/** A message that changes nothing. */
export function drop(turn: Turn, reason: string): void {
  log(turn, 'ike.messageDropped', { reason });
}

/** Sends a message, cut into the vendor's fragments where it is large and the peer reads them. */
export function send(turn: Turn, path: Path, message: Uint8Array, peerReadsFragments = false): void {
  const { maxBytes } = turn.state.config.fragmentation;
  const datagrams = peerReadsFragments && message.length > maxBytes ? fragmentsOf(message, maxBytes) : [message];
  for (const bytes of datagrams) turn.effects.push({ kind: 'send', port: path.port, remote: path.remote, bytes });
  if (path.port === 'natt') turn.state = { ...turn.state, sentMs: turn.env.nowMs };
}

/** A duplicate gets the identical answer, so often and no more. */
export function replay(turn: Turn, answered: Answered, path: Path, peerReadsFragments: boolean): Answered {
  if (answered.replays >= maxReplays) return answered;
  log(turn, 'ike.duplicate');
  send(turn, path, answered.reply, peerReadsFragments);
  return { ...answered, replays: answered.replays + 1 };
}

export function sampleRoundTrip(turn: Turn, pending: Retransmission): void {
  const roundTripMs = roundTripOf(pending, turn.env.nowMs);
  if (roundTripMs !== undefined) turn.effects.push({ kind: 'roundTrip', roundTripMs });
}

/** Never 0, which is phase 1's (RFC 2408 §3.1), and none that the SA has used: its IV would come again. */
export function freshMessageId(turn: Turn, usedIds: readonly number[] = []): number {
  return freshNumber(turn, (id) => id !== 0 && !usedIds.includes(id));
}

/** For an exchange of ours: what the peer sends under this id answers it, and our own message reflected begins none. */
export function takeMessageId(turn: Turn, { id }: Pick<IsakmpSa, 'id'>): number {
  const sa = findSa(turn, id);
  const messageId = freshMessageId(turn, sa?.messageIds);
  if (sa !== undefined) rememberMessageId(turn, sa, messageId);
  return messageId;
}

/** SPIs below 256 are reserved (RFC 2407 §4.6.2.1 keeps RFC 2401's rule). The lists are short: there are always others. */
export function freshSpi(turn: Turn): number {
  const { children, quickModes } = turn.state;
  const used = new Set([...children, ...quickModes].map(({ inboundSpi }) => inboundSpi));
  const { first, count } = turn.state.config.spis ?? { first: 0, count: 2 ** 32 };
  return freshNumber(
    turn,
    (spi) => spi >= 256 && !used.has(spi),
    (drawn) => first + (drawn % count),
  );
}

function freshNumber(turn: Turn, fits: (number: number) => boolean, within = (drawn: number) => drawn): number {
  for (;;) {
    const number = within(randomU32(turn.env.crypto));
    if (fits(number)) return number;
  }
}

/** Exchanges that are kept only to repeat their last message to a peer that lost it. */
const maxFinished = 16;

// ── Lists: each item is found by its own key ────────────────────────────────────────────────────────────────────────

function putBy<T>(list: readonly T[], item: T, same: (other: T) => boolean): readonly T[] {
  const at = list.findIndex(same);
  return at < 0 ? [...list, item] : list.with(at, item);
}

export function putMainMode(turn: Turn, item: MainMode): void {
  const mainModes = putBy(turn.state.mainModes, item, ({ id }) => id === item.id);
  turn.state = { ...turn.state, mainModes };
}

export function dropMainMode(turn: Turn, id: number): void {
  turn.state = { ...turn.state, mainModes: turn.state.mainModes.filter((each) => each.id !== id) };
}

export function putSa(turn: Turn, item: IsakmpSa): void {
  turn.state = { ...turn.state, sas: putBy(turn.state.sas, item, ({ id }) => id === item.id) };
}

export function putQuickMode(turn: Turn, item: QuickMode): void {
  const quickModes = putBy(
    turn.state.quickModes,
    item,
    (other) => other.sa === item.sa && other.messageId === item.messageId,
  );
  const finished = quickModes.filter(({ awaits }) => awaits === 'nothing');
  const oldest = finished.length > maxFinished ? finished[0] : undefined;
  turn.state = { ...turn.state, quickModes: quickModes.filter((each) => each !== oldest) };
}

export function dropQuickMode(turn: Turn, item: Pick<QuickMode, 'sa' | 'messageId'>): void {
  const quickModes = turn.state.quickModes.filter(
    (other) => other.sa !== item.sa || other.messageId !== item.messageId,
  );
  turn.state = { ...turn.state, quickModes };
}

/** Each message id serves one exchange, of either end: those of the last while are remembered, so that a replay is none. */
export function rememberMessageId(turn: Turn, sa: IsakmpSa, messageId: number): IsakmpSa {
  const remembered = { ...sa, messageIds: [...sa.messageIds, messageId].slice(-maxMessageIds) };
  putSa(turn, remembered);
  return remembered;
}

/** More than an SA's lifetime of questions and answers about its peer's life. */
const maxMessageIds = 4096;

export function findChild(turn: Turn, inboundSpi: number): Child | undefined {
  return turn.state.children.find((child) => child.inboundSpi === inboundSpi);
}

export function putChild(turn: Turn, item: Child): void {
  const children = putBy(turn.state.children, item, ({ inboundSpi }) => inboundSpi === item.inboundSpi);
  turn.state = { ...turn.state, children };
}

/** The child that carries our packets: the newest that the peer has and that nothing took over from. */
export function currentChild(turn: Turn): Child | undefined {
  const { children } = turn.state;
  const usable = children.filter(({ confirmed, useAtMs }) => confirmed && useAtMs === undefined);
  return usable.findLast(({ superseded }) => !superseded) ?? usable.at(-1);
}

/** Says so when another child carries our packets than before. */
export function useCurrentChild(turn: Turn, before: Child | undefined): void {
  const current = currentChild(turn);
  if (current === undefined || current.inboundSpi === before?.inboundSpi) return;
  const { inboundSpi, outboundSpi } = current;
  turn.effects.push({ kind: 'useChild', inboundSpi, outboundSpi });
}

export function closeChild(turn: Turn, inboundSpi: number, cause: ChildCause): void {
  if (findChild(turn, inboundSpi) === undefined) return;
  const before = currentChild(turn);
  turn.state = { ...turn.state, children: turn.state.children.filter((child) => child.inboundSpi !== inboundSpi) };
  useCurrentChild(turn, before);
  turn.effects.push({ kind: 'childClosed', inboundSpi, cause });
}

export function findSa(turn: Turn, id: number): IsakmpSa | undefined {
  return turn.state.sas.find((sa) => sa.id === id);
}

/** The peer proved to be alive. */
export function heard(turn: Turn): void {
  turn.state = { ...turn.state, heardMs: turn.env.nowMs, dpd: { at: 'quiet', sequence: turn.state.dpd.sequence } };
}

/** Of one that comes to nothing. */
export function wipeMainMode(mode: MainMode): void {
  if ('keys' in mode) wipeIkeKeys(mode.keys);
  if ('candidates' in mode) for (const { keys } of mode.candidates) wipeIkeKeys(keys);
  if (mode.awaits === 'verdict') wipeMainMode(mode.mode);
}

/** Ends the machine. Its children end with it, and its secrets are wiped. */
export function close(turn: Turn, cause: IkeCause): void {
  if (turn.closed !== undefined) return;
  for (const { inboundSpi } of turn.state.children) {
    turn.effects.push({ kind: 'childClosed', inboundSpi, cause: 'ikeClosed' });
  }
  turn.closed = cause;
  turn.effects.push({ kind: 'closed', cause });
  for (const { keys } of turn.state.sas) wipeIkeKeys(keys);
  for (const mode of turn.state.mainModes) wipeMainMode(mode);
}

/** The peer's authenticated, new message came from elsewhere: its NAT moved, or ours did (RFC 3947 §6). */
export function follow(turn: Turn, sa: IsakmpSa, path: Path): IsakmpSa {
  const { port, remote } = sa.path;
  if (port === path.port && remote.port === path.remote.port && remote.address === path.remote.address) return sa;
  log(turn, 'ike.natMoved', { address: path.remote.address, port: path.remote.port });
  const moved = { ...sa, path };
  putSa(turn, moved);
  return moved;
}
