import { confirmChild, deleteChild, failChild, makeRoom } from './children.ts';
import { dpdDeadlineMs, tickDpd } from './dpd.ts';
import { encapsulationOf } from './encapsulation.ts';
import { causeOfSilence, failMainMode, removeSa } from './establishment.ts';
import { retryAtMs } from './lifetime.ts';
import { startMainMode } from './main-mode-start.ts';
import { deleteOfSa, sendOnSa } from './protected.ts';
import { startQuickMode } from './quick-mode-initiator.ts';
import { judge } from './retransmission.ts';
import {
  type Child,
  type IkeState,
  type IsakmpSa,
  type MainMode,
  type OpenState,
  type QuickMode,
  currentSa,
} from './state.ts';
import {
  type Turn,
  dropQuickMode,
  findChild,
  findSa,
  log,
  putChild,
  putMainMode,
  putQuickMode,
  putSa,
  send,
} from './turn.ts';

/** All that happens by time alone. `ikeDeadlineMs` and `tick` go through the same things. */

/** When `tick` has something to do next; `undefined` when only the peer or the caller can move the machine. */
export function ikeDeadlineMs(state: IkeState): number | undefined {
  if (state.at === 'closed') return undefined;
  const times = [
    ...state.mainModes.map(mainModeDeadlineMs),
    ...state.quickModes.map(quickModeDeadlineMs),
    ...state.sas.flatMap(({ rekeyAtMs, expiresAtMs, superseded, retireAtMs }) =>
      superseded ? [expiresAtMs, retireAtMs] : [rekeyAtMs, expiresAtMs, retireAtMs],
    ),
    ...state.children.flatMap(({ rekeyAtMs, expiresAtMs, superseded, retireAtMs, useAtMs }) =>
      superseded ? [expiresAtMs, retireAtMs, useAtMs] : [rekeyAtMs, expiresAtMs, retireAtMs, useAtMs],
    ),
    dpdDeadlineMs(state),
    keepaliveDeadlineMs(state),
  ].filter((time) => time !== undefined && Number.isFinite(time)) as number[];
  return times.length === 0 ? undefined : Math.min(...times);
}

export function tick(turn: Turn): void {
  const before = turn.state;
  for (const mode of before.mainModes) if (turn.closed === undefined) tickMainMode(turn, mode);
  for (const mode of before.quickModes) if (turn.closed === undefined) tickQuickMode(turn, mode);
  for (const { inboundSpi } of before.children) {
    const child = findChild(turn, inboundSpi);
    if (child !== undefined && turn.closed === undefined) tickChild(turn, child);
  }
  for (const { id } of before.sas) {
    const sa = findSa(turn, id);
    if (sa !== undefined && turn.closed === undefined) tickSa(turn, sa);
  }
  if (turn.closed === undefined) tickDpd(turn);
  if (turn.closed === undefined) tickKeepalive(turn);
}

// ── Exchanges ────────────────────────────────────────────────────────────────────────────────────────────────────────

function mainModeDeadlineMs(mode: MainMode): number {
  return mode.role === 'initiator' && mode.awaits !== 'verdict' ? mode.pending.dueMs : mode.giveUpAtMs;
}

function tickMainMode(turn: Turn, mode: MainMode): void {
  const { nowMs } = turn.env;
  if (mode.role === 'responder' || mode.awaits === 'verdict') {
    if (nowMs >= mode.giveUpAtMs) failMainMode(turn, mode, causeOfSilence(mode));
    return;
  }
  const verdict = judge(mode.pending, turn.state.config.retransmission, nowMs);
  if (verdict === 'wait') return;
  if (verdict === 'giveUp') return failMainMode(turn, mode, causeOfSilence(mode));
  putMainMode(turn, { ...mode, pending: verdict.again });
  log(turn, 'ike.retransmit', { exchange: 'mainMode', attempt: verdict.again.repeats });
  send(turn, mode.path, mode.pending.message, mode.awaits !== 2 && mode.features.fragmentation);
}

function quickModeDeadlineMs(mode: QuickMode): number {
  return mode.awaits === 'nothing' ? mode.forgetAtMs : mode.pending.dueMs;
}

function tickQuickMode(turn: Turn, mode: QuickMode): void {
  const { nowMs } = turn.env;
  if (mode.awaits === 'nothing') {
    if (nowMs >= mode.forgetAtMs) dropQuickMode(turn, mode);
    return;
  }
  const verdict = judge(mode.pending, turn.state.config.retransmission, nowMs);
  if (verdict === 'wait') return;
  if (verdict === 'giveUp') {
    if (mode.awaits === 'answer') return failChild(turn, mode, { code: 'phase2Timeout' });
    dropQuickMode(turn, mode);
    return deleteChild(turn, mode.inboundSpi, 'unconfirmed'); // a peer whose last message was lost has it
  }
  const sa = findSa(turn, mode.sa);
  if (sa === undefined) return dropQuickMode(turn, mode);
  putQuickMode(turn, { ...mode, pending: verdict.again });
  log(turn, 'ike.retransmit', { exchange: 'quickMode', attempt: verdict.again.repeats });
  send(turn, sa.path, mode.pending.message, sa.features.fragmentation);
}

// ── SAs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

function tickSa(turn: Turn, sa: IsakmpSa): void {
  const { nowMs } = turn.env;
  const busy = turn.state.quickModes.some((mode) => mode.sa === sa.id && mode.awaits !== 'nothing');
  const retires = sa.retireAtMs !== undefined && nowMs >= sa.retireAtMs && !busy;
  if (nowMs >= sa.expiresAtMs || retires) {
    sendOnSa(turn, sa, deleteOfSa(sa));
    return removeSa(turn, sa, { code: 'lifetimeExpired' });
  }
  // What is still busy at its retirement gets until its exchanges end, each of which has a deadline of its own.
  if (sa.retireAtMs !== undefined && nowMs >= sa.retireAtMs) return putSa(turn, { ...sa, retireAtMs: nowMs + 1000 });
  if (!sa.superseded && nowMs >= sa.rekeyAtMs) rekeyIke(turn, sa);
}

/** A main mode under new cookies, over the path in use; what hangs on the old SA moves over once the new one stands. */
export function rekeyIke(turn: Turn, sa: IsakmpSa): void {
  putSa(turn, { ...sa, rekeyAtMs: Infinity });
  if (turn.state.mainModes.some(({ role }) => role === 'initiator')) return;
  log(turn, 'ike.rekey', { phase: 1 });
  startMainMode(turn, sa.path);
}

function tickChild(turn: Turn, child: Child): void {
  const { nowMs } = turn.env;
  const { inboundSpi } = child;
  if (nowMs >= child.expiresAtMs) {
    return deleteChild(turn, inboundSpi, child.superseded ? 'replaced' : 'lifetimeExpired');
  }
  if (child.retireAtMs !== undefined && nowMs >= child.retireAtMs) {
    const isReplaced = turn.state.children.some(({ replaces }) => replaces === inboundSpi);
    return deleteChild(turn, inboundSpi, isReplaced ? 'replaced' : 'redundant');
  }
  if (child.useAtMs !== undefined && nowMs >= child.useAtMs) confirmChild(turn, inboundSpi, undefined);
  if (!child.superseded && nowMs >= child.rekeyAtMs) rekeyChild(turn, inboundSpi);
}

/** Its volume is nearly used up, or wholly. */
export function childWorn(turn: Turn, inboundSpi: number): void {
  const child = findChild(turn, inboundSpi);
  if (child === undefined) return;
  const { renewableAtMs, rekeyAtMs } = child;
  if (turn.env.nowMs >= renewableAtMs) return rekeyChild(turn, inboundSpi);
  putChild(turn, { ...child, rekeyAtMs: Math.min(rekeyAtMs, renewableAtMs) });
}

/** The suite that was agreed on is all that is offered. */
function rekeyChild(turn: Turn, inboundSpi: number): void {
  const child = findChild(turn, inboundSpi);
  if (child === undefined || child.superseded) return;
  const { suite, pfsGroup, expiresAtMs } = child;
  const isUnderWay =
    turn.state.quickModes.some((mode) => mode.awaits === 'answer' && mode.request.replaces === inboundSpi) ||
    turn.state.wanted.some(({ replaces }) => replaces === inboundSpi);
  if (!isUnderWay && !makeRoom(turn))
    return putChild(turn, { ...child, rekeyAtMs: retryAtMs(turn.env.nowMs, expiresAtMs) });
  putChild(turn, { ...child, rekeyAtMs: Infinity });
  if (isUnderWay) return;
  log(turn, 'ike.rekey', { phase: 2 });
  requestChild(turn, { espProposals: [suite], pfsGroup, replaces: inboundSpi });
}

const maxWanted = 8;

/** At once where an SA stands, otherwise as soon as one does. */
export function requestChild(turn: Turn, request: OpenState['wanted'][number]): void {
  const sa = currentSa(turn.state);
  if (sa !== undefined) return startQuickMode(turn, sa, request);
  turn.state = { ...turn.state, wanted: [...turn.state.wanted, request].slice(-maxWanted) };
}

// ── NAT keepalive: RFC 3948 §4 ───────────────────────────────────────────────────────────────────────────────────────

function keepaliveDeadlineMs(state: OpenState): number | undefined {
  const sa = currentSa(state);
  if (sa?.path.port !== 'natt' || sa.nat?.local !== true || encapsulationOf(sa) !== 'udp') return undefined;
  return state.sentMs + state.config.keepaliveMs;
}

function tickKeepalive(turn: Turn): void {
  const dueMs = keepaliveDeadlineMs(turn.state);
  const sa = currentSa(turn.state);
  if (dueMs === undefined || sa === undefined || turn.env.nowMs < dueMs) return;
  turn.effects.push({ kind: 'keepalive', remote: sa.path.remote });
  turn.state = { ...turn.state, sentMs: turn.env.nowMs };
}
