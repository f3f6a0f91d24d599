import { type Codec, Reader, type TypeOf, Writer, struct, u8, u32 } from '../../wire/codec.ts';
import { WireError } from '../../wire/error.ts';
import {
  type AttributeTable,
  type AttributesOf,
  type Lifetime,
  type RawAttribute,
  describeAttributes,
  interpretAttributes,
  readAttributes,
  writeAttributes,
} from './attributes.ts';
import { type Registry, named } from './named.ts';
import {
  authenticationMethods,
  encapsulationModes,
  espIntegrities,
  espTransforms,
  groups,
  ikeCiphers,
  ikeHashes,
  ikeTransforms,
  protocols,
} from './registry.ts';

/** RFC 2409 Appendix A */
const ikeAttributes = {
  named: {
    encryption: { type: 1, values: ikeCiphers },
    keyBits: { type: 14 },
    hash: { type: 2, values: ikeHashes },
    authentication: { type: 3, values: authenticationMethods },
    group: { type: 4, values: groups },
  },
  lifeType: 11,
  lifeDuration: 12,
} as const satisfies AttributeTable;

/** RFC 2407 §4.5, RFC 4304 §4 */
const ipsecAttributes = {
  named: {
    mode: { type: 4, values: encapsulationModes },
    integrity: { type: 5, values: espIntegrities },
    keyBits: { type: 6 },
    group: { type: 3, values: groups },
    extendedSequence: { type: 11 },
  },
  lifeType: 1,
  lifeDuration: 2,
} as const satisfies AttributeTable;

export type IkeTransform = {
  readonly number: number;
  readonly transform: 'keyIke' | number;
} & AttributesOf<typeof ikeAttributes>;

export type EspTransform = {
  readonly number: number;
  /** The cipher: IPsec calls it the transform (RFC 2407 §4.4.4). */
  readonly transform: keyof typeof espTransforms.numbers | number;
} & AttributesOf<typeof ipsecAttributes>;

/** A transform of a protocol that is not negotiated here (AH, IPComp). */
export interface OtherTransform {
  readonly number: number;
  readonly transform: number;
  readonly unknown: readonly RawAttribute[];
}

interface ProposalOf<Protocol, Transform> {
  readonly number: number;
  readonly protocol: Protocol;
  readonly spi: Uint8Array;
  readonly transforms: readonly Transform[];
}

export type IkeProposal = ProposalOf<'isakmp', IkeTransform>;
export type EspProposal = ProposalOf<'esp', EspTransform>;
export type OtherProposal = ProposalOf<'ah' | 'ipcomp' | number, OtherTransform>;
export type Proposal = IkeProposal | EspProposal | OtherProposal;

const maxProposals = 64;
const maxTransforms = 512; // in all of one SA payload
const more = { proposal: 2, transform: 3 }; // RFC 2408 §3.5, §3.6: the "next payload" inside an SA
const doiIpsec = 1;
const situationIdentityOnly = 1;

const SaHead = struct({ doi: u32, situation: u32 }); // RFC 2408 §3.4, RFC 2407 §4.6.1
const ProposalHead = struct({ number: u8, protocol: named(u8, protocols), spiBytes: u8, transforms: u8 }); // RFC 2408 §3.5
type ProposalHead = TypeOf<typeof ProposalHead>;

/** RFC 2408 §3.4 to §3.6: the proposals with their transforms, in order of preference. */
export const SecurityAssociation: Codec<{ readonly proposals: readonly Proposal[] }> = {
  read: (reader) => {
    const { doi, situation } = SaHead.read(reader);
    if (doi !== doiIpsec) reader.fail(`domain of interpretation ${doi}`);
    if (situation !== situationIdentityOnly) reader.fail(`situation ${situation}`);
    let transformsLeft = maxTransforms;
    const proposals = readList(reader, more.proposal, maxProposals, (body) => {
      const head = ProposalHead.read(body);
      const spi = body.take(head.spiBytes, 'SPI');
      transformsLeft -= head.transforms;
      if (transformsLeft < 0) body.fail('too many transforms');
      return readProposal(body, head, spi);
    });
    reader.end('proposals');
    return { proposals };
  },
  write: (writer, { proposals }) => {
    SaHead.write(writer, { doi: doiIpsec, situation: situationIdentityOnly });
    writeList(writer, more.proposal, proposals, (proposal) => {
      const { number, protocol, spi, transforms } = proposal;
      if (spi.length > 255 || transforms.length > 255) {
        throw new WireError('wire.tooLong', writer.length, 'SPI or number of transforms');
      }
      ProposalHead.write(writer, { number, protocol, spiBytes: spi.length, transforms: transforms.length });
      writer.raw(spi);
      writeTransforms(writer, proposal);
    });
  },
};

function readProposal(body: Reader, head: ProposalHead, spi: Uint8Array): Proposal {
  const { number, protocol } = head;
  const transforms = readList(body, more.transform, head.transforms, (reader) => {
    const position = reader.u8('transform number');
    const id = reader.u8('transform');
    reader.u16('reserved');
    return { number: position, id, attributes: readAttributes(reader) };
  });
  if (transforms.length !== head.transforms) body.fail(`${transforms.length} of ${head.transforms} transforms`);
  body.end('transforms');
  if (protocol === 'isakmp') {
    return { number, protocol, spi, transforms: transforms.map(interpretBy(ikeTransforms, ikeAttributes)) };
  }
  if (protocol === 'esp') {
    return { number, protocol, spi, transforms: transforms.map(interpretBy(espTransforms, ipsecAttributes)) };
  }
  const raw = transforms.map((each) => ({ number: each.number, transform: each.id, unknown: each.attributes }));
  return { number, protocol, spi, transforms: raw };
}

interface RawTransform {
  readonly number: number;
  readonly id: number;
  readonly attributes: readonly RawAttribute[];
}

function interpretBy<Name extends string, Table extends AttributeTable>(ids: Registry<Name>, table: Table) {
  return ({ number, id, attributes }: RawTransform) => ({
    number,
    transform: ids.name(id),
    ...interpretAttributes(table, attributes),
  });
}

function writeTransforms(writer: Writer, proposal: Proposal): void {
  const write = ({ number, id, attributes }: RawTransform) => {
    writer.u8(number).u8(id).u16(0);
    writeAttributes(writer, attributes);
  };
  writeList(writer, more.transform, describeTransforms(proposal), write);
}

function describeTransforms(proposal: Proposal): RawTransform[] {
  if (proposal.protocol === 'isakmp') {
    return proposal.transforms.map((each) => ({
      number: each.number,
      id: ikeTransforms.number(each.transform),
      attributes: describeAttributes(ikeAttributes, each),
    }));
  }
  if (proposal.protocol === 'esp') {
    return proposal.transforms.map((each) => ({
      number: each.number,
      id: espTransforms.number(each.transform),
      attributes: describeAttributes(ipsecAttributes, each),
    }));
  }
  return proposal.transforms.map((each) => ({ number: each.number, id: each.transform, attributes: each.unknown }));
}

/** A chain of substructures: u8 next (0 at the last), u8 reserved, u16 length with these four bytes. */
function readList<T>(reader: Reader, next: number, limit: number, read: (body: Reader) => T): T[] {
  const items: T[] = [];
  for (let following = next; following === next;) {
    if (items.length === limit) reader.fail(`more than ${limit} of one kind`);
    following = reader.u8('next');
    if (following !== next && following !== 0) reader.fail(`next ${following} where ${next} or 0 belongs`);
    reader.u8('reserved');
    const lengthBytes = reader.u16('length');
    if (lengthBytes < 4) reader.fail(`length ${lengthBytes}`);
    items.push(read(reader.sub(lengthBytes - 4)));
  }
  return items;
}

function writeList<T>(writer: Writer, next: number, items: readonly T[], write: (item: T) => void): void {
  if (items.length === 0) throw new WireError('wire.value', writer.length, 'an empty list');
  for (const [i, item] of items.entries()) {
    const start = writer.length;
    writer.u8(i + 1 < items.length ? next : 0).u8(0);
    writer.u16(0);
    write(item);
    writer.patchU16(start + 2, writer.length - start);
  }
}

/** The data of a RESPONDER-LIFETIME notification: IPsec attributes (RFC 2407 §4.6.3.1). @throws WireError */
export function decodeLifetime(data: Uint8Array): Lifetime {
  const { lifeSeconds, lifeKilobytes } = interpretAttributes(ipsecAttributes, readAttributes(new Reader(data)));
  return { ...(lifeSeconds !== undefined && { lifeSeconds }), ...(lifeKilobytes !== undefined && { lifeKilobytes }) };
}

export function encodeLifetime(lifetime: Lifetime): Uint8Array {
  const writer = new Writer();
  writeAttributes(writer, describeAttributes(ipsecAttributes, lifetime));
  return writer.finish();
}
