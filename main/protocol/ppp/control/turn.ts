import type { Environment } from '../../machine.ts';
import type { AutomatonState } from '../automaton.ts';
import type { Packet } from '../packet.ts';
import type { ControlEffect, ControlProtocol, ControlState } from './state.ts';

export const negotiating: ReadonlySet<AutomatonState> = new Set(['reqSent', 'ackRcvd', 'ackSent']);
/** The states in which the restart timer runs (RFC 1661 §4.2). */
export const timed: ReadonlySet<AutomatonState> = new Set([...negotiating, 'closing', 'stopping']);

type Draft<T> = { -readonly [K in keyof T]: T[K] };

export interface Turn<Wishes> {
  readonly protocol: ControlProtocol<Wishes>;
  readonly env: Environment;
  readonly draft: Draft<ControlState<Wishes>>;
  readonly effects: ControlEffect[];
}

export function takeIdentifier<Wishes>(draft: Draft<ControlState<Wishes>>): number {
  draft.identifier = (draft.identifier + 1) & 0xff;
  return draft.identifier;
}

export function send<Wishes>(turn: Turn<Wishes>, packet: Packet): void {
  turn.effects.push({ kind: 'send', packet });
}

export function log<Wishes>(turn: Turn<Wishes>, text: string): void {
  turn.effects.push({ kind: 'log', text });
}
