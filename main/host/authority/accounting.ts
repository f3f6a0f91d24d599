import type { AccountedSession, AccountingRecord, SessionUsage, TerminateCause } from '../../protocol/radius/index.ts';
import type { EndCode, SessionCounters } from '../../session/host/index.ts';
import type { LiveSession } from './ledger.ts';
import type { SourceName } from './sources/source.ts';

/** What RADIUS accounting says of the sessions. */

/** RFC 2866 §5.10. */
export const terminateCauses: Readonly<Record<EndCode, TerminateCause>> = {
  userRequest: 'userRequest',
  peerLost: 'lostCarrier',
  idleTimeout: 'idleTimeout',
  sessionTimeout: 'sessionTimeout',
  administrator: 'adminReset',
  shutdown: 'adminReboot',
  replaced: 'lostCarrier',
  displaced: 'portPreempted',
  serverRequest: 'adminReset',
  hoursEnded: 'sessionTimeout',
  accountClosed: 'adminReset',
  certificateEnded: 'adminReset',
  reconfigured: 'nasRequest',
  protocolError: 'portError',
  datapathRefused: 'nasError',
  authenticationFailed: 'userError',
  noAddress: 'serviceUnavailable',
};

/** RFC 2866 §5.6. */
const authentic: Readonly<Record<SourceName, AccountedSession['authentic']>> = {
  local: 'local',
  radius: 'radius',
  ldap: 'remote',
  winbind: 'remote',
};

export const startRecord = (session: LiveSession, host: AccountedHost): AccountingRecord | undefined =>
  ofAdmitted(session, host, (accounted) => ({ kind: 'start', session: accounted }));

export const interimRecord = (
  session: LiveSession,
  host: AccountedHost,
  seconds: number,
  counters: SessionCounters,
): AccountingRecord | undefined =>
  ofAdmitted(session, host, (accounted) => ({
    kind: 'interim',
    session: accounted,
    usage: usageOf(seconds, counters),
  }));

export const stopRecord = (
  session: LiveSession,
  host: AccountedHost,
  seconds: number,
  counters: SessionCounters,
  end: EndCode,
): AccountingRecord | undefined =>
  ofAdmitted(session, host, (accounted) => ({
    kind: 'stop',
    session: accounted,
    usage: usageOf(seconds, counters),
    cause: terminateCauses[end],
  }));

export interface AccountedHost {
  /** Called-Station-Id. */
  readonly localAddress?: string;
}

/** What a server is told of a session, from its first request on. */
export function radiusFacts({ session, accountingId, source, about }: LiveSession, { localAddress }: AccountedHost) {
  return {
    sessionId: accountingId,
    nasPort: session,
    callingStationId: source,
    ...(localAddress !== undefined && { calledStationId: localAddress }),
    connectInfo: ['L2TP/IPsec', about.ikeSuite, about.espSuite].filter((word) => word !== '').join(' '),
  };
}

function ofAdmitted(
  live: LiveSession,
  host: AccountedHost,
  record: (session: AccountedSession) => AccountingRecord,
): AccountingRecord | undefined {
  const { admission, online } = live;
  if (admission === undefined) return undefined;
  return record({
    ...radiusFacts(live, host),
    userName: admission.accounting.userName ?? admission.user,
    authentic: authentic[admission.judgedBy.source],
    class: admission.accounting.class,
    ...(online !== undefined && { framedAddress: online.address }),
  });
}

/** The datapath receives from the user. */
function usageOf(seconds: number, counters: SessionCounters): SessionUsage {
  return {
    seconds,
    fromUser: { octets: counters.receivedBytes, packets: counters.receivedPackets },
    toUser: { octets: counters.sentBytes, packets: counters.sentPackets },
  };
}
