import { createSocket, type Socket } from 'node:dgram';
import { performance } from 'node:perf_hooks';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import type { Endpoint } from '../../../main/protocol/ike/index.ts';
import { toHex } from '../../../main/protocol/wire/bytes.ts';
import { Stranger } from '../../protocol/ike/stranger.ts';
import { openConnected } from '../client/sockets.ts';

export interface Flood {
  readonly gateway: Endpoint;
  /** Addresses of this machine, each with a socket of its own, in turn. */
  readonly from: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Flooded {
  readonly sent: number;
  readonly answers: number;
}

const sliceMs = 10;

/** First messages, each with another offer. `answering`: message 2 gets its message 3, and then nothing more comes. */
export function dialHalfway(flood: Flood, crypto: CryptoPort, answering: boolean): Promise<Flooded> {
  const waiting = new Map<string, Stranger>();
  let count = 0;
  return pour(flood, {
    next: () => {
      count += 1;
      const stranger = new Stranger(crypto, { lifetimes: { ikeSeconds: 600 + count, espSeconds: 3600 } });
      const first = stranger.first(performance.now());
      if (answering) waiting.set(toHex(first.subarray(0, cookieBytes)), stranger);
      return first;
    },
    heard: (datagram) => {
      const name = toHex(datagram.subarray(0, cookieBytes));
      const stranger = waiting.get(name);
      waiting.delete(name);
      return stranger?.answer(datagram, performance.now()) ?? [];
    },
  });
}

const cookieBytes = 8;
const longestGarbage = 600;

/** Bytes of any kind and length. */
export function pourGarbage(flood: Flood, crypto: CryptoPort): Promise<Flooded> {
  const next = (): Uint8Array => crypto.random(Math.floor(Math.random() * longestGarbage) + 1);
  return pour(flood, { next, heard: () => [] });
}

interface Source {
  next(): Uint8Array;
  /** What is answered. */
  heard(datagram: Uint8Array): readonly Uint8Array[];
}

async function pour({ gateway, from, perSecond, seconds }: Flood, source: Source): Promise<Flooded> {
  let answers = 0;
  const sockets = await Promise.all(
    from.map(async (address) => {
      const socket: Socket = await openConnected(address, gateway, (datagram) => {
        answers += 1;
        for (const answer of source.heard(datagram)) socket.send(answer);
      });
      return socket;
    }),
  );
  const beganMs = performance.now();
  const total = perSecond * seconds;
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, ((performance.now() - beganMs) * perSecond) / 1000);
    for (; sent < due; sent++) sockets[sent % sockets.length]?.send(source.next());
    await new Promise((resolve) => setTimeout(resolve, sliceMs));
  }
  for (const socket of sockets) socket.close();
  return { sent: total, answers };
}

/** From somewhere else than where they were first sent from. */
export async function sendFrom(address: string, gateway: Endpoint, datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  for (const datagram of datagrams) {
    await new Promise((resolve) => {
      socket.send(datagram, gateway.port, gateway.address, resolve);
    });
  }
  socket.close();
}
