import { type EspSuite, espCiphers, espIntegrities } from './suite.ts';

/** How ESP travels: the outer IP header, and the UDP header of RFC 3948 where it is encapsulated. */
export interface EspCarrier {
  readonly ipVersion: 4 | 6;
  readonly udp: boolean;
}

const headerBytes = 8; // SPI and sequence number: RFC 4303 §2
const trailerBytes = 2; // pad length and next header
const udpBytes = 8;
const ipBytes = { 4: 20, 6: 40 };

/** The size on the wire, from the outer IP header on, of an ESP packet in transport mode with this much payload. */
export function espPacketBytes(suite: EspSuite, carrier: EspCarrier, payloadBytes: number): number {
  const { alignBytes } = espCiphers[suite.cipher];
  return fixedBytes(suite, carrier) + Math.ceil((payloadBytes + trailerBytes) / alignBytes) * alignBytes;
}

/** The largest payload (the inner UDP header and what follows) whose packet fits `mtuBytes`; 0 where none does. */
export function largestEspPayloadBytes(suite: EspSuite, carrier: EspCarrier, mtuBytes: number): number {
  const { alignBytes } = espCiphers[suite.cipher];
  const room = Math.floor((mtuBytes - fixedBytes(suite, carrier)) / alignBytes) * alignBytes;
  return Math.max(0, room - trailerBytes);
}

function fixedBytes(suite: EspSuite, carrier: EspCarrier): number {
  const { ivBytes, tagBytes } = espCiphers[suite.cipher];
  const outer = ipBytes[carrier.ipVersion] + (carrier.udp ? udpBytes : 0);
  return outer + headerBytes + ivBytes + tagBytes + espIntegrities[suite.integrity].tagBytes;
}
