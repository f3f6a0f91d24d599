import type { ConnectionEvent } from '../../contracts/events.ts';
import type { Failure } from '../../contracts/failure.ts';
import type {
  BrokerRequest,
  DatapathCommand,
  DatapathEvent,
  DatapathRequest,
  HelperReply,
} from '../../contracts/helper.ts';
import type { Profile } from '../../contracts/profile.ts';
import type { PromptInSession } from '../../contracts/prompt.ts';
import type {
  CertificateConfig,
  Endpoint,
  EspProposal,
  IkeEffect,
  IkeState,
  PeerVerdict,
} from '../../protocol/ike/index.ts';
import type { TunnelState } from '../../protocol/l2tp/index.ts';
import type { LinkState, TlsOutput } from '../../protocol/ppp/index.ts';
import type { Timeline } from './timeline.ts';

/** One attempt to connect: everything it needs is known beforehand. */
export interface ClientConfig {
  /** What the connection is called: the profile's name, or the user's. */
  readonly name: string;
  readonly profile: Profile;
  readonly gatewayAddress: string;
  /** Of no meaning where there are certificates. */
  readonly preSharedKey: Uint8Array;
  /** In place of the pre-shared key: this computer's certificate, and whose the gateway's may be. */
  readonly certificates?: Omit<CertificateConfig, 'verdictMs'>;
  readonly tunnelSecret?: Uint8Array;
  readonly userName: string;
  readonly password: string;
  /** Sent when the gateway says that the password has expired. */
  readonly newPassword?: string;
  /** How long the user may take over what the gateway asks; 0: there is nobody to ask. */
  readonly userWaitMs: number;
  /** This computer's name, as L2TP tells it to the gateway. */
  readonly hostName: string;
  /** Names the path and the session in the datapath: one number an attempt. */
  readonly attempt: number;
  /** The kernel has IPv6: a full tunnel then swallows it too, so that nothing leaves beside it. */
  readonly kernelHasIpv6: boolean;
}

type RequestBody<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

/** Where IKE begins, and where it moves to with ESP behind it (RFC 3947 §4). */
export const gatewayPorts = { ike: 500, natt: 4500 } as const;

/** What the broker is asked, and under which name its answer comes back. */
export type BrokerTask = 'openIke' | 'openNatt' | 'prepareNetwork' | 'applyNetwork' | 'admitOffice';

export type ClientInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'brokerReply'; readonly task: BrokerTask; readonly reply: HelperReply }
  /** A datapath request failed; those that succeed are not reported. */
  | { readonly kind: 'datapathRefused'; readonly reply: Extract<HelperReply, { kind: 'error' }> }
  | { readonly kind: 'datapathEvent'; readonly event: DatapathEvent; readonly attachment: Uint8Array }
  /** The user's answer to the question of this number; without one, there will be none. */
  | { readonly kind: 'answer'; readonly question: number; readonly text?: string }
  /** After the effect `tls`. */
  | { readonly kind: 'tls'; readonly output: TlsOutput }
  /** Answers `verifyGateway`. */
  | { readonly kind: 'gatewayVerdict'; readonly exchange: number; readonly verdict: PeerVerdict }
  /** Data packets arrived through the session since the last time: the gateway is alive. */
  | { readonly kind: 'traffic' }
  | { readonly kind: 'tick' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'helperLost' };

export type ClientEffect =
  | { readonly kind: 'broker'; readonly task: BrokerTask; readonly request: RequestBody<BrokerRequest> }
  | { readonly kind: 'datapath'; readonly request: RequestBody<DatapathRequest>; readonly attachment?: Uint8Array }
  | { readonly kind: 'command'; readonly command: DatapathCommand; readonly attachment?: Uint8Array }
  | { readonly kind: 'event'; readonly event: ConnectionEvent }
  /** The user is asked, and whatever was asked before no longer. Answered by `answer`. */
  | {
      readonly kind: 'ask';
      readonly question: number;
      readonly prompt: PromptInSession;
    }
  /** Nothing is asked any more. */
  | { readonly kind: 'asked' }
  /** What the client of EAP-TLS has to hear; nothing: it begins. Answered by `tls`. */
  | { readonly kind: 'tls'; readonly flight: Uint8Array }
  /** Whether the gateway's certificate may be believed, and is the gateway's: answered by `gatewayVerdict`. */
  | ({ readonly kind: 'verifyGateway' } & Omit<Extract<IkeEffect, { kind: 'verifyPeer' }>, 'kind'>)
  /** The gateway took the new password: the old one is worthless from here on. */
  | { readonly kind: 'passwordChanged' }
  /** For the log alone. */
  | { readonly kind: 'log'; readonly source: 'ike' | 'l2tp' | 'ppp' | 'session'; readonly text: string }
  /** The last one: said goodbye, nothing is installed in the datapath any more. */
  | { readonly kind: 'ended'; readonly failure: Failure };

/** An IPsec SA that is installed in the datapath. */
export interface InstalledChild {
  readonly outboundSpi: number;
  readonly suite: EspProposal;
}

/** The L2TP session as the datapath knows it, but for the addresses. */
export type Call = Omit<Extract<DatapathRequest, { kind: 'setSession' }>, 'kind' | 'id' | 'prefixes'>;

export interface Ipv4Facts {
  readonly localAddress: string;
  readonly remoteAddress?: string;
  readonly dnsServers: readonly string[];
}

/** The steps of saying goodbye: each waits for the peer a little, then the next begins. */
export type ClosingStep = 'begin' | 'link' | 'tunnel' | 'ike';

export type Life =
  | { readonly at: 'idle' }
  | { readonly at: 'opening'; readonly awaiting: readonly BrokerTask[] }
  | { readonly at: 'connecting' }
  | { readonly at: 'applying' }
  /** A branch: the plan holds, what may come from the office does not yet. */
  | { readonly at: 'admitting'; readonly tunnelName: string }
  | { readonly at: 'up' }
  | { readonly at: 'closing'; readonly step: ClosingStep; readonly untilMs: number; readonly failure: Failure }
  | { readonly at: 'ended' };

export interface ClientState {
  readonly config: ClientConfig;
  readonly life: Life;
  readonly startedMs: number;
  readonly timeline: Timeline;
  readonly stage: number;
  /** Local ends of the two sockets, as the broker opened them. */
  readonly sockets: { readonly ike?: Endpoint; readonly natt?: Endpoint };
  readonly heardGateway: boolean;
  readonly sentNewPassword: boolean;
  /** How many questions there were for the user, and whether the last is still open. */
  readonly questions: { readonly count: number; readonly open: PromptInSession['kind'] | undefined };
  /** The shortest round trip so far, once there was one. */
  readonly roundTripMs?: number;
  readonly portUnreachable: boolean;
  readonly l2tpPort: number;
  /** Set between the first child and the tunnel. */
  readonly tunnelOpensAtMs?: number | undefined;
  readonly ike?: IkeState;
  /** The path is installed in the datapath: once there was a child. */
  readonly pathSet: boolean;
  readonly children: ReadonlyMap<number, InstalledChild>;
  readonly tunnel?: TunnelState;
  /** 0 before the tunnel is opened, and up. */
  readonly localTunnelId: number;
  readonly remoteTunnelId: number;
  /** What the gateway calls its maker in L2TP. */
  readonly gatewayVendor?: string | undefined;
  /** When a gateway that sleeps gets its next frame. */
  readonly nudgeDueMs?: number;
  readonly link?: LinkState;
  readonly call?: Call;
  /** What IPCP brought, and the link-local address of IPV6CP. */
  readonly ipv4?: Ipv4Facts;
  readonly ipv6LinkLocal?: string;
  readonly facts: {
    readonly gatewayIdentity: string;
    readonly ikeSuite: string;
    readonly espSuite: string;
    readonly authentication: string;
  };
}
