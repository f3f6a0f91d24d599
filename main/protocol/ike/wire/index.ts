export type { RawAttribute } from './attributes.ts';
export type { Identification } from './identity.ts';
export {
  type Header,
  type Message,
  type Packet,
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  headerBytes,
} from './message.ts';
export {
  type Chain,
  type Payload,
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
  type Proposal,
  decodeLifetime,
  encodeLifetime,
} from './security-association.ts';
export { type VendorName, vendorIds, vendorName } from './vendor-ids.ts';
