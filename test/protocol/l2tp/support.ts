import { createHash } from 'node:crypto';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import { createTunnel, stepTunnel, tunnelDeadlineMs } from '../../../main/protocol/l2tp/index.ts';
import type { TunnelConfig, TunnelEffect, TunnelInput, TunnelState } from '../../../main/protocol/l2tp/index.ts';
import { readMessage, writeBody, type Message, type MessageName } from '../../../main/protocol/l2tp/messages.ts';
import type { AvpValues } from '../../../main/protocol/l2tp/avps.ts';
import { writeControl, type ControlHeader } from '../../../main/protocol/l2tp/header.ts';
import type { WireEnd } from '../../support/lossy-wire.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';

export function config(changes: Partial<TunnelConfig> = {}): TunnelConfig {
  const role = changes.role ?? 'lac';
  return {
    role,
    hostName: `${role}.test`,
    vendorName: 'Culvert',
    localTunnelId: role === 'lac' ? 0x1111 : 0x2222,
    receiveWindow: 8,
    hello: { idleMs: 60_000 },
    retransmission: { firstMs: 1000, maxMs: 8000, tries: 6 },
    maxSessions: 4,
    ...changes,
  };
}

export type EffectOf<K extends TunnelEffect['kind']> = Extract<TunnelEffect, { kind: K }>;

/** One tunnel machine with its effects kept. */
export class Endpoint implements WireEnd {
  state: TunnelState;
  readonly effects: TunnelEffect[] = [];
  readonly #crypto: CryptoPort;
  readonly #opening: readonly TunnelInput[];
  nowMs = 0;
  /** More was under way to the peer than it takes. */
  overran = false;

  constructor(tunnel: TunnelConfig, opening: readonly TunnelInput[] = [], seed = tunnel.localTunnelId) {
    this.state = createTunnel(tunnel);
    this.#crypto = seededCrypto(seed);
    this.#opening = opening;
  }

  give(input: TunnelInput, nowMs = this.nowMs): Uint8Array[] {
    this.nowMs = nowMs;
    const before = this.state;
    const { state, effects } = stepTunnel(before, input, { nowMs, crypto: this.#crypto });
    this.state = state;
    this.effects.push(...effects);
    this.overran ||= state.delivery.inFlight > state.delivery.remoteWindow;
    return effects.flatMap((effect) => (effect.kind === 'send' ? [effect.bytes] : []));
  }

  start(nowMs: number): Uint8Array[] {
    return this.#opening.flatMap((input) => this.give(input, nowMs));
  }

  receive(datagram: Uint8Array, nowMs: number): Uint8Array[] {
    return this.give({ kind: 'message', bytes: datagram }, nowMs);
  }

  tick(nowMs: number): Uint8Array[] {
    return this.give({ kind: 'tick' }, nowMs);
  }

  deadlineMs(): number | undefined {
    return tunnelDeadlineMs(this.state);
  }

  all<K extends TunnelEffect['kind']>(kind: K): EffectOf<K>[] {
    return this.effects.filter((effect): effect is EffectOf<K> => effect.kind === kind);
  }

  /** The latest effect of a kind. @throws where there is none. */
  last<K extends TunnelEffect['kind']>(kind: K): EffectOf<K> {
    const found = this.all(kind).at(-1);
    if (found === undefined) throw new Error(`no ${kind} among ${this.effects.map((effect) => effect.kind).join(' ')}`);
    return found;
  }
}

export function read(bytes: Uint8Array): Message {
  return readMessage(bytes, undefined);
}

export function names(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((bytes) => read(bytes).name);
}

export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`${list.length} where one belongs`);
  return first;
}

/** A message as a peer of the test's own making sends it. */
export function message(name: MessageName, avps: AvpValues, header: Partial<ControlHeader> = {}): Uint8Array {
  return writeControl({ tunnelId: 0, sessionId: 0, ns: 0, nr: 0, ...header }, writeBody(name, avps, undefined));
}

/** Carries datagrams both ways at once until neither end has more to say; returns what went over the wire. */
export function converse(a: Endpoint, b: Endpoint, from: 'a' | 'b', first: readonly Uint8Array[]): string[] {
  const wire: string[] = [];
  let [sender, queue] = [from, [...first]];
  for (let turns = 0; queue.length > 0 && turns < 50; turns++) {
    wire.push(...names(queue).map((name) => `${sender}:${name}`));
    const receiver = sender === 'a' ? b : a;
    queue = queue.flatMap((bytes) => receiver.give({ kind: 'message', bytes }));
    sender = sender === 'a' ? 'b' : 'a';
  }
  return wire;
}

/** A LAC and an LNS with one call up. */
export function connected(lac: Partial<TunnelConfig> = {}, lns: Partial<TunnelConfig> = {}): [Endpoint, Endpoint] {
  const client = new Endpoint(config({ role: 'lac', ...lac }));
  const host = new Endpoint(config({ role: 'lns', ...lns }));
  client.give({ kind: 'call' });
  converse(client, host, 'a', client.give({ kind: 'open' }));
  return [client, host];
}

/** A UDP checksum's stand-in: a datagram that was damaged on the way does not arrive. */
export function checksummed(end: WireEnd): WireEnd {
  const digest = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest().subarray(0, 4);
  const seal = (datagrams: Uint8Array[]): Uint8Array[] =>
    datagrams.map((bytes) => Uint8Array.from([...digest(bytes), ...bytes]));
  return {
    start: (nowMs) => seal(end.start(nowMs)),
    tick: (nowMs) => seal(end.tick(nowMs)),
    deadlineMs: () => end.deadlineMs(),
    receive: (datagram, nowMs) => {
      const bytes = datagram.subarray(4);
      return digest(bytes).every((byte, i) => byte === datagram[i]) ? seal(end.receive(bytes, nowMs)) : [];
    },
  };
}
