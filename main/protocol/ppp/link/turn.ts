import { stepControl, type ControlEffect, type ControlInput } from '../control/index.ts';
import { encodeFrame, type Packet } from '../packet.ts';
import { lcpProtocol, type LinkTurn } from '../state.ts';

/** What every phase of a link does in its turn. */

export function send(turn: LinkTurn, protocol: number, packet: Packet): void {
  turn.effects.push({ kind: 'send', bytes: encodeFrame(protocol, packet) });
}

export function log(turn: LinkTurn, text: string): void {
  turn.effects.push({ kind: 'log', text });
}

/** LCP's next step, where there is LCP at all; its effects are the caller's to obey. */
export function stepLcp(turn: LinkTurn, input: ControlInput): readonly ControlEffect[] {
  if (!('lcp' in turn.state)) return [];
  const step = stepControl(lcpProtocol(turn.state.config), turn.state.lcp, input, turn.env);
  turn.state = { ...turn.state, lcp: step.state };
  return step.effects;
}
