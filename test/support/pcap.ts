import { readFileSync } from 'node:fs';

/** The frames of a capture file in the classic format, either byte order. */
export function readPcap(file: string | URL): Uint8Array[] {
  const bytes = new Uint8Array(readFileSync(file));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = view.getUint32(0, true) === 0xa1b2c3d4;
  const frames: Uint8Array[] = [];
  for (let at = 24; at + 16 <= bytes.length;) {
    const capturedBytes = view.getUint32(at + 8, littleEndian);
    frames.push(bytes.subarray(at + 16, at + 16 + capturedBytes));
    at += 16 + capturedBytes;
  }
  return frames;
}

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** The datagram in an Ethernet frame that holds UDP over IPv4, whole; otherwise undefined. */
export function udpOf(frame: Uint8Array): UdpDatagram | undefined {
  const ethernetBytes = 14;
  const udpHeaderBytes = 8;
  const udpAt = ethernetBytes + ((frame[ethernetBytes] ?? 0) & 0x0f) * 4;
  if (frame.length < udpAt + udpHeaderBytes || frame[ethernetBytes + 9] !== 17) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(12) !== 0x0800) return undefined;
  const payload = frame.subarray(udpAt + udpHeaderBytes, udpAt + view.getUint16(udpAt + 4));
  return { sourcePort: view.getUint16(udpAt), destinationPort: view.getUint16(udpAt + 2), payload };
}
