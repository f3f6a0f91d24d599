/**
 * RADIUS for a gateway: the client's side of authentication and accounting (RFC 2865, 2866, 2869, 2548, 3579), and the
 * requests that servers make of it (RFC 5176). Machines as everywhere: `create…`, `step…`, `…DeadlineMs`.
 */
export { createRadius, radiusDeadlineMs, stepRadius, unaccounted } from './client/client.ts';
export type { RadiusState } from './client/state.ts';
export * from './client/types.ts';
export type { AccountedSession, AccountingRecord, SessionUsage } from './accounting.ts';
export type { TerminateCause } from './numbers.ts';
export type { ReplyPolicy } from './policy/policy.ts';
export type { FramedRoute } from './policy/framed-route.ts';
export type { DirectionLimit } from './policy/rate-limit.ts';
export type { NasIdentity, SessionFacts } from './session.ts';
export { verdictOf } from './verdict.ts';
export {
  createDynamicAuthorization,
  dynamicAuthorizationDeadlineMs,
  stepDynamicAuthorization,
  type DynamicAuthorizationState,
} from './dynamic-authorization/listener.ts';
export * from './dynamic-authorization/types.ts';
