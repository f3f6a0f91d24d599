import type { Environment, Step } from '../machine.ts';
import { WireError } from '../wire/error.ts';
import {
  expireCalls,
  endCall,
  disconnect,
  findCall,
  handleCallMessage,
  hangUp,
  placeCall,
  reportWanErrors,
  setLinkInfo,
} from './calls.ts';
import { isClosed } from './connection.ts';
import { breakTie, close, handleTunnelMessage, notAuthorized, open } from './control.ts';
import { createDelivery, expire, flush, heardPeer, receive, type Outgoing } from './delivery.ts';
import { isControl, peekTunnelId, peekVersion } from './header.ts';
import { isAbout, messages, readMessage, type Message } from './messages.ts';
import type { AvpProblem } from './avp-codec.ts';
import { generalError, stopResult } from './results.ts';
import { Turn } from './turn.ts';
import type { TunnelConfig, TunnelEffect, TunnelInput, TunnelState } from './types.ts';

export function createTunnel(config: TunnelConfig): TunnelState {
  return { config, connection: { at: 'idle' }, delivery: createDelivery(), calls: new Map(), nextCallSerial: 1 };
}

/** One tunnel with its calls. Never throws on what the network sends. */
export function stepTunnel(state: TunnelState, input: TunnelInput, env: Environment): Step<TunnelState, TunnelEffect> {
  const turn = new Turn(state, env);
  take(turn, input);
  settle(turn);
  return turn.step();
}

function take(turn: Turn, input: TunnelInput): void {
  switch (input.kind) {
    case 'message':
      takeMessage(turn, input.bytes.slice());
      return;
    case 'tick':
      passTime(turn);
      return;
    case 'activity':
      heard(turn);
      if (turn.connection.at === 'established') turn.delivery = heardPeer(turn.delivery);
      return;
    case 'close':
      close(turn, input);
      return;
    case 'open':
      open(turn);
      return;
    case 'call':
      if (isClosed(turn.connection)) turn.log('asked for a call in a closed tunnel');
      else placeCall(turn, input);
      return;
    case 'hangUp':
      hangUp(turn, input);
      return;
    case 'setLinkInfo':
      setLinkInfo(turn, input);
      return;
    case 'reportWanErrors':
      reportWanErrors(turn, input);
      return;
  }
}

function heard(turn: Turn): void {
  if (turn.connection.at === 'established') turn.connection = { at: 'established', lastHeardMs: turn.env.nowMs };
}

/** When the next `tick` is due, in the environment's time; `undefined`: nothing will happen by itself. */
export function tunnelDeadlineMs(state: TunnelState): number | undefined {
  const deadlines = [state.delivery.retransmitAtMs, ownDeadlineMs(state)];
  for (const call of state.calls.values()) if ('deadlineMs' in call) deadlines.push(call.deadlineMs);
  const due = deadlines.filter((deadline) => deadline !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}

function ownDeadlineMs({ connection, config, delivery }: Pick<TunnelState, 'connection' | 'config' | 'delivery'>) {
  switch (connection.at) {
    case 'waitReply':
    case 'waitConnected':
      return connection.deadlineMs;
    case 'established':
      // What waits for an acknowledgement asks after the peer as well as a Hello would.
      return config.hello.idleMs > 0 && delivery.outbox.length === 0
        ? connection.lastHeardMs + config.hello.idleMs
        : undefined;
    case 'lingering':
      return connection.untilMs;
    case 'idle':
    case 'stopping':
    case 'finished':
      return undefined;
  }
}

function passTime(turn: Turn): void {
  const { delivery, gaveUpOn } = expire(turn.delivery, turn.limits, turn.env.nowMs);
  turn.delivery = delivery;
  if (gaveUpOn !== undefined) {
    giveUp(turn, gaveUpOn);
    return;
  }
  expireCalls(turn);
  const deadlineMs = ownDeadlineMs(turn);
  if (deadlineMs === undefined || turn.env.nowMs < deadlineMs) return;
  if (turn.connection.at === 'lingering') turn.finish();
  else if (turn.connection.at === 'established') turn.send('HELLO', {});
  else {
    const waitedFor = turn.connection.at === 'waitReply' ? 'SCCRP' : 'SCCCN';
    turn.stop({ code: 'setupTimedOut', waitedFor }, { resultCode: stopResult.clear });
  }
}

function giveUp(turn: Turn, { name }: Outgoing): void {
  const { connection, config, env } = turn;
  const { tries } = config.retransmission;
  if (connection.at === 'stopping') turn.finish();
  else if (connection.at === 'waitReply') {
    const { strangeVersion, sinceMs } = connection;
    if (strangeVersion === undefined) turn.abandon({ code: 'noResponse', waitedMs: env.nowMs - sinceMs });
    else turn.abandon({ code: 'versionMismatch', version: strangeVersion });
  } else if (name === 'HELLO') turn.abandon({ code: 'deadPeer', tries });
  else turn.abandon({ code: 'retransmissionsExhausted', message: name, tries });
}

/** At the end of each step: an end that is reached, a peer that lets us queue without end, and what may be sent. */
function settle(turn: Turn): void {
  if (turn.delivery.outbox.length > 2 * turn.config.maxSessions + 64 && !isClosed(turn.connection)) {
    turn.stop({ code: 'limit', what: 'queue' }, { resultCode: stopResult.shuttingDown });
  }
  if (turn.connection.at === 'stopping' && turn.delivery.outbox.length === 0) turn.finish();
  const urgent = turn.connection.at === 'stopping';
  const { delivery, datagrams } = flush(turn.delivery, turn.limits, turn.env.nowMs, urgent);
  turn.delivery = delivery;
  for (const bytes of datagrams) turn.emit({ kind: 'send', bytes });
}

function takeMessage(turn: Turn, bytes: Uint8Array): void {
  const tunnelId = peekTunnelId(bytes);
  if (tunnelId === undefined) {
    takeStranger(turn, bytes);
    return;
  }
  let message: Message;
  try {
    message = readMessage(bytes, turn.hiding);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    turn.log(`dropped a message: ${error.message}`);
    return;
  }
  if (!isForUs(turn, tunnelId, message)) {
    turn.log(`dropped ${message.name} for tunnel ${tunnelId} while ${turn.connection.at}`);
    return;
  }
  if (message.name === 'SCCRQ' && !breakTie(turn, message)) return;
  heard(turn);
  const { delivery, deliver, roundTripMs } = receive(turn.delivery, message, turn.limits, turn.env.nowMs);
  turn.delivery = delivery;
  if (roundTripMs !== undefined) turn.emit({ kind: 'roundTrip', roundTripMs });
  for (const next of deliver) handle(turn, next);
}

/** RFC 2661 §3.1: other versions are discarded silently; here it is kept for the day nothing else comes. */
function takeStranger(turn: Turn, bytes: Uint8Array): void {
  const version = peekVersion(bytes);
  turn.log(`dropped ${bytes.length} bytes that are no L2TPv2 control message`);
  if (turn.connection.at === 'waitReply' && version !== undefined && version !== 2 && isControl(bytes)) {
    turn.connection = { ...turn.connection, strangeVersion: version };
  }
}

/** Tunnel 0 stands for ours with a peer that does not know it yet: when it opens, or stops what it has not opened. */
function isForUs({ connection, config, delivery }: Turn, tunnelId: number, { name, avps }: Message): boolean {
  if (connection.at === 'finished') return false;
  const samePeer = delivery.remoteTunnelId === 0 || avps.assignedTunnelId === delivery.remoteTunnelId;
  if (connection.at === 'idle') return tunnelId === 0 && name === 'SCCRQ';
  if (tunnelId === 0) return (name === 'SCCRQ' || name === 'StopCCN') && samePeer;
  return tunnelId === config.localTunnelId;
}

/** One message in its turn, each exactly once. */
function handle(turn: Turn, message: Message): void {
  const { name, problems } = message;
  const { at } = turn.connection;
  if (name === 'ZLB' || at === 'lingering' || at === 'finished') return;
  if (problems.length > 0) turn.log(`${name}: ${problems.slice(0, 3).map(describe).join(', ')}`);
  const fatal = problems.find((problem) => problem.mandatory);
  const ends = name === 'StopCCN' || name === 'CDN';
  if (fatal !== undefined && !ends) refuseMessage(turn, message, fatal);
  else if (name === 'unknown') return;
  else if (messages[name].needs.some((need) => message.avps[need] === undefined))
    refuseMessage(turn, message, undefined);
  else if (isAbout(name, 'tunnel')) handleTunnelMessage(turn, name, message);
  else if (at === 'established') handleCallMessage(turn, name, message);
  else turn.log(`${name} while ${at}`);
}

function describe({ what, vendorId, type, mandatory }: AvpProblem): string {
  return `${what} ${mandatory ? 'mandatory ' : ''}AVP ${type}${vendorId === 0 ? '' : ` of vendor ${vendorId}`}`;
}

/**
 * RFC 2661 §4.1: a mandatory AVP that is not understood (or, `problem` absent, one that is missing) ends the call its
 * message is about, or else the tunnel.
 */
function refuseMessage(turn: Turn, message: Message, problem: AvpProblem | undefined): void {
  if (isClosed(turn.connection)) return;
  const { name, avps } = message;
  const what = `${name}: ${problem === undefined ? 'a needed AVP is missing' : describe(problem)}`;
  const error = {
    resultCode: stopResult.generalError,
    errorCode: problem?.what === 'unknown' ? generalError.unknownMandatoryAvp : generalError.valueOutOfRange,
    message: what,
  };
  if (name !== 'ZLB' && name !== 'unknown' && isAbout(name, 'call')) {
    const call = findCall(turn, name, message);
    if (call !== undefined) endCall(turn, call, { code: 'protocolError', what }, error);
    else if (avps.assignedSessionId !== undefined) disconnect(turn, avps.assignedSessionId, 0, error);
    return;
  }
  const remoteTunnelId = turn.delivery.remoteTunnelId || (avps.assignedTunnelId ?? 0);
  turn.delivery = { ...turn.delivery, remoteTunnelId };
  if (problem?.what !== 'unreadable') turn.stop({ code: 'protocolError', what }, error);
  else notAuthorized(turn, { code: 'tunnelAuthenticationFailed', reason: 'unreadableHiddenAvp' });
}
