import { printable } from '../wire/text.ts';
import { answerChallenge, challengeBytes, judgeProof } from './authentication.ts';
import type { AvpValues } from './avps.ts';
import { tunnelIsUp } from './calls.ts';
import { connectionTable, isClosed, type ConnectionAction } from './connection.ts';
import { createDelivery, defaultWindow, meetPeer } from './delivery.ts';
import type { Message, TunnelMessage } from './messages.ts';
import { clip, offeredVersion, readResult, stopResult } from './results.ts';
import type { Turn } from './turn.ts';
import type { L2tpCause, PeerFacts } from './facts.ts';

const defaultSetupMs = 60_000;
const tieBreakerBytes = 8;
const everyFraming = 3;
const protocolVersion = { version: 1, revision: 0 };

/** What SCCRQ and SCCRP have in common (RFC 2661 §6.1, §6.2). */
function introduction({ config }: Turn): AvpValues {
  return {
    protocolVersion,
    framingCapabilities: config.framingCapabilities ?? everyFraming,
    bearerCapabilities: config.bearerCapabilities ?? 0,
    ...(config.firmwareRevision === undefined ? {} : { firmwareRevision: config.firmwareRevision }),
    hostName: clip(config.hostName),
    vendorName: clip(config.vendorName),
    assignedTunnelId: config.localTunnelId,
    receiveWindowSize: config.receiveWindow,
  };
}

function freshChallenge({ config, env }: Turn): { readonly challenge?: Uint8Array } {
  return config.tunnelSecret === undefined ? {} : { challenge: env.crypto.random(challengeBytes) };
}

function setupDeadlineMs({ config, env }: Turn): number {
  return env.nowMs + (config.setup?.tunnelMs ?? defaultSetupMs);
}

export function open(turn: Turn): void {
  if (turn.connection.at !== 'idle') {
    turn.log(`asked to open a tunnel that is ${turn.connection.at}`);
    return;
  }
  const tieBreaker = turn.config.singleTunnel === true ? { tieBreaker: turn.env.crypto.random(tieBreakerBytes) } : {};
  const challenge = freshChallenge(turn);
  turn.send('SCCRQ', { ...introduction(turn), ...challenge, ...tieBreaker });
  turn.connection = {
    at: 'waitReply',
    sinceMs: turn.env.nowMs,
    deadlineMs: setupDeadlineMs(turn),
    ...challenge,
    ...tieBreaker,
  };
}

/** Performs what RFC 2661 §7.2.1 says of a message about the tunnel. */
export function handleTunnelMessage(turn: Turn, name: TunnelMessage, message: Message): void {
  const { at } = turn.connection;
  if (at === 'lingering' || at === 'finished') return;
  actions[connectionTable[at][name]](turn, message, name);
}

const actions: Readonly<Record<ConnectionAction, (turn: Turn, message: Message, name: TunnelMessage) => void>> = {
  answer(turn, { avps }) {
    const peer = meet(turn, avps);
    if (peer === undefined) return;
    const answered = answerChallenge(turn.env.crypto, turn.config, 'SCCRP', avps);
    if ('refusal' in answered) {
      notAuthorized(turn, answered.refusal);
      return;
    }
    const challenge = freshChallenge(turn);
    turn.send('SCCRP', { ...introduction(turn), ...challenge, ...answered.avps });
    turn.connection = { at: 'waitConnected', deadlineMs: setupDeadlineMs(turn), peer, ...challenge };
  },

  confirm(turn, { avps }) {
    if (turn.connection.at !== 'waitReply') return;
    const peer = meet(turn, avps);
    if (peer === undefined) return;
    const { crypto } = turn.env;
    const answered = answerChallenge(crypto, turn.config, 'SCCCN', avps);
    const refusal =
      judgeProof(crypto, turn.config, turn.connection.challenge, 'SCCRP', avps) ??
      ('refusal' in answered ? answered.refusal : undefined);
    if (refusal !== undefined) notAuthorized(turn, refusal);
    else if ('avps' in answered) {
      turn.send('SCCCN', answered.avps);
      establish(turn, peer);
    }
  },

  accept(turn, { avps }) {
    if (turn.connection.at !== 'waitConnected') return;
    const { peer, challenge } = turn.connection;
    const refusal = judgeProof(turn.env.crypto, turn.config, challenge, 'SCCCN', avps);
    if (refusal === undefined) establish(turn, peer);
    else notAuthorized(turn, refusal);
  },

  refuse(turn, _message, name) {
    turn.violated(`${name} while ${turn.connection.at}`);
  },

  acknowledge: () => undefined,

  linger(turn, { avps }) {
    const { remoteTunnelId } = turn.delivery;
    turn.delivery = { ...turn.delivery, remoteTunnelId: remoteTunnelId || (avps.assignedTunnelId ?? 0) };
    turn.linger({ code: 'stopped', ...readResult(avps.resultCode) });
  },
};

/** Takes note of who the peer is; answers a version that is not ours with StopCCN. */
function meet(turn: Turn, avps: AvpValues): PeerFacts | undefined {
  const { hostName, vendorName, firmwareRevision, assignedTunnelId = 0, receiveWindowSize = defaultWindow } = avps;
  turn.delivery = meetPeer(turn.delivery, assignedTunnelId, receiveWindowSize);
  if (assignedTunnelId === 0) {
    turn.violated('the peer assigned tunnel 0');
    return undefined;
  }
  const version = avps.protocolVersion?.version ?? protocolVersion.version;
  if (version !== protocolVersion.version) {
    turn.stop(
      { code: 'versionMismatch', version },
      { resultCode: stopResult.versionNotSupported, errorCode: offeredVersion },
    );
    return undefined;
  }
  return {
    remoteTunnelId: assignedTunnelId,
    remoteHostName: printable(hostName ?? ''),
    ...(vendorName === undefined ? {} : { remoteVendor: printable(vendorName) }),
    ...(firmwareRevision === undefined ? {} : { remoteFirmware: firmwareRevision }),
    remoteWindow: turn.delivery.remoteWindow,
  };
}

function establish(turn: Turn, peer: PeerFacts): void {
  turn.connection = { at: 'established', lastHeardMs: turn.env.nowMs };
  turn.emit({ kind: 'tunnelUp', ...peer });
  tunnelIsUp(turn);
}

export function notAuthorized(turn: Turn, cause: L2tpCause): void {
  turn.stop(cause, { resultCode: stopResult.notAuthorized });
}

/**
 * Both ends opened at once (RFC 2661 §4.4.3, Tie Breaker): the lower value's tunnel stays, and one with a value beats
 * one without. This happens before sequence numbers count, since the loser starts anew as the one who answers.
 * @returns whether the peer's SCCRQ is to be taken.
 */
export function breakTie(turn: Turn, { avps }: Message): boolean {
  if (turn.connection.at !== 'waitReply') return true;
  const order = compare(turn.connection.tieBreaker, avps.tieBreaker);
  if (order === 'both') {
    turn.log('the peer opens a tunnel of its own');
    return false;
  }
  if (order === 'equal') {
    turn.abandon({ code: 'protocolError', what: 'both ends drew the same tie breaker' });
    return false;
  }
  if (order === 'theirs') {
    turn.delivery = createDelivery();
    turn.connection = { at: 'idle' };
  }
  return order === 'theirs';
}

function compare(ours: Uint8Array | undefined, theirs: Uint8Array | undefined): 'ours' | 'theirs' | 'equal' | 'both' {
  if (ours === undefined) return theirs === undefined ? 'both' : 'theirs';
  if (theirs === undefined) return 'ours';
  const at = ours.findIndex((byte, i) => byte !== theirs[i]);
  if (at === -1) return 'equal';
  return (ours[at] ?? 0) < (theirs[at] ?? 0) ? 'ours' : 'theirs';
}

export function close(turn: Turn, result: { resultCode?: number; errorCode?: number; message?: string }): void {
  if (isClosed(turn.connection)) return;
  turn.stop({ code: 'closedByUs' }, { ...result, resultCode: result.resultCode ?? stopResult.clear });
}
