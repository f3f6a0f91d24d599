import type { EspProposal } from '../protocol/ike/index.ts';
import { largestEspPayloadBytes } from '../protocol/ipsec/index.ts';

/** Inner UDP, L2TP with its length field, PPP in full form; sequence numbers besides where they are asked for. */
const headerBytes = 8 + 8 + 4;
const sequenceBytes = 4;
const underlayMtuBytes = 1500;

/** The largest inner packet that leaves in one datagram, whichever of the SAs carries it. */
export function innerMtuBytes(suites: readonly EspProposal[], peerAddress: string, sequencing: boolean): number {
  const ipVersion = peerAddress.includes(':') ? 6 : 4;
  const headers = headerBytes + (sequencing ? sequenceBytes : 0);
  const payloads = suites.map((suite) => largestEspPayloadBytes(suite, { ipVersion, udp: true }, underlayMtuBytes));
  return Math.min(...payloads.map((payload) => payload - headers), underlayMtuBytes);
}
