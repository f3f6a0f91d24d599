import { expect, test } from 'vitest';
import { readMessage } from '../../main/protocol/l2tp/messages.ts';
import { createTunnel, stepTunnel, type TunnelInput, type TunnelState } from '../../main/protocol/l2tp/index.ts';
import { seededCryptoWithPooledKeys } from '../support/seeded-crypto.ts';
import { clientConfig, MemoryClient } from './support/memory-client.ts';
import { unframe } from './support/memory-datapath.ts';
import { MemoryHost, type Outgoing } from './support/memory-host.ts';
import { Star } from './support/star.ts';

const crypto = seededCryptoWithPooledKeys(31);

function connected() {
  const host = new MemoryHost();
  const star = new Star(host);
  const client = new MemoryClient(clientConfig(), 1, crypto);
  star.add(client, '203.0.113.77');
  expect(star.run(() => client.connected)).toBe(true);
  return { host, star, client };
}

function nameOf(bytes: Uint8Array): string | undefined {
  return bytes.length > 12 ? readMessage(bytes, undefined).name : undefined; // a ZLB has none
}

test('the datapath knows a session before its client may send the first frame of it', () => {
  const { effects } = connected().host;
  const told = effects.findIndex((effect) => effect.kind === 'datapath' && effect.request.kind === 'setSession');
  const answered = effects.findIndex(
    (effect) =>
      effect.kind === 'command' && effect.command.kind === 'sendL2tp' && nameOf(effect.attachment ?? none) === 'ICRP',
  );
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThan(answered);
});

const none = new Uint8Array();

/** A client that asks for a call in one more tunnel, and never connects it. */
class Ringer {
  readonly #client: MemoryClient;
  #tunnel: TunnelState;

  constructor(client: MemoryClient) {
    this.#client = client;
    this.#tunnel = createTunnel({
      role: 'lac',
      hostName: 'ringer',
      vendorName: 'test',
      localTunnelId: 77,
      receiveWindow: 16,
      hello: { idleMs: 0 },
      retransmission: { firstMs: 500, maxMs: 4000, tries: 4 },
      maxSessions: 1,
    });
  }

  give(input: TunnelInput, nowMs: number): Uint8Array[] {
    const { state, effects } = stepTunnel(this.#tunnel, input, { nowMs, crypto });
    this.#tunnel = state;
    const sent = effects.flatMap((effect) => (effect.kind === 'send' ? [effect.bytes] : []));
    return sent
      .filter((bytes) => nameOf(bytes) !== 'ICCN')
      .flatMap((bytes) => this.#client.datapath.seal('l2tp', bytes));
  }

  hear(outgoing: readonly Outgoing[], nowMs: number): Uint8Array[] {
    return outgoing.flatMap(({ datagram }) => {
      const opened = this.#client.datapath.open(unframe(datagram).body);
      return opened?.payload === 'l2tp' ? this.give({ kind: 'message', bytes: opened.body }, nowMs) : [];
    });
  }
}

test('a call that is asked for and never connected is given up, and the client beside it stays', () => {
  const { host, star, client } = connected();
  const ringer = new Ringer(client);
  const remote = { address: '203.0.113.77', port: 1025 };
  let waiting = [...ringer.give({ kind: 'open' }, star.nowMs), ...ringer.give({ kind: 'call' }, star.nowMs)];
  while (waiting.length > 0) {
    const answers = waiting.flatMap((datagram) => host.receive(datagram, remote, star.nowMs));
    waiting = ringer.hear(answers, star.nowMs);
  }
  expect(host.installed).toEqual([1, expect.any(Number), 2]);
  star.run(() => false, 60_000);
  expect(host.installed).toEqual([1, expect.any(Number), 1]);
  expect(host.facts('attemptEnded')).toMatchObject([{ user: '' }]);
  expect(client.connected).toBe(true);
  expect(host.of('sessionEnded')).toEqual([]);
});
