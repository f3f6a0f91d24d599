import type { HostSession } from '../../../contracts/host-control.ts';
import type { Online } from './roll.ts';

/** A session as an administrator sees it. */
export function shownSession({ started, sinceMs, policy, counters }: Online): HostSession {
  const { user, method, address, mtuBytes, about } = started;
  return {
    session: about.session,
    user,
    groups: [...policy.groups],
    from: { ...about.remote },
    since: new Date(sinceMs).toISOString(),
    address,
    networks: [...policy.networks],
    mtuBytes,
    receivedBytes: String(counters.receivedBytes),
    sentBytes: String(counters.sentBytes),
    receivedPackets: String(counters.receivedPackets),
    sentPackets: String(counters.sentPackets),
    ike: about.ikeSuite,
    esp: about.espSuite,
    ...(method !== undefined && { method }),
    client: about.client,
    hostName: about.hostName,
    identity: about.identity,
    ...(about.certificate !== undefined && {
      certificate: { fingerprint: about.certificate.fingerprint, notAfter: about.certificate.notAfter },
    }),
  };
}
