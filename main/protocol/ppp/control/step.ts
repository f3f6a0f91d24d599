import type { Environment, Step } from '../../machine.ts';
import { fire } from './actions.ts';
import { receive, refuse } from './receive.ts';
import type { ControlEffect, ControlInput, ControlProtocol, ControlState } from './state.ts';
import { negotiating, type Turn } from './turn.ts';

export function stepControl<Wishes>(
  protocol: ControlProtocol<Wishes>,
  state: ControlState<Wishes>,
  input: ControlInput,
  env: Environment,
): Step<ControlState<Wishes>, ControlEffect> {
  const turn: Turn<Wishes> = { protocol, env, draft: { ...state }, effects: [] };
  switch (input.kind) {
    case 'open':
      fire(turn, 'Open');
      break;
    case 'lowerUp':
      fire(turn, 'Up');
      break;
    case 'lowerDown':
      fire(turn, 'Down');
      break;
    case 'close':
      turn.draft.farewell = input.reason;
      fire(turn, 'Close');
      break;
    case 'protocolRejected':
      refuse(turn);
      break;
    case 'tick':
      tick(turn);
      break;
    case 'packet':
      receive(turn, input.packet);
      break;
  }
  return { state: turn.draft, effects: turn.effects };
}

function tick<Wishes>(turn: Turn<Wishes>): void {
  const { draft, protocol, env } = turn;
  if (draft.dueMs === undefined || env.nowMs < draft.dueMs) return;
  const isNegotiating = negotiating.has(draft.at);
  // RFC 1661 lets a peer that acknowledges but never asks hold us for ever: three full rounds are enough.
  const exhausted = isNegotiating && draft.requestsSent >= 3 * protocol.restart.maxConfigure;
  if (draft.triesLeft > 0 && !exhausted) {
    fire(turn, 'TO+');
    return;
  }
  if (isNegotiating) turn.effects.push({ kind: 'timedOut' });
  fire(turn, 'TO-');
}
