import type { SessionPolicy } from '../../contracts/session-policy.ts';
import { sameIdentity, sourceOf } from '../../protocol/ike/index.ts';
import { type LinkEffect, type LinkInput, type PppCause, stepLink } from '../../protocol/ppp/index.ts';
import { advertise, tickAdvertising } from './configuration/index.ts';
import { tellDatapath } from './opening.ts';
import { type Peer, type Session, idleTimeOutMs, sessionTimeOutMs } from './peer.ts';
import type { Turn } from './turn.ts';
import type { EndCode, HostInput, SessionCounters, SessionEnd } from './types.ts';

const maxIdents = 4;

export function feedLink(turn: Turn, id: number, input: LinkInput): void {
  const link = turn.peer.sessions.get(id)?.link;
  if (link === undefined) return;
  const { state, effects } = stepLink(link, input, turn.env);
  turn.putSession(id, { link: state });
  for (const effect of effects) {
    const session = turn.peer.sessions.get(id);
    if (session !== undefined) perform(turn, session, effect);
  }
}

function perform(turn: Turn, session: Session, effect: LinkEffect): void {
  const { id, call } = session;
  switch (effect.kind) {
    case 'send':
      turn.effects.push({
        kind: 'command',
        command: { kind: 'sendPpp', session: id },
        attachment: effect.bytes,
      });
      return;
    case 'lcpUp': {
      const { compressProtocol, compressAddressControl, peerMruBytes } = effect;
      const mtuBytes = Math.min(call.mtuBytes, peerMruBytes);
      turn.putSession(id, { call: { ...call, compressProtocol, compressAddressControl, mtuBytes } });
      tellDatapath(turn, turn.peer.sessions.get(id) ?? session);
      return;
    }
    case 'verify': {
      const { attempt, request, via: method } = effect;
      const asked = { attempt, user: request.userName, method };
      turn.putSession(id, { asked });
      const replaces = earlierSelves(turn, session, request.userName).map(({ session }) => session);
      const about = turn.about(session);
      turn.effects.push({ kind: 'authenticate', session: id, attempt, method, request, about, replaces });
      return;
    }
    case 'tls':
      turn.effects.push({ kind: 'tls', session: id, flight: effect.flight });
      return;
    case 'authenticated':
      authenticated(turn, session, effect);
      return;
    case 'addressWanted':
      if (session.policy === undefined) return refuseUnsigned(turn, id);
      turn.effects.push({
        kind: 'wantAddress',
        session: id,
        user: effect.userName,
        policy: session.policy,
        about: turn.about(session),
      });
      return;
    case 'ipv4Up':
      ipv4Up(turn, session, effect.remote);
      return;
    case 'ipv6Up':
      ipv6Changed(turn, id, { localInterfaceId: effect.localInterfaceId });
      advertise(turn, id);
      return;
    case 'ipv6Down':
      ipv6Changed(turn, id, undefined);
      return;
    case 'peerIdent':
      turn.putSession(id, { idents: [...session.idents, effect.text].slice(-maxIdents) });
      return;
    case 'ending':
      if (session.end === undefined) turn.putSession(id, { end: endOf(effect.cause) });
      return;
    case 'closed':
      linkClosed(turn, session, effect.cause);
      return;
    case 'log':
      turn.log('ppp', effect.text);
      return;
    case 'ipv4Down': // a renegotiation, unless `closed` follows
    case 'roundTrip':
    case 'passwordExpired':
    case 'credentialsRefused':
    case 'challenge':
    case 'waiting':
    case 'notice':
      return;
  }
}

export function verdict(turn: Turn, input: Extract<HostInput, { kind: 'verdict' }>): void {
  const session = turn.peer.sessions.get(input.session);
  if (session?.asked?.attempt !== input.attempt) return;
  const { attempt, user, method } = session.asked;
  if ('policy' in input) turn.putSession(session.id, { policy: input.policy });
  if (input.verdict.ok === false) {
    const { code } = input.verdict;
    turn.fact({ fact: 'authenticationFailed', about: turn.about(session), user, method, code });
  }
  turn.errands.push({ to: 'link', session: session.id, input: { kind: 'verdict', attempt, verdict: input.verdict } });
}

function authenticated(turn: Turn, session: Session, effect: Extract<LinkEffect, { kind: 'authenticated' }>): void {
  const { userName: name, method } = effect;
  if (session.user !== undefined && session.user.name !== name) {
    const end = { code: 'protocolError', detail: 'another user after a renegotiation' } as const;
    turn.errands.push({ to: 'end', session: session.id, end });
    return;
  }
  turn.putSession(session.id, { user: { name, method } });
  turn.fact({ fact: 'authenticated', about: turn.about(session), user: name, method });
  for (const { peer, session: earlier } of earlierSelves(turn, session, name)) {
    turn.elsewhere.push({ peer, errand: { to: 'forget', session: earlier } });
  }
  turn.host.addUser(name, session.id);
}

/**
 * RFC 2407 §4.6.3.3, as far as it may go where all peers share a key and many an address: who begins anew takes the place of its
 * own earlier sessions alone, those of the same user by the same IKE identity. An address identifies only together with the
 * address outside: behind every other NAT there is a 192.168.1.10.
 */
function earlierSelves({ peer, host }: Turn, session: Session, user: string) {
  return host.sessionsOfUser(user).flatMap((id) => {
    const other = host.peerOfSession(id);
    if (other === undefined || id === session.id) return [];
    const isOwn = other.id === peer.id ? other.sessions.get(id)?.tunnel !== session.tunnel : isEarlierSelf(peer, other);
    return isOwn ? [{ peer: other.id, session: id }] : [];
  });
}

function isEarlierSelf(peer: Peer, other: Peer): boolean {
  const [now, before] = [peer.proven, other.proven];
  if (now === undefined || before === undefined || !now.initialContact) return false;
  const isAddress = now.identity.type === 'ipv4' || now.identity.type === 'ipv6';
  const samePlace = sourceOf(addressOf(peer)) === sourceOf(addressOf(other));
  return now.keyName === before.keyName && sameIdentity(now.identity, before.identity) && (!isAddress || samePlace);
}

function addressOf({ path, cameFrom }: Peer): string {
  return (path?.remote ?? cameFrom).address;
}

export function address(turn: Turn, input: Extract<HostInput, { kind: 'address' }>): void {
  const session = turn.peer.sessions.get(input.session);
  if (session === undefined) return;
  const { ipv6Prefix } = input;
  if (input.address !== undefined) {
    turn.putSession(session.id, { assigned: input.address, ...(ipv6Prefix !== undefined && { ipv6Prefix }) });
  }
  turn.errands.push({
    to: 'link',
    session: session.id,
    input:
      input.address === undefined
        ? { kind: 'refuseAddress' }
        : {
            kind: 'assignAddress',
            address: input.address,
            ...(session.policy !== undefined && nameServers(session.policy)),
          },
  });
}

/** IPCP has no others (RFC 1877). */
function nameServers({ dnsServers, wins }: SessionPolicy) {
  return { dns: dnsServers.filter((address) => !address.includes(':')), wins };
}

function ipv4Up(turn: Turn, session: Session, given: string | undefined): void {
  const { id, online, policy, user, call } = session;
  if (given === undefined) return;
  if (policy === undefined) return refuseUnsigned(turn, id);
  const mtuBytes = Math.min(call.mtuBytes, policy.mtu);
  turn.putSession(id, {
    call: { ...call, mtuBytes },
    online: { sinceMs: online?.sinceMs ?? turn.env.nowMs, address: given },
    trafficMs: turn.env.nowMs,
  });
  const after = turn.peer.sessions.get(id) ?? session;
  tellDatapath(turn, after);
  turn.effects.push({ kind: 'applyPolicy', session: id, address: given, mtuBytes, policy });
  advertise(turn, id);
  if (online !== undefined) return;
  const about = turn.about(after);
  const facts = { user: user?.name ?? '', method: user?.method, address: given, mtuBytes, policy, about };
  turn.effects.push({ kind: 'sessionStarted', ...facts });
}

function ipv6Changed(turn: Turn, id: number, ipv6: Session['ipv6']): void {
  turn.putSession(id, { ipv6 });
  const session = turn.peer.sessions.get(id);
  if (session?.online !== undefined) tellDatapath(turn, session);
}

/** Nobody comes in without a policy. */
function refuseUnsigned(turn: Turn, id: number): void {
  const end = { code: 'protocolError', detail: 'nobody signed in' } as const;
  turn.errands.push({ to: 'end', session: id, end });
}

export function changePolicy(turn: Turn, { session: id, policy }: Extract<HostInput, { kind: 'changePolicy' }>): void {
  const session = turn.peer.sessions.get(id);
  if (session?.policy === undefined || session.end !== undefined) return;
  const { address, mtu } = session.policy;
  const changed = { ...policy, address, mtu };
  turn.putSession(id, { policy: changed });
  if (session.online === undefined) return;
  tellDatapath(turn, { ...session, policy: changed });
  const { mtuBytes } = session.call;
  turn.effects.push({
    kind: 'applyPolicy',
    session: id,
    address: session.online.address,
    mtuBytes,
    policy: changed,
  });
  advertise(turn, id);
}

/** What the datapath counted: proof of life, and of use. */
export function count(turn: Turn, id: number, counters: SessionCounters): void {
  const session = turn.peer.sessions.get(id);
  if (session === undefined) return;
  const before = session.counters;
  const received = counters.receivedPackets > (before?.receivedPackets ?? 0n);
  const isUsed = received || counters.sentPackets > (before?.sentPackets ?? 0n);
  turn.putSession(id, { counters, ...(isUsed && { trafficMs: turn.env.nowMs }) });
  if (!received) return;
  turn.errands.push(
    { to: 'ike', input: { kind: 'activity' } },
    { to: 'tunnel', tunnel: session.tunnel, input: { kind: 'activity' } },
    { to: 'link', session: id, input: { kind: 'activity' } },
  );
}

export function tickSessions(turn: Turn): void {
  const { nowMs } = turn.env;
  for (const session of turn.peer.sessions.values()) {
    const isOver = (atMs: number | undefined) => atMs !== undefined && nowMs >= atMs;
    const code = isOver(sessionTimeOutMs(session)) ? 'sessionTimeout' : 'idleTimeout';
    if (code === 'sessionTimeout' || isOver(idleTimeOutMs(session))) {
      turn.errands.push({ to: 'end', session: session.id, end: { code, detail: 'policy' } });
    }
    turn.errands.push({ to: 'link', session: session.id, input: { kind: 'tick' } });
    tickAdvertising(turn, session);
  }
}

// ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Says goodbye from the top down: PPP, then the call, then (tunnels.ts) the tunnel and the SAs when nothing else uses them. */
export function endSession(turn: Turn, id: number, end: SessionEnd): void {
  const session = turn.peer.sessions.get(id);
  if (session === undefined || session.end !== undefined) return;
  turn.putSession(id, { end });
  if (session.link !== undefined)
    turn.errands.push({ to: 'link', session: id, input: { kind: 'close', reason: end.code } });
  else hangUp(turn, session);
}

/** Nobody is there any more to say goodbye to: whoever was has begun anew, and what is said to the old would hit the new. */
export function forgetSession(turn: Turn, id: number): void {
  const session = turn.peer.sessions.get(id);
  if (session === undefined) return;
  finishSession(turn, id, { code: 'replaced', detail: 'the same user began anew' });
  if ([...turn.peer.sessions.values()].some(({ tunnel }) => tunnel === session.tunnel)) return;
  const tunnels = new Map(turn.peer.tunnels);
  tunnels.delete(session.tunnel);
  turn.set({ tunnels });
  if (tunnels.size === 0) turn.errands.push({ to: 'ike', input: { kind: 'close' } });
}

function hangUp(turn: Turn, { tunnel, call }: Session): void {
  const { localSessionId } = call;
  turn.errands.push({ to: 'tunnel', tunnel, input: { kind: 'hangUp', localSessionId } });
}

function linkClosed(turn: Turn, session: Session, cause: PppCause): void {
  const { link, ...rest } = session;
  const sessions = new Map(turn.peer.sessions).set(session.id, { ...rest, end: session.end ?? endOf(cause) });
  turn.set({ sessions });
  if (link !== undefined) hangUp(turn, session);
}

function endOf(cause: PppCause): SessionEnd {
  return { code: endCodeOf(cause), detail: `PPP ${cause.code}`, ppp: cause.code };
}

function endCodeOf(cause: PppCause): EndCode {
  switch (cause.code) {
    case 'peerTerminated':
      return 'userRequest';
    case 'echoTimeout':
    case 'lcpTimeout':
    case 'ipcpTimeout':
    case 'lowerDown':
      return 'peerLost';
    case 'authenticationRejected':
    case 'authenticationTimeout':
    case 'noCommonAuthentication':
    case 'serverNotAuthentic':
    case 'challengeUnanswered':
    case 'tlsFailed':
      return 'authenticationFailed';
    case 'noAddress':
      return 'noAddress';
    case 'lcpLoopback':
    case 'lcpRefused':
    case 'ipcpRefused':
      return 'protocolError';
    case 'closedByUs':
      return 'administrator';
  }
}

/** The call is down, or all below it is gone: the session is no more. */
export function finishSession(turn: Turn, id: number, because: SessionEnd): void {
  const session = turn.peer.sessions.get(id);
  if (session === undefined) return;
  const end = session.end ?? because;
  const sessions = new Map(turn.peer.sessions);
  sessions.delete(id);
  const about = turn.about(session);
  turn.set({ sessions });
  turn.host.removeSession(id, session.user?.name);
  turn.effects.push({ kind: 'datapath', request: { kind: 'removeSession', session: id } });
  const { online, user, counters, assigned } = session;
  if (online === undefined) {
    if (assigned !== undefined) turn.effects.push({ kind: 'addressUnused', session: id });
    turn.fact({ fact: 'attemptEnded', about, user: user?.name ?? session.asked?.user ?? '', end });
    return;
  }
  turn.effects.push({
    kind: 'sessionEnded',
    user: user?.name ?? '',
    address: online.address,
    end,
    lastedMs: turn.env.nowMs - online.sinceMs,
    totals: counters,
    about,
  });
}
