import type { Environment, Step } from '../../machine.ts';
import { protocols } from '../packet.ts';
import type { AuthMethod, ClientConfig, HostConfig, LinkConfig, PppCause } from '../types.ts';
import { clientAuthDeadlineMs, pendingRefusal, startClientAuth, stepClientAuth, type ClientAuth } from './client.ts';
import type { AuthEffect, AuthInput } from './effect.ts';
import { hostAuthDeadlineMs, startHostAuth, stepHostAuth, type HostAuth } from './host.ts';

/** One authentication, on either side. */
export type AuthState =
  | { readonly role: 'client'; readonly method: AuthMethod; readonly config: ClientConfig; readonly state: ClientAuth }
  | { readonly role: 'host'; readonly method: AuthMethod; readonly config: HostConfig; readonly state: HostAuth };

export function startAuth(config: LinkConfig, method: AuthMethod, env: Environment): Step<AuthState, AuthEffect> {
  if (config.role === 'client') {
    const { state, effects } = startClientAuth({ method, config, env });
    return { state: { role: 'client', method, config, state }, effects };
  }
  const { state, effects } = startHostAuth({ method, config, env });
  return { state: { role: 'host', method, config, state }, effects };
}

export function stepAuth(auth: AuthState, input: AuthInput, env: Environment): Step<AuthState, AuthEffect> {
  if (auth.role === 'client') {
    const { state, effects } = stepClientAuth(auth.state, input, { ...auth, env });
    return { state: { ...auth, state }, effects };
  }
  const { state, effects } = stepHostAuth(auth.state, input, { ...auth, env });
  return { state: { ...auth, state }, effects };
}

export function authDeadlineMs(auth: AuthState): number | undefined {
  return auth.role === 'client' ? clientAuthDeadlineMs(auth.state) : hostAuthDeadlineMs(auth.state);
}

/** Why the link ends if the other side ends it now: an answer that was given outranks the goodbye after it. */
export function standingRefusal(auth: AuthState): PppCause | undefined {
  if (auth.role === 'client') return pendingRefusal(auth.state, auth.method);
  return auth.state.at === 'awaitingAttempt' ? auth.state.refused?.cause : undefined;
}

export function authProtocol(method: AuthMethod): number {
  return method === 'pap' ? protocols.pap : protocols.chap;
}
