/** L2TP version 2 (RFC 2661): the control connection and its calls, for both roles. */
export { createTunnel, stepTunnel, tunnelDeadlineMs } from './tunnel.ts';
export { peekControl } from './peek.ts';
export type { L2tpCause, ResultFacts } from './facts.ts';
export { callResult, stopResult } from './results.ts';
export type { TunnelConfig, TunnelEffect, TunnelInput, TunnelRole, TunnelState } from './types.ts';
