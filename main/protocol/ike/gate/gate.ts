import type { CryptoPort } from '../../crypto.ts';
import type { Environment } from '../../machine.ts';
import { sameBytes } from '../../wire/bytes.ts';
import { WireError } from '../../wire/error.ts';
import { headerOf, refusalOf } from '../envelope.ts';
import { isFragment } from '../fragmentation.ts';
import type { Pair } from '../keys.ts';
import { type OfferTerms, judgeOffer } from '../offer.ts';
import { noCookie } from '../state.ts';
import type { Endpoint, IkeCause } from '../types.ts';
import { type NotificationName, type Packet, decodePacket, encodePacket } from '../wire/index.ts';
import { Allowance, type AllowanceLimits, sourceOf } from './allowance.ts';
import { isCookie, makeCookie, offerIndex } from './cookie.ts';
import { type KnownOffer, Offers } from './offers.ts';

/** What stands before a responder's machines: it answers strangers, and lets in who proved to be where it says it is. */

export interface GateConfig extends OfferTerms {
  readonly allowances: {
    /** Messages 2 for one source. */
    readonly answers: AllowanceLimits;
    /** Messages 3 of one source that are let in: each costs a Diffie-Hellman exchange. */
    readonly admissions: AllowanceLimits;
  };
}

/** Let in by message 3: enough to make its machine (`admitIke`). */
export interface Admission {
  readonly cookies: Pair;
  readonly offer: KnownOffer;
}

export type GateVerdict =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  | { readonly kind: 'refuse'; readonly bytes: Uint8Array; readonly cause: IkeCause }
  | { readonly kind: 'admit'; readonly admission: Admission }
  | { readonly kind: 'drop'; readonly reason: string };

/** Garbage is answered once a second and source, so that nobody can have us flood a third. */
const complaints: AllowanceLimits = { burst: 1, perSecond: 1 };
const rememberedSources = 8192;
const secretBytes = 32;
/** No stock client's first message is half as long. */
const longestFirstBytes = 4096;

function judgedBy({ ikeProposals, authentications, lifetimes, forceEncapsulation }: GateConfig): string {
  return JSON.stringify([ikeProposals, authentications, lifetimes, forceEncapsulation]);
}

/**
 * Bounded tables that change in place; deterministic all the same. One owner, which gives it what no machine claims. Between
 * messages 1 and 3 it remembers nothing of a peer, only each distinct offer once (offers.ts, cookie.ts).
 */
export class Gate {
  #config: GateConfig;
  #offers = new Offers();
  #answers: Allowance;
  #admissions: Allowance;
  readonly #complaints = new Allowance(complaints, rememberedSources);
  #secret: Uint8Array | undefined;

  constructor(config: GateConfig) {
    this.#config = config;
    this.#answers = new Allowance(config.allowances.answers, rememberedSources);
    this.#admissions = new Allowance(config.allowances.admissions, rememberedSources);
  }

  /** Under other proposals, what was judged by the old ones is forgotten; otherwise exchanges under way go on. */
  configure(config: GateConfig): void {
    if (judgedBy(config) !== judgedBy(this.#config)) this.#offers = new Offers();
    this.#config = config;
    this.#answers = new Allowance(config.allowances.answers, rememberedSources);
    this.#admissions = new Allowance(config.allowances.admissions, rememberedSources);
  }

  /** One datagram of nobody that is known. */
  receive(bytes: Uint8Array, remote: Endpoint, env: Environment): GateVerdict {
    try {
      return this.#receive(decodePacket(bytes), bytes, remote, env);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return { kind: 'drop', reason: error.code };
    }
  }

  /** The peer that it let in is authentic: its offer is worth remembering. */
  prove({ offer }: Admission): void {
    this.#offers.prove(offer);
  }

  #receive(packet: Packet, bytes: Uint8Array, remote: Endpoint, env: Environment): GateVerdict {
    const { header } = packet;
    const isFirst = sameBytes(header.responderCookie, noCookie);
    if (sameBytes(header.initiatorCookie, noCookie)) return { kind: 'drop', reason: 'header' };
    if (header.exchange === 'aggressive' && isFirst) {
      return this.#complain('invalidExchangeType', { code: 'aggressiveModeRefused' }, header, remote, env);
    }
    if (header.exchange === 'mainMode' && header.messageId === 0 && !header.encrypted) {
      return isFirst && !isFragment(packet)
        ? this.#receiveFirst(packet, bytes, remote, env)
        : this.#receiveThird(packet, remote, env);
    }
    // It has an SA that we have not: after a restart of ours, this has it ask (DPD) and find out.
    const lost = !isFirst && header.encrypted;
    const cause: IkeCause = { code: 'peerNotify', phase: 1, name: 'invalidCookie' };
    return lost ? this.#complain('invalidCookie', cause, header, remote, env) : { kind: 'drop', reason: 'exchange' };
  }

  #receiveFirst(packet: Packet, bytes: Uint8Array, remote: Endpoint, env: Environment): GateVerdict {
    const { crypto, nowMs } = env;
    const { header } = packet;
    if (bytes.length > longestFirstBytes) return { kind: 'drop', reason: 'length' };
    if (!this.#answers.take(sourceOf(remote.address), nowMs)) return { kind: 'drop', reason: 'tooMany' };
    const digest = Offers.digest(crypto, packet.body);
    const known = this.#offers.find(digest);
    const verdict = known ?? judgeOffer(this.#config, packet);
    if (verdict === undefined) return { kind: 'drop', reason: 'payloads' };
    if ('ok' in verdict && !verdict.ok) {
      return this.#complain('noProposalChosen', verdict.cause, header, remote, env);
    }
    const offer = known ?? this.#offers.add(digest, verdict);
    const initiator = header.initiatorCookie;
    const responder = makeCookie(crypto, this.#key(crypto), offer, initiator, remote.address, nowMs);
    const message = { header: headerOf({ initiator, responder }, 'mainMode', 0, false), ...offer.reply };
    return { kind: 'answer', bytes: encodePacket(message) };
  }

  #receiveThird({ header }: Packet, remote: Endpoint, env: Environment): GateVerdict {
    const { crypto, nowMs } = env;
    const { initiatorCookie: initiator, responderCookie: responder } = header;
    const offer = this.#offers.at(offerIndex(responder));
    const genuine =
      offer !== undefined && isCookie(crypto, this.#key(crypto), responder, offer, initiator, remote.address, nowMs);
    if (!genuine) return { kind: 'drop', reason: 'cookie' };
    if (!this.#admissions.take(sourceOf(remote.address), nowMs)) return { kind: 'drop', reason: 'tooMany' };
    return {
      kind: 'admit',
      admission: { offer, cookies: { initiator: initiator.slice(), responder: responder.slice() } },
    };
  }

  #complain(
    type: NotificationName,
    cause: IkeCause,
    { initiatorCookie, responderCookie }: Packet['header'],
    remote: Endpoint,
    { nowMs }: Environment,
  ): GateVerdict {
    if (!this.#complaints.take(sourceOf(remote.address), nowMs)) return { kind: 'drop', reason: 'tooMany' };
    return { kind: 'refuse', bytes: refusalOf(initiatorCookie, type, responderCookie), cause };
  }

  /** Drawn when it is first needed. A restart makes another one, and what the old one made is worthless. */
  #key(crypto: CryptoPort): Uint8Array {
    this.#secret ??= crypto.random(secretBytes);
    return this.#secret;
  }
}
