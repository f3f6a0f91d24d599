import type { AuditEvent, AuditReason } from '../../contracts/audit.ts';
import type { Phase } from '../../contracts/failure.ts';
import type { IkeCause } from '../../protocol/ike/index.ts';
import type { PppCause } from '../../protocol/ppp/index.ts';
import {
  nothingCounted,
  type EndCode,
  type HostEffect,
  type HostFact,
  type SessionEnd,
} from '../../session/host/index.ts';
import type { Admission, LiveSession } from './ledger.ts';
import { nameOf } from './names.ts';

/** What the audit log says of the sessions, in its own words: every cause of theirs has one here. */

type PeerRefused = Extract<HostFact, { fact: 'peerRefused' }>;
type CertificateRejection = NonNullable<PeerRefused['rejection']>;

interface Refusal {
  readonly phase: Phase;
  readonly reason: AuditReason;
}

export const peerRefusals: Readonly<Record<IkeCause['code'], Refusal>> = {
  noResponse: { phase: 'ikePhase1', reason: 'timeout' },
  phase1Timeout: { phase: 'ikePhase1', reason: 'timeout' },
  phase2Timeout: { phase: 'ikePhase2', reason: 'timeout' },
  noProposalChosen: { phase: 'ikePhase1', reason: 'noCommonProposal' },
  authenticationFailed: { phase: 'ikeAuthentication', reason: 'wrongPreSharedKey' },
  certificateRejected: { phase: 'ikeAuthentication', reason: 'certificateUnfit' },
  identityMismatch: { phase: 'ikeAuthentication', reason: 'unknownIdentity' },
  invalidIdInformation: { phase: 'ikePhase2', reason: 'protocolError' },
  natTraversalUnsupported: { phase: 'ikePhase1', reason: 'protocolError' },
  peerDeleted: { phase: 'ikePhase1', reason: 'abandoned' },
  deadPeer: { phase: 'ikePhase1', reason: 'timeout' },
  peerNotify: { phase: 'ikePhase1', reason: 'protocolError' },
  malformed: { phase: 'ikePhase1', reason: 'protocolError' },
  aggressiveModeRefused: { phase: 'ikePhase1', reason: 'protocolError' },
  lifetimeExpired: { phase: 'ikePhase1', reason: 'timeout' },
  closedByUs: { phase: 'ikePhase1', reason: 'halfOpenLimit' },
};

export const certificateReasons: Readonly<Record<CertificateRejection, AuditReason>> = {
  missing: 'certificateUnfit',
  malformed: 'certificateUnfit',
  weak: 'certificateUnfit',
  wrongUsage: 'certificateUnfit',
  unknownAuthority: 'certificateUntrusted',
  notYetValid: 'certificateOutOfTime',
  expired: 'certificateOutOfTime',
  wrongName: 'certificateMismatch',
  wrongKey: 'certificateMismatch',
  badSignature: 'certificateMismatch',
  revoked: 'certificateRevoked',
  revocationUnknown: 'certificateUnchecked',
  timeout: 'certificateUnchecked',
};

/** Of a peer that did not get in. */
export function peerRefusal({ code, rejection }: Pick<PeerRefused, 'code' | 'rejection'>): Refusal {
  const refusal = peerRefusals[code];
  return rejection === undefined ? refusal : { ...refusal, reason: certificateReasons[rejection] };
}

/** Of a PPP link that ended before its user was online; where there is no phase, it is the one that the link had come to. */
export const linkRefusals: Readonly<Record<PppCause['code'], Partial<Refusal> & Pick<Refusal, 'reason'>>> = {
  lcpTimeout: { phase: 'lcp', reason: 'timeout' },
  lcpLoopback: { phase: 'lcp', reason: 'protocolError' },
  lcpRefused: { phase: 'lcp', reason: 'protocolError' },
  noCommonAuthentication: { phase: 'userAuthentication', reason: 'noCommonMethod' },
  authenticationTimeout: { phase: 'userAuthentication', reason: 'timeout' },
  authenticationRejected: { phase: 'userAuthentication', reason: 'protocolError' },
  challengeUnanswered: { phase: 'userAuthentication', reason: 'abandoned' },
  tlsFailed: { phase: 'userAuthentication', reason: 'certificateRefused' },
  serverNotAuthentic: { phase: 'userAuthentication', reason: 'protocolError' },
  ipcpTimeout: { phase: 'addresses', reason: 'timeout' },
  noAddress: { phase: 'addresses', reason: 'noAddress' },
  ipcpRefused: { phase: 'addresses', reason: 'protocolError' },
  peerTerminated: { reason: 'abandoned' },
  echoTimeout: { reason: 'timeout' },
  lowerDown: { reason: 'timeout' },
  closedByUs: { reason: 'abandoned' },
};

/** Of a session that ended before its user was online, for another reason than its link's. */
export const attemptReasons: Readonly<Record<EndCode, AuditReason>> = {
  userRequest: 'abandoned',
  peerLost: 'timeout',
  idleTimeout: 'timeout',
  sessionTimeout: 'timeout',
  administrator: 'abandoned',
  shutdown: 'abandoned',
  replaced: 'abandoned',
  displaced: 'sessionsReached',
  serverRequest: 'abandoned',
  hoursEnded: 'outsideHours',
  accountClosed: 'accountDisabled',
  certificateEnded: 'abandoned',
  reconfigured: 'abandoned',
  protocolError: 'protocolError',
  datapathRefused: 'protocolError',
  authenticationFailed: 'protocolError',
  noAddress: 'noAddress',
};

type SessionStopped = Extract<AuditEvent, { kind: 'sessionStopped' }>;

export const stopCauses: Readonly<Record<EndCode, SessionStopped['cause']>> = {
  userRequest: 'clientEnded',
  peerLost: 'clientGone',
  idleTimeout: 'idleTimeout',
  sessionTimeout: 'sessionTimeout',
  administrator: 'administrator',
  shutdown: 'hostStopped',
  replaced: 'replaced',
  displaced: 'displaced',
  serverRequest: 'radius',
  hoursEnded: 'hoursEnded',
  accountClosed: 'accountClosed',
  certificateEnded: 'certificateEnded',
  reconfigured: 'configurationChanged',
  protocolError: 'protocolError',
  datapathRefused: 'systemRefused',
  authenticationFailed: 'authenticationFailed',
  noAddress: 'protocolError',
};

/** The attempt that ended; `undefined` where it was written down already, when it was refused. */
export function attemptEnded(
  { source, admission, progress }: LiveSession,
  user: string,
  { code, ppp }: SessionEnd,
): AuditEvent | undefined {
  if (progress === 'refused') return undefined;
  const ofLink = ppp === undefined ? { reason: attemptReasons[code] } : linkRefusals[ppp];
  const reached = admission === undefined ? 'userAuthentication' : 'addresses';
  return {
    kind: 'authenticationFailed',
    source,
    phase: ofLink.phase ?? reached,
    reason: ofLink.reason,
    ...nameOf(admission?.user ?? user),
    ...(admission !== undefined && { method: admission.method, judgedBy: admission.judgedBy.source }),
  };
}

export function sessionStarted(
  effect: Extract<HostEffect, { kind: 'sessionStarted' }>,
  { source, about }: LiveSession,
): AuditEvent {
  const { user, address, policy } = effect;
  return {
    kind: 'sessionStarted',
    session: about.session,
    user,
    source,
    address,
    groups: [...policy.groups],
    ike: about.ikeSuite,
    esp: about.espSuite,
    client: about.client,
    ...(about.certificate !== undefined && { certificate: about.certificate.fingerprint }),
  };
}

export function sessionStopped(
  { user, end, lastedMs, totals = nothingCounted, about }: Extract<HostEffect, { kind: 'sessionEnded' }>,
  admission: Admission | undefined,
): AuditEvent {
  const isAccountOver = end.code === 'sessionTimeout' && admission?.endsWithAccount === true;
  return {
    kind: 'sessionStopped',
    session: about.session,
    user,
    cause: isAccountOver ? 'hoursEnded' : stopCauses[end.code],
    seconds: Math.floor(lastedMs / 1000),
    receivedBytes: String(totals.receivedBytes),
    sentBytes: String(totals.sentBytes),
    receivedPackets: String(totals.receivedPackets),
    sentPackets: String(totals.sentPackets),
  };
}
