import type { CbcName, DhGroupName, HashName } from '../crypto.ts';
import { espCiphers } from '../ipsec/index.ts';
import type { EspProposal, IkeAuthentication, IkeProposal } from './types.ts';
import type {
  EspProposal as WireEspProposal,
  EspTransform,
  IkeProposal as WireIkeProposal,
  IkeTransform,
  PayloadOf,
  Proposal,
} from './wire/index.ts';

/** Negotiation as data: what is offered, which of the offered is acceptable, and how an algorithm is called. */

export type SaPayload = PayloadOf<'securityAssociation'>;

const ciphers: Readonly<Record<CbcName, Pick<IkeTransform, 'encryption' | 'keyBits'>>> = {
  'aes-128-cbc': { encryption: 'aes-cbc', keyBits: 128 },
  'aes-192-cbc': { encryption: 'aes-cbc', keyBits: 192 },
  'aes-256-cbc': { encryption: 'aes-cbc', keyBits: 256 },
  '3des-cbc': { encryption: '3des-cbc' },
};

/** Peers that leave the key length out mean the shortest (RFC 3602 §5.3 makes 128 bits the default). */
const defaultAesBits = 128;

export const ikeName = ({ cipher, hash, group }: IkeProposal): string => `${cipher}/${hash}/${group}`;

export function espName({ cipher, keyBits, integrity }: EspProposal): string {
  const named = cipher === '3des-cbc' ? cipher : cipher.replace('aes', `aes-${keyBits}`);
  return integrity === 'none' ? named : `${named}/${integrity}`;
}

// ── Phase 1 ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export function offerIke(
  proposals: readonly IkeProposal[],
  authentications: readonly IkeAuthentication[],
  lifeSeconds: number,
): SaPayload {
  const offered = authentications.flatMap((authentication) => proposals.map((each) => ({ ...each, authentication })));
  const transforms = offered.map(({ cipher, hash, group, authentication }, i): IkeTransform => ({
    number: i + 1,
    transform: 'keyIke',
    ...ciphers[cipher],
    hash,
    authentication,
    group,
    lifeSeconds,
  }));
  return saPayload({ number: 1, protocol: 'isakmp', spi: new Uint8Array(), transforms });
}

interface ChosenIke {
  readonly suite: IkeProposal;
  readonly authentication: IkeAuthentication;
  readonly lifeSeconds: number | undefined;
  /** What the responder answers: the transform as it was offered (RFC 2408 §4.2). */
  readonly answer: SaPayload;
}

/** The first of `ours` that the peer offers together with one of the methods: by the first of those for which there is any. */
export function chooseIke(
  { proposals }: SaPayload,
  ours: readonly IkeProposal[],
  authentications: readonly IkeAuthentication[],
): ChosenIke | undefined {
  const offered = proposals
    .filter((each): each is WireIkeProposal => each.protocol === 'isakmp')
    .flatMap((proposal) => proposal.transforms.map((transform) => ({ proposal, transform })));
  for (const authentication of authentications) {
    const fitting = offered.filter(({ transform }) => transform.authentication === authentication);
    for (const suite of fitting.length === 0 ? [] : ours) {
      const found = fitting.find(({ transform }) => isIkeSuite(transform, suite));
      if (found === undefined) continue;
      const { proposal, transform } = found;
      const lifeSeconds = transform.lifeSeconds === 0 ? undefined : transform.lifeSeconds; // 0 says nothing
      return { suite, authentication, lifeSeconds, answer: saPayload({ ...proposal, transforms: [transform] }) };
    }
  }
  return undefined;
}

function isIkeSuite(transform: IkeTransform, { cipher, hash, group }: IkeProposal): boolean {
  const wanted = ciphers[cipher];
  return (
    transform.unknown === undefined &&
    transform.transform === 'keyIke' &&
    transform.encryption === wanted.encryption &&
    (wanted.keyBits === undefined || (transform.keyBits ?? defaultAesBits) === wanted.keyBits) &&
    transform.hash === (hash satisfies HashName) &&
    transform.group === (group satisfies DhGroupName)
  );
}

export function describeIkeOffer({ proposals }: SaPayload): string[] {
  return proposals
    .filter((each): each is WireIkeProposal => each.protocol === 'isakmp')
    .flatMap(({ transforms }) => transforms)
    .map(({ encryption, keyBits, hash, group, authentication }) =>
      [[encryption, keyBits].filter(Boolean).join('-'), hash, group, authentication].join('/'),
    );
}

// ── Phase 2 ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface EspTerms {
  readonly mode: NonNullable<EspTransform['mode']>;
  readonly group: DhGroupName | undefined;
  readonly lifeSeconds: number;
  readonly lifeKilobytes: number | undefined;
}

/** One proposal with all suites, so that the peer chooses one of them and one SPI serves all. */
export function offerEsp(suites: readonly EspProposal[], spi: Uint8Array, terms: EspTerms): SaPayload {
  const transforms = suites.map(({ cipher, keyBits, integrity }, i): EspTransform => ({
    number: i + 1,
    transform: cipher,
    mode: terms.mode,
    ...(integrity !== 'none' && { integrity }),
    ...(espCiphers[cipher].keyBits.length > 1 && { keyBits }),
    ...(terms.group !== undefined && { group: terms.group }),
    lifeSeconds: terms.lifeSeconds,
    ...(terms.lifeKilobytes !== undefined && { lifeKilobytes: terms.lifeKilobytes }),
  }));
  return saPayload({ number: 1, protocol: 'esp', spi, transforms });
}

export interface ChosenEsp {
  readonly suite: EspProposal;
  readonly group: DhGroupName | undefined;
  readonly lifeSeconds: number | undefined;
  readonly lifeKilobytes: number | undefined;
  readonly peerSpi: number;
  /** The responder's answer, with its own SPI. */
  readonly answer: (spi: Uint8Array) => SaPayload;
}

interface EspPolicy {
  readonly suites: readonly EspProposal[];
  /** Groups for perfect forward secrecy; `undefined` among them: none. */
  readonly groups: readonly (DhGroupName | undefined)[];
  readonly encapsulation: 'udp' | 'none';
}

const modes: Readonly<Record<EspPolicy['encapsulation'], readonly EspTransform['mode'][]>> = {
  udp: ['udpTransport', 'udpTransportDraft'],
  none: ['transport', undefined],
};

/** The first of our suites that the peer offers. */
export function chooseEsp({ proposals }: SaPayload, policy: EspPolicy): ChosenEsp | undefined {
  const offered = proposals
    .filter((each): each is WireEspProposal => each.protocol === 'esp' && isAlone(each, proposals))
    .filter(({ spi }) => spi.length === 4 && spiNumber(spi) >= 256)
    .flatMap((proposal) => proposal.transforms.map((transform) => ({ proposal, transform })));
  for (const suite of policy.suites) {
    for (const { proposal, transform } of offered) {
      const group = policy.groups.find((each) => each === transform.group);
      const groupFits = group !== undefined || (transform.group === undefined && policy.groups.includes(undefined));
      if (!groupFits || !isEspSuite(transform, suite) || !modes[policy.encapsulation].includes(transform.mode))
        continue;
      return {
        suite,
        group,
        lifeSeconds: transform.lifeSeconds,
        lifeKilobytes: transform.lifeKilobytes,
        peerSpi: spiNumber(proposal.spi),
        answer: (spi) => saPayload({ ...proposal, spi, transforms: [transform] }),
      };
    }
  }
  return undefined;
}

/** Proposals of one number belong together, as ESP with IPComp does (RFC 2408 §4.2): we carry ESP alone. */
function isAlone(proposal: Proposal, all: readonly Proposal[]): boolean {
  return all.filter(({ number }) => number === proposal.number).length === 1;
}

function isEspSuite(transform: EspTransform, { cipher, keyBits, integrity }: EspProposal): boolean {
  return (
    transform.unknown === undefined &&
    (transform.extendedSequence ?? 0) === 0 &&
    transform.transform === cipher &&
    (transform.integrity ?? 'none') === integrity &&
    (espCiphers[cipher].keyBits.length === 1 || (transform.keyBits ?? defaultAesBits) === keyBits)
  );
}

export function describeEspOffer({ proposals }: SaPayload): string[] {
  return proposals
    .filter((each): each is WireEspProposal => each.protocol === 'esp')
    .flatMap(({ transforms }) => transforms)
    .map(({ transform, keyBits, integrity, group, mode }) =>
      [[transform, keyBits].filter(Boolean).join('-'), integrity, group, mode].filter(Boolean).join('/'),
    );
}

export function spiNumber(spi: Uint8Array): number {
  return spi.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function spiBytes(spi: number): Uint8Array {
  return Uint8Array.of(spi >>> 24, (spi >>> 16) & 0xff, (spi >>> 8) & 0xff, spi & 0xff);
}

function saPayload(proposal: Proposal): SaPayload {
  return { kind: 'securityAssociation', proposals: [proposal] };
}
