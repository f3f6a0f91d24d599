import { type Dialect } from './nat-traversal.ts';
import { featuresOf, vendorPayloads } from './peer-features.ts';
import { chooseIke, describeIkeOffer } from './proposals.ts';
import type { PeerFeatures } from './state.ts';
import type { IkeAuthentication, IkeCause, IkeConfig, IkeProposal } from './types.ts';
import { type Packet, type Payload, bodyOf, decodeChain, find } from './wire/index.ts';

/** What a responder makes of message 1, which depends on nothing but its bytes and the configuration. */
export interface Offer {
  readonly suite: IkeProposal;
  readonly authentication: IkeAuthentication;
  /** The body of the initiator's SA payload: HASH_I covers it (RFC 2409 §5). */
  readonly offer: Uint8Array;
  readonly lifetimeSeconds: number;
  readonly features: PeerFeatures;
  /** Message 2 but for its header. */
  readonly answer: readonly Payload[];
}

/** By what it is judged. */
export interface OfferTerms extends Pick<IkeConfig, 'ikeProposals' | 'lifetimes' | 'forceEncapsulation'> {
  /** In order of preference. */
  readonly authentications: readonly IkeAuthentication[];
}

export type OfferVerdict =
  | ({ readonly ok: true } & Offer)
  | { readonly ok: false; readonly cause: IkeCause }
  /** It is no offer at all. */
  | undefined;

/** @throws WireError */
export function judgeOffer(terms: OfferTerms, packet: Packet): OfferVerdict {
  const chain = decodeChain(packet.firstPayload, packet.body);
  const sa = find(chain, 'securityAssociation');
  const offer = bodyOf(chain, 'securityAssociation');
  if (sa === undefined || offer === undefined) return undefined;
  const features = featuresOf(chain);
  const chosen = chooseIke(sa, terms.ikeProposals, terms.authentications);
  if (chosen === undefined) {
    return { ok: false, cause: { code: 'noProposalChosen', phase: 1, offered: describeIkeOffer(sa) } };
  }
  if (terms.forceEncapsulation && features.dialect === undefined) {
    return { ok: false, cause: { code: 'natTraversalUnsupported' } };
  }
  const spoken: readonly Dialect[] = features.dialect === undefined ? [] : [features.dialect];
  return {
    ok: true,
    suite: chosen.suite,
    authentication: chosen.authentication,
    offer: offer.slice(),
    lifetimeSeconds: Math.min(chosen.lifeSeconds ?? Infinity, terms.lifetimes.ikeSeconds),
    features,
    answer: [chosen.answer, ...vendorPayloads(spoken)],
  };
}
