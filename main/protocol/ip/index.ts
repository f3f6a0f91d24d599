/** Packets of IPv4 and IPv6 that the host itself answers inside a tunnel. */
export { ipBytes, ipv4Address, ipv6Address, isIpv6, linkLocal, masked, networkBytes } from './address.ts';
export { internetChecksum, transportChecksum } from './checksum.ts';
export { readIcmpv6, writeIcmpv6 } from './icmpv6.ts';
export { allNodes, ipProtocols, ipv4HeaderBytes, ipv6HeaderBytes, readIp, writeIp, type IpPacket } from './packet.ts';
export { readUdp, udpHeaderBytes, writeUdp } from './udp.ts';
