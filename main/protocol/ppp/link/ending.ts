import { abandonNetwork } from '../network.ts';
import { protocols } from '../packet.ts';
import type { LinkTurn } from '../state.ts';
import type { PppCause } from '../types.ts';
import { send, stepLcp } from './turn.ts';

export function close(turn: LinkTurn, cause: PppCause): void {
  turn.state = { at: 'closed', cause };
  turn.effects.push({ kind: 'closed', cause });
}

/** Tells why at once and says goodbye; `closed` follows when the peer has answered or does not. */
export function end(turn: LinkTurn, cause: PppCause, message = ''): void {
  const { state } = turn;
  if (state.at === 'closed' || state.at === 'terminating') return;
  abandonNetwork(turn);
  if (state.at === 'idle') {
    close(turn, cause);
    return;
  }
  turn.state = { at: 'terminating', config: state.config, lcp: state.lcp, cause };
  turn.effects.push({ kind: 'ending', cause });
  for (const effect of stepLcp(turn, { kind: 'close', reason: message })) {
    if (effect.kind === 'send') send(turn, protocols.lcp, effect.packet);
    if (effect.kind === 'finished') close(turn, cause);
  }
}

export function endFor(turn: LinkTurn, cause: PppCause | undefined): void {
  if (cause !== undefined) end(turn, cause);
}

/** The peer, or its silence, ended LCP: what is left of the goodbye is the automaton's to finish. */
export function lcpEnded(turn: LinkTurn, cause: PppCause): void {
  const { state } = turn;
  if (!('lcp' in state) || state.at === 'terminating') return;
  abandonNetwork(turn);
  if (state.lcp.at === 'stopping') turn.state = { at: 'terminating', config: state.config, lcp: state.lcp, cause };
  else close(turn, cause);
}
