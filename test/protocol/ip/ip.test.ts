import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  internetChecksum,
  readIcmpv6,
  readIp,
  readUdp,
  writeIcmpv6,
  writeIp,
  writeUdp,
} from '../../../main/protocol/ip/index.ts';
import { addressBytes, addressText } from '../../../main/protocol/wire/address.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { readPcap } from '../../support/pcap.ts';

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(addressText);
const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(addressText);
const port = fc.nat(65535);
const payload = fc.uint8Array({ maxLength: 200 });
const pair = fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6));

/** RFC 1071 §1 as it is told: all words added in one's complement. */
function slowChecksum(bytes: readonly number[]): number {
  let sum = 0n;
  for (let at = 0; at < bytes.length; at += 2) sum += BigInt((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  return Number(0xffffn - (sum === 0n ? 0n : ((sum - 1n) % 0xffffn) + 1n));
}

/** RFC 768 and RFC 8200 §8.1, field by field. */
function pseudoHeader(from: string, to: string, protocol: number, lengthBytes: number): number[] {
  const addresses = [from, to].flatMap((address) => [...(addressBytes(address) ?? [])]);
  const length = [lengthBytes >> 8, lengthBytes & 0xff];
  return from.includes(':')
    ? [...addresses, 0, 0, ...length, 0, 0, 0, protocol]
    : [...addresses, 0, protocol, ...length];
}

test('the checksum is what the definition gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      expect(internetChecksum(bytes)).toBe(slowChecksum([...bytes]));
    }),
  );
  expect(internetChecksum(new Uint8Array(4).fill(0xff))).toBe(0);
});

test('what is written is read again, and every checksum in it holds', () => {
  fc.assert(
    fc.property(pair, port, port, payload, ([from, to], fromPort, toPort, body) => {
      const datagram = {
        source: { address: from, port: fromPort },
        destination: { address: to, port: toPort },
        payload: body,
      };
      const packet = writeUdp(datagram);
      const ip = readIp(packet);
      expect(readUdp(ip)).toEqual(datagram);
      expect(readUdp(readIp(Uint8Array.of(...packet, 1, 2, 3)))).toEqual(datagram);
      if (!from.includes(':')) expect(internetChecksum(packet.subarray(0, 20))).toBe(0);
      expect(slowChecksum([...pseudoHeader(from, to, 17, ip.payload.length), ...ip.payload])).toBe(0);
      expect(new DataView(ip.payload.buffer, ip.payload.byteOffset).getUint16(6)).not.toBe(0);
    }),
  );
});

test('the datagrams of a real capture are written as they were, but for what differs in the IPv4 header', () => {
  const frames = readPcap(new URL('../../vectors/pcaps/dhcp-rfc3004.pcap', import.meta.url));
  expect(frames).toHaveLength(4);
  for (const frame of frames) {
    const packet = frame.subarray(14);
    const ip = readIp(packet);
    expect(writeUdp(readUdp(ip)).subarray(20)).toEqual(ip.payload);
    expect(writeIp(ip).subarray(12)).toEqual(packet.subarray(12));
  }
});

test('arbitrary bytes are a packet or a WireError, and fragments are none', () => {
  const read = (bytes: Uint8Array): void => {
    try {
      readUdp(readIp(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), read));
  fc.assert(
    fc.property(pair, payload, fc.nat(), fc.nat(255), ([from, to], body, at, value) => {
      const [source, destination] = [from, to].map((address) => ({ address, port: 68 }));
      if (source === undefined || destination === undefined) return;
      const packet = writeUdp({ source, destination, payload: body });
      packet[at % packet.length] = value;
      read(packet);
      read(packet.subarray(0, at % packet.length));
    }),
  );
  const whole = writeUdp({
    source: { address: '10.0.0.1', port: 1 },
    destination: { address: '10.0.0.2', port: 2 },
    payload: new Uint8Array(8),
  });
  whole[6] = 0x20;
  expect(() => readIp(whole)).toThrow('a fragment');
});

test('an ICMPv6 message has the checksum of its pseudo-header and itself', () => {
  fc.assert(
    fc.property(ipv6, ipv6, payload, (source, destination, body) => {
      const message = { source, destination, hopLimit: 255, type: 134, code: 0, body };
      const ip = readIp(writeIcmpv6(message));
      expect(slowChecksum([...pseudoHeader(source, destination, 58, ip.payload.length), ...ip.payload])).toBe(0);
      expect(readIcmpv6(ip)).toEqual(message);
    }),
  );
});
