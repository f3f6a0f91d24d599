import type { DatapathRequest } from '../../contracts/helper.ts';
import type { SessionPolicy } from '../../contracts/session-policy.ts';
import {
  type Admission,
  type CertificateFacts,
  type Endpoint,
  type EspProposal,
  type Identity,
  type IkeEffect,
  type IkeState,
  ikeDeadlineMs,
} from '../../protocol/ike/index.ts';
import { type TunnelState, tunnelDeadlineMs } from '../../protocol/l2tp/index.ts';
import { type AuthMethod, type LinkState, linkDeadlineMs } from '../../protocol/ppp/index.ts';
import type { HostConfig, SessionCounters, SessionEnd } from './types.ts';

/** What the host remembers of one peer: its IKE machine, the tunnels in it, the sessions in them. Immutable. */
export interface Peer {
  /** Names its path in the datapath. */
  readonly id: number;
  /** As it was when the peer came. */
  readonly config: HostConfig;
  readonly admission: Admission;
  readonly cameFrom: Endpoint;
  /** Which of the host's addresses it speaks to, where the datapath says so: it is answered from there. */
  readonly local?: string;
  readonly ike: IkeState;
  /** What it last presented: judged again while it is here, since certificates are revoked and end. */
  readonly presented?: Presented;
  /** From the end of phase 1 on. */
  readonly proven?: Proven;
  /** As the datapath has it, from the first child on. */
  readonly path?: { readonly remote: Endpoint; readonly remoteL2tpPort: number };
  readonly children: ReadonlyMap<number, EspProposal>;
  readonly espSuite: string;
  readonly innerAddress?: string;
  readonly tunnels: ReadonlyMap<number, Tunnel>;
  readonly sessions: ReadonlyMap<number, Session>;
  /** No tunnel is there: what the peer keeps then is an SA for nothing. */
  readonly idleUntilMs: number | undefined;
}

/** An exchange that no IKE machine has: the question is the host's own. */
export const judgedAgain = 0;

export type Presented = Pick<Extract<IkeEffect, { kind: 'verifyPeer' }>, 'certificates' | 'identity'>;

export interface Proven {
  readonly identity: Identity;
  readonly keyName?: string;
  readonly certificate?: CertificateFacts;
  readonly vendors: readonly string[];
  readonly ikeSuite: string;
  /** It says that it remembers nothing of earlier SAs (RFC 2407 §4.6.3.3). */
  readonly initialContact: boolean;
}

export interface Tunnel {
  readonly id: number;
  readonly machine: TunnelState;
  readonly remoteTunnelId: number;
  /** When its set-up was complete. */
  readonly upMs?: number;
  readonly hostName: string;
  readonly vendor?: string;
  /** Over for the peer or for us; its last messages are still answered. */
  readonly over: boolean;
  /** Its last call is gone. */
  readonly idleUntilMs: number | undefined;
}

/** The L2TP session as the datapath knows it, but for the addresses. */
export type Call = Omit<Extract<DatapathRequest, { kind: 'setSession' }>, 'kind' | 'id' | 'prefixes'>;

export interface Session {
  readonly id: number;
  readonly tunnel: number;
  readonly call: Call;
  /** Absent until the call is up, and once PPP said goodbye. */
  readonly link?: LinkState;
  readonly startedMs: number;
  readonly idents: readonly string[];
  readonly user?: { readonly name: string; readonly method: AuthMethod };
  readonly policy?: SessionPolicy;
  /** What the user was asked about last: its verdict is awaited. */
  readonly asked?: { readonly attempt: number; readonly user: string; readonly method: AuthMethod };
  readonly assigned?: string;
  /** `sessionStarted` was said, and when. */
  readonly online?: { readonly sinceMs: number; readonly address: string };
  /** A /64 that its addresses of IPv6 are of. */
  readonly ipv6Prefix?: string;
  /** While IPV6CP is open. */
  readonly ipv6: Ipv6Link | undefined;
  /** Its answers to requests for configuration are paid for until then, at one a second. */
  readonly answersPaidMs?: number;
  readonly counters?: SessionCounters;
  readonly trafficMs: number;
  readonly end?: SessionEnd;
}

export interface Ipv6Link {
  readonly localInterfaceId: Uint8Array;
  /** How many router advertisements were sent unasked, and when the next is due; absent while there is nothing to say. */
  readonly advertised?: { readonly times: number; readonly nextMs: number };
}

export function peerDeadlineMs(peer: Peer): number | undefined {
  const deadlines = [ikeDeadlineMs(peer.ike), peer.idleUntilMs];
  for (const { machine, idleUntilMs } of peer.tunnels.values()) deadlines.push(tunnelDeadlineMs(machine), idleUntilMs);
  for (const session of peer.sessions.values()) {
    deadlines.push(session.link && linkDeadlineMs(session.link), timeOutMs(session));
    if (session.end === undefined) deadlines.push(session.ipv6?.advertised?.nextMs);
  }
  const known = deadlines.filter((deadline) => deadline !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** When its user's time is up, or the silence has lasted long enough. */
function timeOutMs(session: Session): number | undefined {
  const times = [sessionTimeOutMs(session), idleTimeOutMs(session)].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

export function sessionTimeOutMs({ online, policy, end }: Session): number | undefined {
  if (online === undefined || end !== undefined || policy?.sessionTimeout === undefined) return undefined;
  return online.sinceMs + policy.sessionTimeout * 1000;
}

export function idleTimeOutMs({ online, policy, end, trafficMs }: Session): number | undefined {
  if (online === undefined || end !== undefined || policy?.idleTimeout === undefined) return undefined;
  return trafficMs + policy.idleTimeout * 1000;
}
