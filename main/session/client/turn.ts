import type { ConnectionEvent } from '../../contracts/events.ts';
import { failure, type Failure, type Phase } from '../../contracts/failure.ts';
import { ikeName, type IkeInput } from '../../protocol/ike/index.ts';
import type { TunnelInput } from '../../protocol/l2tp/index.ts';
import type { Environment } from '../../protocol/machine.ts';
import type { LinkInput } from '../../protocol/ppp/index.ts';
import { proposalStages } from '../proposals.ts';
import type { FailureContext } from './failures.ts';
import { enterPhase } from './timeline.ts';
import type { ClientEffect, ClientState } from './types.ts';

const usualRoundTripMs = 100;
const shortestFirstWaitMs = 100;
const longestFirstWaitMs = 1000;

/** What one machine wants of another; done in order, after its own effects. */
export type Errand =
  | { readonly to: 'ike'; readonly input: IkeInput }
  | { readonly to: 'tunnel'; readonly input: TunnelInput }
  | { readonly to: 'link'; readonly input: LinkInput }
  /** The machine that the closing waited for is done. */
  | { readonly to: 'closing' };

/** One step in the making: the state so far, the effects so far, and the errands that are left. */
export class Turn {
  state: ClientState;
  readonly env: Environment;
  readonly effects: ClientEffect[] = [];
  readonly errands: Errand[] = [];

  constructor(state: ClientState, env: Environment) {
    this.state = state;
    this.env = env;
  }

  set(change: Partial<ClientState>): void {
    this.state = { ...this.state, ...change };
  }

  forget(machine: 'ike' | 'tunnel' | 'link'): void {
    const { ike, tunnel, link, ...rest } = this.state;
    this.state = {
      ...rest,
      ...(machine !== 'ike' && ike !== undefined && { ike }),
      ...(machine !== 'tunnel' && tunnel !== undefined && { tunnel }),
      ...(machine !== 'link' && link !== undefined && { link }),
    };
  }

  measured(roundTripMs: number): void {
    this.set({ roundTripMs: Math.min(roundTripMs, this.state.roundTripMs ?? Infinity) });
  }

  /**
   * How long L2TP and PPP wait before they first repeat themselves: soon enough to lose little time to a gateway that was
   * not ready yet (its kernel still without the SA, its pppd still starting), late enough for an answer that is under way.
   */
  firstWaitMs(): number {
    const { roundTripMs = usualRoundTripMs } = this.state;
    return Math.min(longestFirstWaitMs, Math.max(shortestFirstWaitMs, 1.5 * roundTripMs + 60));
  }

  get atMs(): number {
    return this.env.nowMs - this.state.startedMs;
  }

  event(event: ConnectionEvent): void {
    this.effects.push({ kind: 'event', event });
  }

  note(text: string): void {
    this.event({ event: 'note', atMs: this.atMs, text });
  }

  log(source: Extract<ClientEffect, { kind: 'log' }>['source'], text: string): void {
    this.effects.push({ kind: 'log', source, text });
  }

  enter(next: Phase, detail: string): void {
    const { timeline, events } = enterPhase(this.state.timeline, next, detail, this.env.nowMs, this.state.startedMs);
    this.set({ timeline });
    for (const event of events) this.event(event);
  }

  /** Ends the attempt: tells why at once, then says goodbye to the peer as far as the machines got. */
  fail(reason: Failure): void {
    const { life, config } = this.state;
    if (life.at === 'closing' || life.at === 'ended') return;
    if (reason.code !== 'user.stopped') this.event({ event: 'failed', atMs: this.atMs, failure: reason });
    this.log('session', `${config.name}: ${reason.code} ${JSON.stringify(reason.facts)}`);
    this.set({ life: { at: 'closing', step: 'begin', untilMs: this.env.nowMs, failure: reason } });
    this.errands.push({ to: 'closing' });
  }

  stop(): void {
    this.fail(failure('user.stopped'));
  }

  failureContext(): FailureContext {
    const { config, stage, timeline, portUnreachable } = this.state;
    const methods = config.certificates?.own.map(({ key }) => key.method) ?? [];
    return {
      phase: timeline.phase,
      gatewayAddress: config.gatewayAddress,
      allowedMethods: config.profile.ppp.authentication,
      offered: proposalStages(config.profile.ipsec)
        .slice(0, stage + 1)
        .flatMap((offered) => offered.ike.map((each) => [ikeName(each), ...methods].join('/'))),
      waitedSeconds: Math.round((this.env.nowMs - timeline.phaseStartedMs) / 1000),
      portUnreachable,
      byCertificate: config.certificates !== undefined,
    };
  }
}
