import type { DhGroupName } from '../crypto.ts';
import { toHex } from '../wire/bytes.ts';
import { encapsulationOf } from './encapsulation.ts';
import { type Pair, deriveEspKeys } from './keys.ts';
import { graceMs, retryAtMs, termOf, usedGraceMs } from './lifetime.ts';
import { espName, spiBytes } from './proposals.ts';
import { deleteOfChild, sendOnSa } from './protected.ts';
import { type Child, type ChildIdentities, type IsakmpSa, type QuickMode, type Selectors, currentSa } from './state.ts';
import {
  type Turn,
  closeChild,
  currentChild,
  dropQuickMode,
  findChild,
  log,
  putChild,
  useCurrentChild,
} from './turn.ts';
import type { ChildCause, EspProposal, IkeCause, NatOriginalAddresses } from './types.ts';

/** The life of a pair of IPsec SAs: installed, confirmed, superseded, retired, closed. */

/** Those of renewals and collisions, no more. */
const maxChildren = 8;
/** A link as fast as any, with a volume as small as Windows wants, takes longer to carry it. */
const renewalPaceMs = 100;

interface Agreed {
  readonly inboundSpi: number;
  readonly outboundSpi: number;
  readonly suite: EspProposal;
  readonly pfsGroup: DhGroupName | undefined;
  readonly nonces: Pair;
  readonly sharedSecret: Uint8Array | undefined;
  readonly initiatedBy: 'us' | 'peer';
  readonly replaces: number | undefined;
  readonly lifetimeSeconds: number;
  readonly lifetimeKilobytes: number | undefined;
  readonly selectors: Selectors;
  readonly identities: ChildIdentities | undefined;
  readonly natOriginalAddresses: NatOriginalAddresses;
}

/** Makes its keys; it receives from now on. */
export function installChild(turn: Turn, sa: IsakmpSa, agreed: Agreed): void {
  const { crypto } = turn.env;
  const { inboundSpi, outboundSpi, suite, pfsGroup, nonces, initiatedBy, replaces, sharedSecret } = agreed;
  const keysOf = (spi: number) =>
    deriveEspKeys(crypto, sa.keys, {
      ...{ suite, nonces, spi: spiBytes(spi) },
      ...(sharedSecret !== undefined && { sharedSecret }),
    });
  putChild(turn, {
    ...{ inboundSpi, outboundSpi, suite, pfsGroup, initiatedBy, replaces },
    ...{ selectors: agreed.selectors, identities: agreed.identities },
    ...termOf(turn, agreed.lifetimeSeconds, initiatedBy === 'us'),
    renewableAtMs: turn.env.nowMs + renewalPaceMs,
    smallerNonce: toHex(nonces.initiator) < toHex(nonces.responder) ? nonces.initiator : nonces.responder,
    confirmed: false,
    useAtMs: undefined,
    superseded: false,
    retireAtMs: undefined,
  });
  turn.effects.push({
    kind: 'childEstablished',
    ...{ inboundSpi, outboundSpi, suite, initiatedBy },
    inboundKeys: keysOf(inboundSpi),
    outboundKeys: keysOf(outboundSpi),
    lifetimeSeconds: agreed.lifetimeSeconds,
    ...(agreed.lifetimeKilobytes !== undefined && { lifetimeKilobytes: agreed.lifetimeKilobytes }),
    selectors: agreed.selectors,
    encapsulation: encapsulationOf(sa),
    ...(replaces !== undefined && { replaces }),
    natOriginalAddresses: agreed.natOriginalAddresses,
  });
  sharedSecret?.fill(0);
}

/** Whether another may come; what only waits to be deleted goes for it. */
export function makeRoom(turn: Turn): boolean {
  if (turn.state.children.length < maxChildren) return true;
  const oldest = turn.state.children.find(({ superseded }) => superseded);
  if (oldest !== undefined) deleteChild(turn, oldest.inboundSpi, 'replaced');
  return oldest !== undefined;
}

/** Both ends have it: it carries our packets, from `useAtMs` on where the peer asked to wait for its word. */
export function confirmChild(turn: Turn, inboundSpi: number, useAtMs: number | undefined): void {
  const child = findChild(turn, inboundSpi);
  if (child === undefined || (child.confirmed && child.useAtMs === useAtMs)) return;
  const before = currentChild(turn);
  putChild(turn, { ...child, confirmed: true, useAtMs });
  if (!child.confirmed) supersedeBy(turn, child);
  useCurrentChild(turn, before);
}

/** Valid packets come in on it: the peer has it, even where its last message was lost, and may lose its predecessor. */
export function childUsed(turn: Turn, inboundSpi: number): void {
  const unconfirmed = turn.state.quickModes.find(
    (mode) => mode.awaits === 'confirmation' && mode.inboundSpi === inboundSpi,
  );
  if (unconfirmed !== undefined) dropQuickMode(turn, unconfirmed);
  confirmChild(turn, inboundSpi, undefined);
  const predecessor = findChild(turn, findChild(turn, inboundSpi)?.replaces ?? 0);
  if (predecessor?.retireAtMs === undefined) return;
  putChild(turn, { ...predecessor, retireAtMs: Math.min(predecessor.retireAtMs, turn.env.nowMs + usedGraceMs) });
}

/**
 * The new child takes over. Where both ends renewed the same one at once, the exchange with the smallest nonce made the
 * redundant one (as in RFC 7296 §2.8.1), and who began it deletes it after a grace.
 */
function supersedeBy(turn: Turn, child: Child): void {
  const { inboundSpi, replaces, initiatedBy } = child;
  const predecessor = replaces === undefined ? undefined : findChild(turn, replaces);
  const isOurs = initiatedBy === 'us' && predecessor?.retireAtMs === undefined;
  if (predecessor !== undefined && (!predecessor.superseded || isOurs)) retire(turn, predecessor, initiatedBy === 'us');
  const rival = turn.state.children.find(
    (each) =>
      each.inboundSpi !== inboundSpi &&
      each.replaces === replaces &&
      replaces !== undefined &&
      each.initiatedBy !== initiatedBy &&
      each.confirmed &&
      !each.superseded,
  );
  const confirmed = findChild(turn, inboundSpi);
  if (rival === undefined || confirmed === undefined) return;
  const rivalStays = toHex(rival.smallerNonce) > toHex(confirmed.smallerNonce);
  const loser = rivalStays ? confirmed : rival;
  retire(turn, loser, loser.initiatedBy === 'us');
  log(turn, 'ike.collision', { phase: 2, kept: rivalStays ? rival.initiatedBy : initiatedBy });
}

function retire(turn: Turn, child: Child, oursToDelete: boolean): void {
  const retireAtMs = oursToDelete ? turn.env.nowMs + graceMs : undefined;
  putChild(turn, { ...child, superseded: true, retireAtMs });
}

/** Tells the peer, where an SA is left to tell it by. */
export function deleteChild(turn: Turn, inboundSpi: number, cause: ChildCause): void {
  const sa = currentSa(turn.state);
  if (findChild(turn, inboundSpi) === undefined) return;
  if (sa !== undefined) sendOnSa(turn, sa, deleteOfChild(inboundSpi));
  closeChild(turn, inboundSpi, cause);
}

/** A quick mode of ours came to nothing: a renewal is tried again, anything else is the caller's to decide. */
export function failChild(turn: Turn, mode: Extract<QuickMode, { awaits: 'answer' }>, cause: IkeCause): void {
  dropQuickMode(turn, mode);
  const { replaces } = mode.request;
  turn.effects.push({ kind: 'childFailed', ...(replaces !== undefined && { replaces }), cause });
  const child = replaces === undefined ? undefined : findChild(turn, replaces);
  if (child !== undefined) putChild(turn, { ...child, rekeyAtMs: retryAtMs(turn.env.nowMs, child.expiresAtMs) });
}

export function namesOf(suites: readonly EspProposal[]): string[] {
  return suites.map(espName);
}
