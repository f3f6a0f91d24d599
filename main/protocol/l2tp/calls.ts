import { randomU16 } from '../wire/random.ts';
import type { AvpValues } from './avps.ts';
import { callAction, remoteSessionId, type Call, type CallAction, type CallAutomaton } from './call.ts';
import type { CallMessage, Message } from './messages.ts';
import { callResult, clip, clipResult, generalError, readResult } from './results.ts';
import type { Turn } from './turn.ts';
import type { L2tpCause, ResultFacts } from './facts.ts';
import type { TunnelInput } from './types.ts';

const defaultSetupMs = 60_000;
/** What a call over IP has instead of a line's speed, and its framing: synchronous (RFC 2661 §4.4.4). */
const lineSpeedBps = 100_000_000;
const synchronous = 1;

type InputOf<K extends TunnelInput['kind']> = Extract<TunnelInput, { kind: K }>;

export function placeCall(turn: Turn, { calledNumber, callingNumber }: InputOf<'call'>): void {
  if (turn.calls.size >= turn.config.maxSessions) {
    turn.log(`asked for more than ${turn.config.maxSessions} calls`);
    return;
  }
  const call: Call = {
    ...newCall(turn, turn.config.role === 'lac' ? 'incomingLac' : 'outgoingLns', turn.nextCallSerial),
    at: 'waitTunnel',
    ...(calledNumber === undefined ? {} : { calledNumber: clip(calledNumber) }),
    ...(callingNumber === undefined ? {} : { callingNumber: clip(callingNumber) }),
  };
  turn.nextCallSerial += 1;
  begin(turn, call, 'us');
  if (turn.connection.at === 'established') perform(turn, call, 'tunnelUp', undefined);
}

export function tunnelIsUp(turn: Turn): void {
  for (const call of [...turn.calls.values()]) perform(turn, call, 'tunnelUp', undefined);
}

function newCall(turn: Turn, automaton: CallAutomaton, callSerial: number) {
  return { localSessionId: drawSessionId(turn), automaton, callSerial };
}

/** A random number, so that data of an old call cannot be taken for a new one's; the next free one after it. */
function drawSessionId({ calls, env }: Turn): number {
  let id = randomU16(env.crypto);
  while (id === 0 || calls.has(id)) id = (id + 1) & 0xffff;
  return id;
}

function begin(turn: Turn, call: Call, by: 'us' | 'peer'): void {
  turn.calls.set(call.localSessionId, call);
  const { localSessionId, callSerial } = call;
  turn.emit({ kind: 'callStarted', localSessionId, by, callSerial, remoteSessionId: remoteSessionId(call) });
}

function setupDeadlineMs({ config, env }: Turn): number {
  return env.nowMs + (config.setup?.callMs ?? defaultSetupMs);
}

/** Performs what RFC 2661 §7.4 and §7.5 say of a message about a call. */
export function handleCallMessage(turn: Turn, name: CallMessage, message: Message): void {
  const call = findCall(turn, name, message);
  if (call !== undefined) perform(turn, call, name, message);
  else if (name === 'ICRQ' || name === 'OCRQ') takeRequest(turn, name, message.avps);
  else if (name === 'ICRP' || name === 'OCRP') {
    const error = { resultCode: callResult.generalError, errorCode: generalError.invalidSession };
    disconnect(turn, message.avps.assignedSessionId ?? 0, 0, error);
  } else turn.log(`${name} for a call that is not there`);
}

export function findCall(turn: Turn, name: CallMessage, { header, avps }: Message): Call | undefined {
  if (header.sessionId !== 0 || name !== 'CDN') return turn.calls.get(header.sessionId);
  // §4.4.4: a CDN from an end that has not learnt our session yet names its own.
  const named = [...turn.calls.values()].find((call) => remoteSessionId(call) === avps.assignedSessionId);
  const waiting = [...turn.calls.values()].filter((call) => call.at === 'waitReply');
  return named ?? (waiting.length === 1 ? waiting[0] : undefined);
}

/** The idle row: a peer asks for a call. */
function takeRequest(turn: Turn, name: 'ICRQ' | 'OCRQ', avps: AvpValues): void {
  const { assignedSessionId = 0, callSerialNumber = 0 } = avps;
  const { config } = turn;
  const willing =
    name === 'ICRQ' ? config.role === 'lns' : config.role === 'lac' && config.acceptOutgoingCalls === true;
  if (assignedSessionId === 0 || [...turn.calls.values()].some((call) => remoteSessionId(call) === assignedSessionId)) {
    turn.log(`${name} with session ${assignedSessionId}, which is taken or none`);
  } else if (!willing) {
    disconnect(turn, assignedSessionId, 0, { resultCode: callResult.facilitiesMissing });
  } else if (turn.calls.size >= config.maxSessions) {
    turn.log(`${name} beyond ${config.maxSessions} calls`);
    disconnect(turn, assignedSessionId, 0, { resultCode: callResult.facilitiesBusy });
  } else if (name === 'ICRQ') {
    const call: Call = {
      ...newCall(turn, 'incomingLns', callSerialNumber),
      at: 'waitConnect',
      deadlineMs: setupDeadlineMs(turn),
      remoteSessionId: assignedSessionId,
    };
    begin(turn, call, 'peer');
    turn.send('ICRP', { assignedSessionId: call.localSessionId }, assignedSessionId);
  } else {
    const call = newCall(turn, 'outgoingLac', callSerialNumber);
    begin(turn, { ...call, at: 'established', remoteSessionId: assignedSessionId }, 'peer');
    turn.send('OCRP', { assignedSessionId: call.localSessionId }, assignedSessionId);
    connected(turn, 'OCCN', call, assignedSessionId);
  }
}

function perform(turn: Turn, call: Call, event: CallMessage | 'tunnelUp', message: Message | undefined): void {
  const action = callAction(call, event);
  if (action === undefined) turn.log(`${event} for a call in ${call.at}`);
  else actions[action](turn, call, message?.avps ?? {}, event);
}

const actions: Readonly<Record<CallAction, (turn: Turn, call: Call, avps: AvpValues, event: string) => void>> = {
  request(turn, call) {
    if (call.at !== 'waitTunnel') return;
    const { localSessionId, automaton, callSerial, calledNumber, callingNumber } = call;
    const request: AvpValues = {
      assignedSessionId: localSessionId,
      callSerialNumber: callSerial,
      ...(calledNumber === undefined ? {} : { calledNumber }),
      ...(callingNumber === undefined ? {} : { callingNumber }),
    };
    if (automaton === 'incomingLac') turn.send('ICRQ', request);
    else {
      const speeds = { minimumBps: 1, maximumBps: lineSpeedBps };
      const line = { bearerType: 1, framingType: synchronous, calledNumber: calledNumber ?? '' };
      turn.send('OCRQ', { ...request, ...speeds, ...line });
    }
    const deadlineMs = setupDeadlineMs(turn);
    turn.calls.set(localSessionId, { localSessionId, automaton, callSerial, at: 'waitReply', deadlineMs });
  },

  connect(turn, { localSessionId, automaton, callSerial }, { assignedSessionId = 0 }) {
    const call = { localSessionId, automaton, callSerial };
    if (assignedSessionId === 0) {
      refuse(turn, { ...call, at: 'waitReply', deadlineMs: 0 }, 'the peer assigned session 0');
      return;
    }
    turn.calls.set(localSessionId, { ...call, at: 'established', remoteSessionId: assignedSessionId });
    connected(turn, 'ICCN', call, assignedSessionId);
  },

  awaitConnect(turn, { localSessionId, automaton, callSerial }, { assignedSessionId = 0 }) {
    const call = { localSessionId, automaton, callSerial, deadlineMs: setupDeadlineMs(turn) };
    if (assignedSessionId === 0) refuse(turn, { ...call, at: 'waitReply' }, 'the peer assigned session 0');
    else turn.calls.set(localSessionId, { ...call, at: 'waitConnect', remoteSessionId: assignedSessionId });
  },

  up(turn, call, avps) {
    if (call.at !== 'waitConnect') return;
    const { localSessionId, automaton, callSerial } = call;
    const established: Call = {
      localSessionId,
      automaton,
      callSerial,
      at: 'established',
      remoteSessionId: call.remoteSessionId,
    };
    turn.calls.set(localSessionId, established);
    callUp(turn, established, call.remoteSessionId, avps);
  },

  refuse(turn, call, _avps, event) {
    refuse(turn, call, `${event} while ${call.at}`);
  },

  clear(turn, call, avps) {
    const code = call.at === 'established' ? 'callEnded' : 'callRefused';
    turn.endCall(call.localSessionId, { code, ...readResult(avps.resultCode) });
  },

  tellLinkInfo(turn, { localSessionId }, { accm }) {
    if (accm === undefined) return;
    const { sendAccm, receiveAccm } = accm;
    turn.emit({ kind: 'linkInfo', localSessionId, sendAccm, receiveAccm });
  },

  tellWanErrors(turn, { localSessionId }, { callErrors }) {
    if (callErrors === undefined) return;
    turn.emit({ kind: 'wanErrors', localSessionId, errors: callErrors });
  },
};

type Identity = Pick<Call, 'localSessionId' | 'automaton' | 'callSerial'>;

/** The LAC's last word: the call is connected (RFC 2661 §6.8, §6.11). */
function connected(turn: Turn, name: 'ICCN' | 'OCCN', call: Identity, remote: number): void {
  const avps: AvpValues = {
    transmitConnectSpeed: lineSpeedBps,
    framingType: synchronous,
    ...(turn.config.requestSequencing === true ? { sequencingRequired: true } : {}),
  };
  turn.send(name, avps, remote);
  callUp(turn, call, remote, avps);
}

function callUp(turn: Turn, call: Identity, remote: number, avps: AvpValues): void {
  const { framingType, transmitConnectSpeed, receiveConnectSpeed = transmitConnectSpeed } = avps;
  turn.emit({
    kind: 'callUp',
    localSessionId: call.localSessionId,
    remoteSessionId: remote,
    direction: call.automaton.startsWith('incoming') ? 'incoming' : 'outgoing',
    callSerial: call.callSerial,
    sequencing: turn.config.requestSequencing === true || avps.sequencingRequired === true,
    ...(framingType === undefined ? {} : { framingType }),
    ...(transmitConnectSpeed === undefined ? {} : { transmitBitsPerSecond: transmitConnectSpeed }),
    ...(receiveConnectSpeed === undefined ? {} : { receiveBitsPerSecond: receiveConnectSpeed }),
  });
}

function refuse(turn: Turn, call: Call, what: string): void {
  const result = { resultCode: callResult.generalError, errorCode: generalError.invalidSession, message: what };
  endCall(turn, call, { code: 'protocolError', what }, result);
}

/** Ends a call on both ends: CDN, unless the peer has not heard of it. */
export function endCall(turn: Turn, call: Call, cause: L2tpCause, result: ResultFacts): void {
  if (call.at !== 'waitTunnel') disconnect(turn, remoteSessionId(call), call.localSessionId, result);
  turn.endCall(call.localSessionId, cause);
}

export function disconnect(turn: Turn, remote: number, local: number, result: ResultFacts): void {
  turn.send('CDN', { assignedSessionId: local, resultCode: clipResult(result) }, remote);
}

export function hangUp(turn: Turn, input: InputOf<'hangUp'>): void {
  const call = turn.calls.get(input.localSessionId);
  if (call === undefined) return;
  const { resultCode = callResult.administrative, errorCode, message } = input;
  const result = {
    resultCode,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(message === undefined ? {} : { message }),
  };
  endCall(turn, call, { code: 'closedByUs' }, result);
}

/** Ends the calls whose set-up takes too long. */
export function expireCalls(turn: Turn): void {
  for (const call of [...turn.calls.values()]) {
    if (!('deadlineMs' in call) || turn.env.nowMs < call.deadlineMs) continue;
    const waitedFor = call.at === 'waitReply' ? 'an answer to the call' : 'the call to connect';
    endCall(turn, call, { code: 'setupTimedOut', waitedFor }, { resultCode: callResult.setupTimedOut });
  }
}

export function setLinkInfo(turn: Turn, { localSessionId, sendAccm, receiveAccm }: InputOf<'setLinkInfo'>): void {
  report(turn, 'SLI', localSessionId, { accm: { sendAccm, receiveAccm } });
}

export function reportWanErrors(turn: Turn, { localSessionId, errors }: InputOf<'reportWanErrors'>): void {
  report(turn, 'WEN', localSessionId, { callErrors: errors });
}

function report(turn: Turn, name: 'SLI' | 'WEN', localSessionId: number, avps: AvpValues): void {
  const call = turn.calls.get(localSessionId);
  if (call?.at === 'established') turn.send(name, avps, call.remoteSessionId);
  else turn.log(`${name} for a call that is not up`);
}
