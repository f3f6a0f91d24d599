import { toHex } from '../wire/bytes.ts';
import { encapsulationOf } from './encapsulation.ts';
import { type IkeKeys, wipeIkeKeys } from './keys.ts';
import { graceMs, retryAtMs, termOf } from './lifetime.ts';
import { failChild } from './children.ts';
import { startMainMode } from './main-mode-start.ts';
import { deleteOfSa, sendOnSa } from './protected.ts';
import { startQuickMode } from './quick-mode-initiator.ts';
import type { Answered } from './retransmission.ts';
import { type AwaitsFifth, type AwaitsSixth, type IsakmpSa, type MainMode, type Path, currentSa } from './state.ts';
import { type Turn, close, closeChild, dropMainMode, findChild, heard, log, putSa, wipeMainMode } from './turn.ts';
import type { CertificateFacts, Identity, IkeCause } from './types.ts';

/** What a main mode ends in: an ISAKMP SA beside or in place of others, or a cause. */

/** The current one and those that end their exchanges: a peer that renews without end makes no more of them. */
const maxSas = 6;

interface Proven {
  readonly keys: IkeKeys;
  readonly keyName: string | undefined;
  readonly certificate: CertificateFacts | undefined;
  readonly path: Path;
  readonly remoteIdentity: Identity;
  readonly lastBlock: Uint8Array;
  readonly answered: Answered | undefined;
  readonly initialContact: boolean;
}

export function establish(turn: Turn, mode: AwaitsFifth | AwaitsSixth, proven: Proven): void {
  const { id, role, cookies, suite, authentication, features, nat, supersedes, lifetimeSeconds } = mode;
  const { initialContact, ...known } = proven;
  const sa: IsakmpSa = {
    ...{ id, role, cookies, suite, authentication, features, nat, supersedes, lifetimeSeconds },
    ...known,
    ...termOf(turn, lifetimeSeconds, role === 'initiator'),
    messageIds: [],
    peerSequence: undefined,
    superseded: false,
    retireAtMs: undefined,
  };
  dropMainMode(turn, id);
  enlist(turn, sa, initialContact);
}

/** The SA stands, beside or in place of those that stood. */
export function enlist(turn: Turn, sa: IsakmpSa, initialContact: boolean): void {
  const { id, role, supersedes, features, nat } = sa;
  const rekey = turn.state.sas.length + turn.state.children.length > 0;
  heard(turn);
  if (role === 'responder' && sa.path.port === 'natt' && !rekey) {
    turn.effects.push({ kind: 'switchToNatt', remote: sa.path.remote });
  }
  turn.effects.push({
    kind: 'ikeEstablished',
    suite: sa.suite,
    authentication: sa.authentication,
    remoteIdentity: sa.remoteIdentity,
    ...(sa.certificate !== undefined && { certificate: sa.certificate }),
    ...(sa.keyName !== undefined && { preSharedKeyName: sa.keyName }),
    natDetected: nat ?? { local: false, remote: false },
    encapsulation: encapsulationOf(sa),
    remoteVendors: features.vendors,
    lifetimeSeconds: sa.lifetimeSeconds,
    rekey,
    initialContact,
  });
  if (initialContact) forgetAllBefore(turn, sa);
  putSa(turn, sa);
  for (const other of turn.state.sas) {
    const isPredecessor = other.id === supersedes && role === 'initiator' && other.retireAtMs === undefined;
    if (other.id !== id && (!other.superseded || isPredecessor)) supersede(turn, sa, other);
  }
  const oldest = turn.state.sas.length > maxSas ? turn.state.sas[0] : undefined;
  if (oldest !== undefined) {
    sendOnSa(turn, oldest, deleteOfSa(oldest));
    removeSa(turn, oldest, { code: 'lifetimeExpired' });
  }
  const { wanted } = turn.state;
  turn.state = { ...turn.state, wanted: [] };
  for (const request of wanted) {
    const { replaces } = request;
    // Not what was replaced or went meanwhile.
    if (replaces === undefined || findChild(turn, replaces)?.superseded === false) startQuickMode(turn, sa, request);
  }
}

/**
 * The new SA takes over. Where both ends renewed the same one at once, both new ones stand on either end, and both ends
 * keep the one with the greater initiator cookie. Who made what goes deletes it after a grace.
 */
function supersede(turn: Turn, sa: IsakmpSa, other: IsakmpSa): void {
  const collision = sa.supersedes !== undefined && sa.supersedes === other.supersedes && sa.role !== other.role;
  const otherStays = collision && toHex(other.cookies.initiator) > toHex(sa.cookies.initiator);
  const loser = otherStays ? sa : other;
  const oursToDelete = collision ? loser.role === 'initiator' : sa.role === 'initiator';
  putSa(turn, { ...loser, superseded: true, retireAtMs: oursToDelete ? turn.env.nowMs + graceMs : undefined });
  if (collision) log(turn, 'ike.collision', { phase: 1, kept: otherStays ? other.role : sa.role });
}

/** RFC 2407 §4.6.3.3: the peer started anew. */
export function forgetAllBefore(turn: Turn, sa: IsakmpSa): void {
  for (const { inboundSpi } of turn.state.children) closeChild(turn, inboundSpi, 'initialContact');
  for (const other of turn.state.sas) if (other.id !== sa.id) wipeIkeKeys(other.keys);
  turn.state = {
    ...turn.state,
    sas: turn.state.sas.filter((other) => other.id === sa.id),
    quickModes: turn.state.quickModes.filter((mode) => mode.sa === sa.id),
  };
}

/**
 * A main mode came to nothing. That ends a machine with nothing else to live for; but children outlive what anybody may
 * have sent to a responder, and an SA outlives its renewal's failure until its own end.
 */
export function failMainMode(turn: Turn, mode: MainMode | undefined, cause: IkeCause): void {
  if (mode !== undefined) {
    dropMainMode(turn, mode.id);
    wipeMainMode(mode);
  }
  const { sas, mainModes, children, config } = turn.state;
  const initiated = mode?.role === 'initiator';
  const hopeless = children.length === 0 || initiated || config.role === 'initiator';
  if (sas.length + mainModes.length === 0 && hopeless) return close(turn, cause);
  log(turn, 'ike.mainModeFailed', { cause: cause.code });
  const sa = currentSa(turn.state);
  if (initiated && sa !== undefined) putSa(turn, { ...sa, rekeyAtMs: retryAtMs(turn.env.nowMs, sa.expiresAtMs) });
}

/** An ISAKMP SA is gone. Children live on; an initiator makes them a new one, a responder waits for its peer to. */
export function removeSa(turn: Turn, sa: IsakmpSa, cause: IkeCause): void {
  for (const mode of turn.state.quickModes) {
    if (mode.sa === sa.id && mode.awaits === 'answer') failChild(turn, mode, cause);
  }
  turn.state = {
    ...turn.state,
    sas: turn.state.sas.filter(({ id }) => id !== sa.id),
    quickModes: turn.state.quickModes.filter((mode) => mode.sa !== sa.id),
    lastLoss: cause,
  };
  wipeIkeKeys(sa.keys);
  const { config, sas, mainModes, children } = turn.state;
  const alone = sas.length === 0 && !mainModes.some(({ role }) => role === 'initiator');
  if (alone && children.length > 0 && config.role === 'initiator') startMainMode(turn, sa.path);
}

/** With the last SA and the last child gone and nothing on its way, it is over. */
export function endIfNothingIsLeft(turn: Turn): void {
  const { lastLoss, sas, mainModes, children } = turn.state;
  if (lastLoss !== undefined && sas.length + mainModes.length + children.length === 0) close(turn, lastLoss);
}

/** What silence means, by the message that did not come. */
export function causeOfSilence(mode: MainMode): IkeCause {
  if (mode.hint !== undefined) return mode.hint;
  switch (mode.awaits) {
    case 2:
      return { code: 'noResponse' };
    case 3:
    case 4:
      return { code: 'phase1Timeout', awaiting: 'keyExchange' };
    case 5:
      return { code: 'phase1Timeout', awaiting: 'authentication' };
    case 6:
      return { code: 'authenticationFailed', authentication: mode.authentication, evidence: 'silence' };
    case 'verdict':
      return { code: 'certificateRejected', reason: 'timeout', subject: '', detail: '' };
  }
}
