export { addressBytes, addressText } from './address.ts';
export type { Lifetime, RawAttribute } from './attributes.ts';
export type { Identification, Identity } from './identity.ts';
export {
  type Header,
  type Message,
  type Packet,
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  headerBytes,
  maxMessageBytes,
} from './message.ts';
export {
  type Chain,
  type Payload,
  type PayloadKind,
  type PayloadOf,
  bodyOf,
  decodeChain,
  encodeBody,
  encodeChain,
  find,
  findAll,
  lastFragment,
} from './payloads.ts';
export * from './registry.ts';
export {
  type EspProposal,
  type EspTransform,
  type IkeProposal,
  type IkeTransform,
  type OtherProposal,
  type OtherTransform,
  type Proposal,
  decodeLifetime,
  encodeLifetime,
} from './security-association.ts';
export { type VendorName, vendorIds, vendorName } from './vendor-ids.ts';
