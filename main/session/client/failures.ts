import { failure, type Failure, type FailureCode, type Phase } from '../../contracts/failure.ts';
import type { HelperReply } from '../../contracts/helper.ts';
import type { Identity, IkeCause } from '../../protocol/ike/index.ts';
import { callResult, type L2tpCause, type ResultFacts, stopResult } from '../../protocol/l2tp/index.ts';
import type { AuthFailureCode, PppCause } from '../../protocol/ppp/index.ts';
import { describeIdentity, identityFormOf } from '../identity.ts';

/** The protocols' literal causes, put into the product's words. Each table is total: a new cause does not compile without one. */

export interface FailureContext {
  readonly phase: Phase;
  readonly gatewayAddress: string;
  readonly allowedMethods: readonly string[];
  /** Every proposal that was offered on the way down the ladder. */
  readonly offered: readonly string[];
  readonly waitedSeconds: number;
  readonly portUnreachable: boolean;
  /** This computer proves itself by a certificate. */
  readonly byCertificate: boolean;
}

export function ikeFailure(cause: IkeCause, context: FailureContext): Failure {
  if (context.phase === 'online') return onlineIkeFailure(cause);
  switch (cause.code) {
    case 'noResponse':
      return context.portUnreachable
        ? failure('gateway.portClosed', { address: context.gatewayAddress })
        : failure('gateway.unreachable', { address: context.gatewayAddress, seconds: context.waitedSeconds });
    case 'phase1Timeout':
      return failure('ike.phase1Timeout', { messages: cause.awaiting });
    case 'phase2Timeout':
      return failure('ike.phase2Timeout');
    case 'noProposalChosen':
      return cause.phase === 1
        ? failure('ike.noCommonProposal', { offered: context.offered.join(', ') })
        : failure('esp.noCommonProposal', { offered: cause.offered.join(', ') });
    case 'authenticationFailed':
      return authenticationFailure(cause);
    case 'certificateRejected':
      return failure(certificateFailures[cause.reason], { subject: cause.subject, detail: cause.detail });
    case 'identityMismatch':
      return failure('ike.identityMismatch', {
        claimed: describeIdentity(cause.claimed),
        expected: describeIdentity(cause.expected),
        ...identityFacts('claimed', cause.claimed),
        ...identityFacts('expected', cause.expected),
      });
    case 'invalidIdInformation':
      return cause.phase === 1
        ? failure('ike.refused', { notification: 'INVALID-ID-INFORMATION' }, 'ikeAuthentication')
        : failure('ike.phase2Refused', { notification: 'INVALID-ID-INFORMATION' });
    case 'natTraversalUnsupported':
      return failure('ike.noNatTraversal');
    case 'peerNotify':
      // SoftEther reads nothing sealed with another key, gives the half-open SA up, and knows its cookie no more.
      if (context.phase === 'ikeAuthentication' && cause.name === 'invalidCookie') {
        return failure(context.byCertificate ? 'ike.certificateNoAnswer' : 'ike.authenticationTimeout', {
          evidence: cause.name,
        });
      }
      return cause.phase === 1
        ? failure('ike.refused', { notification: cause.name }, context.phase)
        : failure('ike.phase2Refused', { notification: cause.name });
    case 'malformed':
      return failure('ike.protocol', { reason: cause.detail }, context.phase);
    case 'peerDeleted':
      return failure('gateway.hungUp', { reason: 'it deleted the IKE SA' }, context.phase);
    case 'deadPeer':
      return failure('gateway.dead', { how: 'dead peer detection' }, context.phase);
    case 'aggressiveModeRefused':
      return failure('ike.protocol', { reason: 'it asked for aggressive mode' }, context.phase);
    case 'lifetimeExpired':
      return failure('rekey.failed', { reason: 'the IKE lifetime ended' }, context.phase);
    case 'closedByUs':
      return failure('user.stopped');
  }
}

/** In two facts, so that it can be pinned; none for what a profile cannot express. */
function identityFacts(which: 'claimed' | 'expected', identity: Identity): Readonly<Record<string, string>> {
  const form = identityFormOf(identity);
  return form === undefined ? {} : { [`${which}Kind`]: form.kind, [`${which}Value`]: form.value };
}

type Cause<Code extends IkeCause['code']> = Extract<IkeCause, { code: Code }>;

function authenticationFailure(cause: Cause<'authenticationFailed'>): Failure {
  const { authentication, evidence, notification = '' } = cause;
  if (authentication === 'psk') {
    return failure(evidence === 'silence' ? 'ike.authenticationTimeout' : 'ike.wrongPreSharedKey', { evidence });
  }
  if (evidence === 'silence') return failure('ike.certificateNoAnswer');
  if (evidence === 'notify') return failure('ike.certificateRefused', { notification });
  return failure('ike.protocol', { reason: 'its encrypted messages cannot be read' }, 'ikeAuthentication');
}

const certificateFailures: Readonly<Record<Cause<'certificateRejected'>['reason'], FailureCode>> = {
  missing: 'certificate.missing',
  malformed: 'certificate.malformed',
  unknownAuthority: 'certificate.unknownAuthority',
  weak: 'certificate.weak',
  notYetValid: 'certificate.notYetValid',
  expired: 'certificate.expired',
  wrongUsage: 'certificate.wrongUsage',
  wrongName: 'certificate.wrongName',
  wrongKey: 'certificate.wrongKey',
  revoked: 'certificate.revoked',
  revocationUnknown: 'certificate.revocationUnknown',
  badSignature: 'certificate.badSignature',
  timeout: 'certificate.notJudged',
};

function onlineIkeFailure(cause: IkeCause): Failure {
  switch (cause.code) {
    case 'peerDeleted':
      return failure('gateway.hungUp', { reason: 'it deleted the IKE SA' });
    case 'deadPeer':
    case 'noResponse':
      return failure('gateway.dead', { how: 'dead peer detection' });
    case 'closedByUs':
      return failure('user.stopped');
    // A gateway whose certificate went bad meanwhile is not to be dialled again and again.
    case 'certificateRejected':
      return failure(certificateFailures[cause.reason], { subject: cause.subject, detail: cause.detail }, 'online');
    case 'phase1Timeout':
    case 'phase2Timeout':
    case 'noProposalChosen':
    case 'authenticationFailed':
    case 'identityMismatch':
    case 'invalidIdInformation':
    case 'natTraversalUnsupported':
    case 'peerNotify':
    case 'malformed':
    case 'aggressiveModeRefused':
    case 'lifetimeExpired':
      return failure('rekey.failed', { reason: cause.code });
  }
}

/** Result codes of StopCCN and CDN (RFC 2661 §4.4.2) in words. */
const stopWords: Readonly<Record<keyof typeof stopResult, string>> = {
  clear: 'it was cleared',
  generalError: 'general error',
  channelExists: 'the control channel exists already',
  notAuthorized: 'this computer is not authorized',
  versionNotSupported: 'the protocol version is not supported',
  shuttingDown: 'it is being shut down',
  stateMachineError: 'a state machine error',
};

const callWords: Readonly<Record<keyof typeof callResult, string>> = {
  carrierLost: 'the carrier was lost',
  generalError: 'general error',
  administrative: 'an administrative reason',
  facilitiesBusy: 'no facilities are free for now',
  facilitiesMissing: 'no facilities of this kind exist',
  invalidDestination: 'the number is invalid',
  noCarrier: 'no carrier',
  busy: 'busy',
  noDialTone: 'no dial tone',
  setupTimedOut: 'it took too long',
  noFraming: 'no framing was detected',
};

function wordsOf<Name extends string>(
  codes: Readonly<Record<Name, number>>,
  words: Readonly<Record<Name, string>>,
  code: number,
): string {
  const name = (Object.keys(codes) as Name[]).find((each) => codes[each] === code);
  return name === undefined ? 'an unknown reason' : words[name];
}

function describeResult(facts: ResultFacts, words: string): string {
  const said = facts.message === undefined || facts.message === '' ? '' : ` ("${facts.message}")`;
  const code = facts.errorCode === undefined ? `${facts.resultCode}` : `${facts.resultCode}, error ${facts.errorCode}`;
  return `${words}${said} [result ${code}]`;
}

function describeStop(facts: ResultFacts): string {
  return describeResult(facts, wordsOf(stopResult, stopWords, facts.resultCode));
}

function describeCall(facts: ResultFacts): string {
  return describeResult(facts, wordsOf(callResult, callWords, facts.resultCode));
}

export function l2tpFailure(cause: L2tpCause, context: FailureContext): Failure {
  const online = context.phase === 'online';
  switch (cause.code) {
    case 'noResponse':
      return failure('l2tp.noResponse', { seconds: Math.round(cause.waitedMs / 1000) });
    case 'retransmissionsExhausted':
    case 'deadPeer':
      return online
        ? failure('gateway.dead', { how: 'L2TP Hello' })
        : failure('l2tp.noResponse', { seconds: context.waitedSeconds }, context.phase);
    case 'stopped':
      return online
        ? failure('gateway.hungUp', { reason: describeStop(cause) })
        : failure('l2tp.refused', { reason: describeStop(cause) }, context.phase);
    case 'callRefused':
    case 'callEnded':
      return callFailure(describeCall(cause), context);
    case 'tunnelAuthenticationFailed':
      return failure('l2tp.tunnelAuthentication', { reason: cause.reason });
    case 'versionMismatch':
      return failure('l2tp.protocol', { reason: `it speaks version ${cause.version}` }, context.phase);
    case 'protocolError':
      return failure('l2tp.protocol', { reason: cause.what }, context.phase);
    case 'tunnelClosed':
      return l2tpFailure(cause.cause, context);
    case 'setupTimedOut':
      return failure('l2tp.noResponse', { seconds: context.waitedSeconds, waitedFor: cause.waitedFor }, context.phase);
    case 'limit':
      return failure('l2tp.protocol', { reason: `too many ${cause.what}` }, context.phase);
    case 'closedByUs':
      return failure('user.stopped');
  }
}

/** pppd and others end the call and say nothing else: the phase tells what went wrong. */
function callFailure(reason: string, context: FailureContext): Failure {
  const { phase } = context;
  if (phase === 'online') return failure('gateway.hungUp', { reason });
  if (phase === 'lcp') return failure('ppp.protocol', { reason });
  if (phase === 'userAuthentication') return failure('auth.rejected', { message: `: it hung up, ${reason}` });
  if (phase === 'addresses') return failure('ppp.noAddress', { reason });
  return failure('l2tp.callRefused', { reason }, phase);
}

const authFailures: Readonly<Record<AuthFailureCode, FailureCode>> = {
  646: 'auth.hours',
  647: 'auth.accountDisabled',
  648: 'auth.passwordExpired',
  649: 'auth.notAllowed',
  691: 'auth.rejected',
  709: 'auth.passwordChangeFailed',
  other: 'auth.rejected',
};

export function pppFailure(cause: PppCause, context: FailureContext): Failure {
  switch (cause.code) {
    case 'lcpTimeout':
      return failure('ppp.lcpTimeout');
    case 'lcpLoopback':
      return failure('ppp.loopback');
    case 'lcpRefused':
      return failure('ppp.protocol', { reason: 'it refused an option that is indispensable' });
    case 'noCommonAuthentication':
      return failure('auth.noCommonMethod', {
        offered: cause.offered.join(', ') || 'none',
        allowed: context.allowedMethods.join(', '),
      });
    case 'authenticationTimeout':
      return failure('auth.timeout', { method: cause.method });
    case 'authenticationRejected': {
      const message = cause.message === '' ? '' : `: "${cause.message}"`;
      return failure(authFailures[cause.reason], { message, said: cause.message, method: cause.method });
    }
    case 'challengeUnanswered':
      return failure('auth.challengeUnanswered', { text: cause.text === '' ? '' : `: "${cause.text}"` });
    case 'tlsFailed':
      return failure(cause.by === 'us' ? 'auth.gatewayCertificate' : 'auth.certificateRefused', {
        reason: cause.reason,
      });
    case 'serverNotAuthentic':
      return failure('auth.serverNotAuthentic');
    case 'ipcpTimeout':
      return failure('ppp.ipcpTimeout');
    case 'noAddress':
      return failure('ppp.noAddress');
    case 'ipcpRefused':
      return failure('ppp.ipcpRefused');
    case 'peerTerminated':
      return callFailure(cause.message === '' ? 'it ended the PPP link' : `"${cause.message}"`, context);
    case 'echoTimeout':
      return failure('gateway.dead', { how: 'LCP echo' }, context.phase);
    case 'lowerDown':
      return failure('gateway.hungUp', { reason: 'the L2TP session ended' }, context.phase);
    case 'closedByUs':
      return failure('user.stopped');
  }
}

export function helperFailure(reply: Extract<HelperReply, { kind: 'error' }>, gatewayAddress: string): Failure {
  if (reply.code === 'helper.unreachable') return failure('gateway.noRoute', { address: gatewayAddress });
  if (reply.code === 'helper.unknown') return failure('helper.request', { reason: reply.message });
  return failure(reply.code, { reason: reply.message });
}
