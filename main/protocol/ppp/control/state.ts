import type { AutomatonState } from '../automaton.ts';
import type { OptionRule } from '../option.ts';
import type { Option, Packet } from '../packet.ts';
import type { RestartConfig } from '../types.ts';

/** What makes the common automaton into LCP, IPCP, IPV6CP or CCP. `Wishes` is what we want to ask for at the moment. */
export interface ControlProtocol<Wishes> {
  readonly rules: readonly OptionRule<Wishes>[];
  /** Codes beyond 1 to 7, which the owner answers. */
  readonly extraCodes: ReadonlySet<number>;
  readonly restart: RestartConfig;
}

export interface Request {
  readonly identifier: number;
  readonly options: readonly Option[];
  readonly answered: boolean;
}

export interface ControlState<Wishes> {
  readonly at: AutomatonState;
  readonly wishes: Wishes;
  readonly triesLeft: number;
  readonly nextIntervalMs: number;
  readonly dueMs: number | undefined;
  readonly identifier: number;
  readonly request: Request | undefined;
  /** When it was sent last. */
  readonly requestedMs: number;
  /** The options of the peer's that we acknowledged last. */
  readonly peer: readonly Option[];
  /** The peer's latest requests, newest last: a late copy must not tear an open layer down. */
  readonly heard: readonly Packet[];
  readonly copies: number;
  readonly heardPeer: boolean;
  /** Naks sent since our last Ack. */
  readonly naksSent: number;
  /** Naks and Rejects received, and requests sent, since the layer was last open. */
  readonly refusals: number;
  readonly requestsSent: number;
  /** Options of the peer's that we did not grant, each once. */
  readonly refused: readonly Option[];
  readonly farewell: string;
}

export type ControlInput =
  | { readonly kind: 'open' | 'lowerUp' | 'lowerDown' | 'protocolRejected' | 'tick' }
  | { readonly kind: 'close'; readonly reason: string }
  | { readonly kind: 'packet'; readonly packet: Packet };

export type ControlEffect =
  /** `extra`: a packet of one of the protocol's own codes, or the peer's Code-Reject of one. */
  | { readonly kind: 'send' | 'extra'; readonly packet: Packet }
  | { readonly kind: 'up' | 'down' | 'timedOut' | 'refused' | 'finished' }
  | { readonly kind: 'terminateRequested'; readonly message: string }
  /** The peer refuses an option that the layer cannot do without. */
  | { readonly kind: 'impossible'; readonly type: number }
  | { readonly kind: 'log'; readonly text: string };

export function createControl<Wishes>(wishes: Wishes): ControlState<Wishes> {
  return {
    at: 'initial',
    wishes,
    triesLeft: 0,
    nextIntervalMs: 0,
    dueMs: undefined,
    identifier: 0,
    request: undefined,
    requestedMs: 0,
    peer: [],
    heard: [],
    copies: 0,
    heardPeer: false,
    naksSent: 0,
    refusals: 0,
    requestsSent: 0,
    refused: [],
    farewell: '',
  };
}

/** The option of ours that the peer acknowledged. */
export function grantedOption<Wishes>(state: ControlState<Wishes>, type: number): Uint8Array | undefined {
  return state.request?.answered === true ? optionData(state.request.options, type) : undefined;
}

export function peerOption<Wishes>(state: ControlState<Wishes>, type: number): Uint8Array | undefined {
  return optionData(state.peer, type);
}

export function optionData(options: readonly Option[], type: number): Uint8Array | undefined {
  return options.find((option) => option.type === type)?.data;
}
