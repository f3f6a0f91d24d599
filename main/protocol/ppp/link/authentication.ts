import type { AuthEffect, AuthInput } from '../auth/effect.ts';
import { authProtocol, stepAuth } from '../auth/machine.ts';
import type { LinkTurn } from '../state.ts';
import { end } from './ending.ts';
import { enterNetwork } from './network-phase.ts';
import { send } from './turn.ts';

export function driveAuth(turn: LinkTurn, input: AuthInput): void {
  const { state } = turn;
  if ((state.at !== 'authenticating' && state.at !== 'network') || state.auth === undefined) return;
  const step = stepAuth(state.auth, input, turn.env);
  turn.state = { ...state, auth: step.state };
  obeyAuth(turn, step.effects);
}

export function obeyAuth(turn: LinkTurn, effects: readonly AuthEffect[]): void {
  for (const effect of effects) {
    const { state } = turn;
    if (state.at !== 'authenticating' && state.at !== 'network') return;
    const { auth } = state;
    if (auth === undefined) return;
    switch (effect.kind) {
      case 'send':
        send(turn, authProtocol(auth.method), effect.packet);
        break;
      case 'authenticated': {
        if (state.at === 'network') break; // the peer asked again (RFC 1994 §2)
        const { userName, message, credentials, method = auth.method } = effect;
        if (state.config.role === 'client' && credentials !== undefined) {
          turn.state = { ...state, config: { ...state.config, credentials } };
        }
        turn.effects.push({ kind: 'authenticated', method, userName, message });
        enterNetwork(turn, auth, userName);
        break;
      }
      case 'failed':
        end(turn, effect.cause);
        break;
      case 'verify': {
        const attempts = state.attempts + 1;
        turn.state = { ...state, attempts };
        const { request, via = auth.method } = effect;
        turn.effects.push({ kind: 'verify', attempt: attempts, via, request });
        break;
      }
      case 'passwordExpired':
      case 'credentialsRefused':
      case 'challenge':
      case 'waiting':
      case 'notice':
      case 'tls':
      case 'log':
        turn.effects.push(effect);
        break;
    }
  }
}
