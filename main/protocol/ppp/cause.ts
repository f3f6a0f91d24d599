import { standingRefusal } from './auth/machine.ts';
import { grantedOption, peerOption } from './control/index.ts';
import { lacksAddress } from './network.ts';
import { lcpOptions, methodName, number } from './options/lcp.ts';
import type { LinkState } from './state.ts';
import type { PppCause } from './types.ts';

/** What a link's state says about why it ends. */

export function heardPeer(state: LinkState): boolean {
  return 'lcp' in state && state.lcp.heardPeer;
}

/** RFC 1661 §6.4: zero where the peer refused to keep magic numbers, or has not agreed yet. */
export function ourMagic(state: LinkState): number {
  const granted = 'lcp' in state ? grantedOption(state.lcp, lcpOptions.magic) : undefined;
  return granted === undefined ? 0 : number(granted);
}

export function impossible(state: LinkState, type: number): PppCause {
  if (type === lcpOptions.magic) return { code: 'lcpLoopback' };
  if (type === lcpOptions.authentication && 'config' in state) {
    return { code: 'noCommonAuthentication', offered: state.config.methods };
  }
  return { code: 'lcpRefused' };
}

/** Client: the peer demanded methods, and we accepted none of them. */
export function methodsRefused(state: LinkState): PppCause | undefined {
  if (state.at !== 'establishing' || state.config.role !== 'client') return undefined;
  const agreed = peerOption(state.lcp, lcpOptions.authentication);
  const offered = state.lcp.refused.filter(({ type }) => type === lcpOptions.authentication);
  if (offered.length === 0 || agreed !== undefined) return undefined;
  return { code: 'noCommonAuthentication', offered: offered.map(({ data }) => methodName(data)) };
}

export function terminatedBecause(state: LinkState, message: string): PppCause {
  switch (state.at) {
    case 'authenticating':
      return standingRefusal(state.auth) ?? { code: 'peerTerminated', phase: 'authenticating', message };
    case 'network':
      // A gateway that ends before it names an address has none left.
      if (lacksAddress(state)) return { code: 'noAddress' };
      return { code: 'peerTerminated', phase: 'network', message };
    case 'idle':
    case 'establishing':
    case 'terminating':
    case 'closed':
      return methodsRefused(state) ?? { code: 'peerTerminated', phase: 'establishing', message };
  }
}
