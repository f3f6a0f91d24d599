/** The automaton that LCP, IPCP, IPV6CP and CCP have in common, with its packets and timer (RFC 1661 §4 and §5). */
export { createControl, grantedOption, peerOption } from './state.ts';
export type { ControlEffect, ControlInput, ControlProtocol, ControlState } from './state.ts';
export { stepControl } from './step.ts';
