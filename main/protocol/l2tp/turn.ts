import type { Environment, Step } from '../machine.ts';
import type { Hiding } from './avp-codec.ts';
import type { AvpValues } from './avps.ts';
import type { Call } from './call.ts';
import type { Connection } from './connection.ts';
import { createDelivery, dropUnsent, enqueue, withdraw, type Delivery, type DeliveryLimits } from './delivery.ts';
import { writeBody, type MessageName } from './messages.ts';
import { clipResult, stopResult } from './results.ts';
import type { L2tpCause, ResultFacts } from './facts.ts';
import type { TunnelConfig, TunnelEffect, TunnelState } from './types.ts';

const vectorBytes = 16;
const defaultRetentionMs = 31_000;

/** One step in the making: a private copy of the state, and the effects so far. */
export class Turn {
  readonly config: TunnelConfig;
  readonly env: Environment;
  readonly calls: Map<number, Call>;
  readonly effects: TunnelEffect[] = [];
  connection: Connection;
  delivery: Delivery;
  nextCallSerial: number;

  constructor(state: TunnelState, env: Environment) {
    this.config = state.config;
    this.env = env;
    this.calls = new Map(state.calls);
    this.connection = state.connection;
    this.delivery = state.delivery;
    this.nextCallSerial = state.nextCallSerial;
  }

  get limits(): DeliveryLimits {
    return { receiveWindow: this.config.receiveWindow, ...this.config.retransmission };
  }

  get hiding(): Hiding | undefined {
    const secret = this.config.tunnelSecret;
    return secret === undefined ? undefined : { crypto: this.env.crypto, secret };
  }

  emit(effect: TunnelEffect): void {
    this.effects.push(effect);
  }

  log(what: string): void {
    this.emit({ kind: 'log', what });
  }

  /** Queues a control message; it leaves at the end of the step if the window allows. */
  send(name: MessageName, avps: AvpValues, sessionId = 0): void {
    const hiding =
      this.hiding !== undefined && this.config.hideAvps === true
        ? { ...this.hiding, randomVector: this.env.crypto.random(vectorBytes) }
        : undefined;
    this.delivery = enqueue(this.delivery, { name, sessionId, body: writeBody(name, avps, hiding) });
  }

  endCall(localSessionId: number, cause: L2tpCause): void {
    this.calls.delete(localSessionId);
    this.emit({ kind: 'callDown', localSessionId, cause });
  }

  /** Ends the tunnel towards the peer too, by a StopCCN if it has told us where to send one. */
  stop(cause: L2tpCause, result: ResultFacts): void {
    if (this.delivery.remoteTunnelId === 0) {
      this.abandon(cause);
      return;
    }
    this.#closed(cause);
    this.delivery = dropUnsent(this.delivery);
    this.send('StopCCN', { assignedTunnelId: this.config.localTunnelId, resultCode: clipResult(result) });
    this.connection = { at: 'stopping', cause };
  }

  /** Something the protocol does not allow here: StopCCN with result 7. */
  violated(what: string): void {
    const result = { resultCode: stopResult.stateMachineError, errorCode: 0, message: what };
    this.stop({ code: 'protocolError', what }, result);
  }

  /** Ends the tunnel on this side alone: there is no one to tell. */
  abandon(cause: L2tpCause): void {
    this.#closed(cause);
    this.finish();
  }

  /** The peer ended the tunnel; its StopCCN is acknowledged for as long as it may be repeated. */
  linger(cause: L2tpCause): void {
    if (this.connection.at !== 'stopping') this.#closed(cause);
    this.delivery = withdraw(this.delivery);
    this.connection = {
      at: 'lingering',
      untilMs: this.env.nowMs + (this.config.retentionMs ?? defaultRetentionMs),
    };
  }

  finish(): void {
    this.delivery = createDelivery();
    this.connection = { at: 'finished' };
    this.emit({ kind: 'finished' });
  }

  #closed(cause: L2tpCause): void {
    const callCause = cause.code === 'closedByUs' ? cause : ({ code: 'tunnelClosed', cause } as const);
    for (const localSessionId of [...this.calls.keys()]) this.endCall(localSessionId, callCause);
    this.emit({ kind: 'closed', cause });
  }

  step(): Step<TunnelState, TunnelEffect> {
    const { config, connection, delivery, calls, nextCallSerial } = this;
    return { state: { config, connection, delivery, calls, nextCallSerial }, effects: this.effects };
  }
}
