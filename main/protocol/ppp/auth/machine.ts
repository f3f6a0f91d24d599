import {
  authenticatorDeadlineMs,
  authenticatorRefusal,
  startAuthenticator,
  stepAuthenticator,
} from '../../eap/authenticator/authenticator.ts';
import type { EapAuthenticator } from '../../eap/authenticator/state.ts';
import { peerDeadlineMs, peerRefusal, startPeer, stepPeer } from '../../eap/peer/peer.ts';
import type { EapPeer } from '../../eap/peer/state.ts';
import type { Environment, Step } from '../../machine.ts';
import { protocols } from '../packet.ts';
import type { ClientConfig, HostConfig, LinkConfig, LinkMethod, PppCause } from '../types.ts';
import { clientAuthDeadlineMs, pendingRefusal, startClientAuth, stepClientAuth, type ClientAuth } from './client.ts';
import type { AuthEffect, AuthInput } from './effect.ts';
import { hostAuthDeadlineMs, startHostAuth, stepHostAuth, type HostAuth } from './host.ts';

type PasswordMethod = Exclude<LinkMethod, 'eap'>;

/** One authentication, on either side. */
export type AuthState =
  | {
      readonly role: 'client';
      readonly method: PasswordMethod;
      readonly config: ClientConfig;
      readonly state: ClientAuth;
    }
  | { readonly role: 'host'; readonly method: PasswordMethod; readonly config: HostConfig; readonly state: HostAuth }
  | { readonly role: 'client'; readonly method: 'eap'; readonly config: ClientConfig; readonly state: EapPeer }
  | { readonly role: 'host'; readonly method: 'eap'; readonly config: HostConfig; readonly state: EapAuthenticator };

export function startAuth(config: LinkConfig, method: LinkMethod, env: Environment): Step<AuthState, AuthEffect> {
  if (config.role === 'client') {
    if (method === 'eap') {
      const { state, effects } = startPeer({ config, env });
      return { state: { role: 'client', method, config, state }, effects };
    }
    const { state, effects } = startClientAuth({ method, config, env });
    return { state: { role: 'client', method, config, state }, effects };
  }
  if (method === 'eap') {
    const { state, effects } = startAuthenticator({ config, env });
    return { state: { role: 'host', method, config, state }, effects };
  }
  const { state, effects } = startHostAuth({ method, config, env });
  return { state: { role: 'host', method, config, state }, effects };
}

export function stepAuth(auth: AuthState, input: AuthInput, env: Environment): Step<AuthState, AuthEffect> {
  if (auth.role === 'client') {
    if (auth.method === 'eap') {
      const { state, effects } = stepPeer(auth.state, input, { config: auth.config, env });
      return { state: { ...auth, state }, effects };
    }
    const { state, effects } = stepClientAuth(auth.state, input, { ...auth, env });
    return { state: { ...auth, state }, effects };
  }
  if (auth.method === 'eap') {
    const { state, effects } = stepAuthenticator(auth.state, input, { config: auth.config, env });
    return { state: { ...auth, state }, effects };
  }
  const { state, effects } = stepHostAuth(auth.state, input, { ...auth, env });
  return { state: { ...auth, state }, effects };
}

export function authDeadlineMs(auth: AuthState): number | undefined {
  if (auth.role === 'client') {
    return auth.method === 'eap' ? peerDeadlineMs(auth.state) : clientAuthDeadlineMs(auth.state);
  }
  return auth.method === 'eap' ? authenticatorDeadlineMs(auth.state) : hostAuthDeadlineMs(auth.state);
}

/** Why the link ends if the other side ends it now: an answer that was given outranks the goodbye after it. */
export function standingRefusal(auth: AuthState): PppCause | undefined {
  if (auth.role === 'client') {
    return auth.method === 'eap' ? peerRefusal(auth.state) : pendingRefusal(auth.state, auth.method);
  }
  if (auth.method === 'eap') return authenticatorRefusal(auth.state);
  return auth.state.at === 'awaitingAttempt' ? auth.state.refused?.cause : undefined;
}

const authProtocols: Readonly<Record<LinkMethod, number>> = {
  pap: protocols.pap,
  'chap-md5': protocols.chap,
  mschapv2: protocols.chap,
  eap: protocols.eap,
};

export function authProtocol(method: LinkMethod): number {
  return authProtocols[method];
}
