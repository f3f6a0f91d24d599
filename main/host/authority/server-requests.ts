import type { Decision, SessionPolicy } from '../../contracts/session-policy.ts';
import type { DynamicAuthorizationAnswer, DynamicAuthorizationRequest } from '../../protocol/radius/index.ts';
import { grantOfRadius, resolvePolicy, type Grant } from '../policy/index.ts';
import { groupsOf } from '../radius/index.ts';
import { radiusFacts, type AccountedHost } from './accounting.ts';
import type { Admission, Ledger, LiveSession } from './ledger.ts';
import { endsWithAccount, type Bench } from './sign-in.ts';

type Selector = DynamicAuthorizationRequest['selector'];
type Change = Extract<DynamicAuthorizationRequest, { action: 'change' }>['policy'];
type Admitted = LiveSession & { readonly admission: Admission };

export interface RequestOptions {
  readonly ledger: Ledger;
  readonly bench: () => Bench;
  readonly host: () => AccountedHost;
  readonly disconnect: (session: number) => void;
  readonly changed: (session: number, admission: Admission, decisions: readonly Decision[]) => void;
}

/** Carries out what RADIUS servers ask of the sessions (RFC 5176): of all that fit, or of none. */
export function serverRequests({ ledger, bench, host, disconnect, changed }: RequestOptions) {
  return (request: DynamicAuthorizationRequest): DynamicAuthorizationAnswer => {
    const meant = ledger.admitted().filter((session) => fits(session, request.selector, host()));
    if (meant.length === 0) return { ok: false, errorCause: 'sessionContextNotFound' };
    if (request.action === 'disconnect') {
      for (const { session } of meant) disconnect(session);
      return { ok: true };
    }
    const judged = meant.map(({ session, admission }) => ({
      session,
      after: afterChange(admission, request.policy, bench()),
    }));
    const possible = judged.flatMap(({ session, after }) => (after === undefined ? [] : [{ session, ...after }]));
    if (possible.length < judged.length) return { ok: false, errorCause: 'invalidAttributeValue' };
    for (const { session, admission, decisions } of possible) changed(session, admission, decisions);
    return { ok: true };
  };
}

/** RFC 5176 §3: a session is meant where all that is given fits; what a server was never told of it fits none. */
function fits(live: Admitted, { userName, ...selector }: Selector, host: AccountedHost): boolean {
  const { admission, online } = live;
  const { sessionId, nasPort, callingStationId, calledStationId } = radiusFacts(live, host);
  const told: Selector = {
    sessionId,
    nasPort,
    callingStationId,
    ...(calledStationId !== undefined && { calledStationId }),
    ...(online !== undefined && { framedAddress: online.address }),
  };
  const isUser = userName === undefined || [admission.user, admission.accounting.userName].includes(userName);
  return isUser && Object.entries(selector).every(([word, given]) => told[word as keyof Selector] === given);
}

interface Changed {
  readonly admission: Admission;
  readonly decisions: readonly Decision[];
}

/** The admission as if the server had said so at sign-in; `undefined` where that means no group, or one that may not be. */
function afterChange(before: Admission, change: Change, { config, hostDnsServers }: Bench): Changed | undefined {
  const groups = groupsOf(change, config.radius?.groups ?? []);
  if (change.filters.length > 0 && groups.length === 0) return undefined;
  const grant = changedGrant(before.grant, change, groups);
  const { judgedBy, endsAtMs } = before;
  const resolution = resolvePolicy({
    config,
    hostDnsServers,
    user: before.user,
    grant,
    // The session's time counts from there.
    nowMs: before.decidedAtMs,
    ...(judgedBy.source === 'local' && { localUser: judgedBy.localUser }),
    ...(endsAtMs !== undefined && { endsAtMs }),
  });
  if (!resolution.ok) return undefined;
  const { decisions } = resolution;
  // What PPP has agreed with the client stays.
  const { address, mtu } = before.policy;
  const policy: SessionPolicy = { ...resolution.policy, address, mtu };
  const accounting = {
    ...before.accounting,
    ...(change.class.length > 0 && { class: change.class }),
    ...(change.interimSeconds !== undefined && { interimSeconds: change.interimSeconds }),
  };
  return {
    decisions,
    admission: { ...before, grant, policy, accounting, endsWithAccount: endsWithAccount(decisions) },
  };
}

/** What the server does not say stays; a limit in one direction leaves the other, none in either lifts both. */
function changedGrant(before: Grant | undefined, change: Change, groups: readonly string[]): Grant {
  const said = grantOfRadius(change, groups);
  const { fromUser, toUser } = change.rateLimit ?? {};
  const liftsBoth = change.rateLimit !== undefined && fromUser === undefined && toUser === undefined;
  return {
    ...before,
    source: 'radius',
    ...(groups.length > 0 && { groups }),
    ...(said.rateUp !== undefined && (fromUser !== undefined || liftsBoth) && { rateUp: said.rateUp }),
    ...(said.rateDown !== undefined && (toUser !== undefined || liftsBoth) && { rateDown: said.rateDown }),
    ...(said.idleTimeout !== undefined && { idleTimeout: said.idleTimeout }),
    ...(said.sessionTimeout !== undefined && { sessionTimeout: said.sessionTimeout }),
  };
}
