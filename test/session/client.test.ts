import { describe, expect, test } from 'vitest';
import type { FailureCode } from '../../main/contracts/failure.ts';
import { runWire, type WireFaults } from '../support/lossy-wire.ts';
import { seeds } from '../support/seeded-crypto.ts';
import { fromHex } from '../../main/protocol/wire/bytes.ts';
import { decodePacket, encodeMessage } from '../../main/protocol/ike/wire/index.ts';
import { clientConfig, MemoryClient } from './support/memory-client.ts';
import { frame, unframe } from './support/memory-datapath.ts';
import { type GatewayOptions, MemoryGateway } from './support/memory-gateway.ts';

interface Pair {
  readonly profile?: object;
  readonly client?: Parameters<typeof clientConfig>[1];
  readonly gateway?: Omit<GatewayOptions, 'seed'>;
  readonly faults?: Omit<WireFaults, 'seed'>;
}

function pair(seed: number, { profile, client, gateway, faults }: Pair = {}) {
  const ends = [
    new MemoryClient(clientConfig(profile, client), seed),
    new MemoryGateway({ seed, ...gateway }),
  ] as const;
  return {
    client: ends[0],
    gateway: ends[1],
    run: (done: () => boolean, timeoutMs = 120_000) => runWire(ends, { seed, ...faults }, { done, timeoutMs }),
  };
}

function eventNames(client: MemoryClient): string[] {
  return client.events.flatMap((event) =>
    event.event === 'phase' && event.state === 'done' ? [event.phase] : event.event === 'phase' ? [] : [event.event],
  );
}

test('a client connects and tells each phase in its order', () => {
  const { client, run } = pair(1);
  expect(run(() => client.connected).ended).toBe('done');
  expect(eventNames(client)).toEqual([
    'reach',
    'ikePhase1',
    'ikeAuthentication',
    'ikePhase2',
    'l2tpTunnel',
    'lcp',
    'userAuthentication',
    'addresses',
    'routes',
    'dns',
    'connected',
  ]);
});

test('a full tunnel takes both halves of the address space and pins the gateway beside it', () => {
  const { client, run } = pair(2, { client: { kernelHasIpv6: true } });
  run(() => client.connected);
  expect(client.plans.at(-1)).toMatchObject({
    routes: [
      { to: '203.0.113.10/32', via: 'underlay' },
      { to: '0.0.0.0/1', via: 'tunnel' },
      { to: '128.0.0.0/1', via: 'tunnel' },
      { to: '::/1', via: 'tunnel' },
      { to: '8000::/1', via: 'tunnel' },
    ],
    dns: { servers: ['10.99.0.1', '10.99.0.2'] },
    tunnel: { addresses: [{ local: '10.99.0.10/32', peer: '10.99.0.1' }] },
  });
});

test('a split tunnel takes its routes and the name servers, and nothing else', () => {
  const { client, run } = pair(3, { profile: { network: { mode: 'split', routes: ['10.20.0.0/16'] } } });
  run(() => client.connected);
  expect(
    client.plans
      .at(-1)
      ?.routes.filter(({ via }) => via === 'tunnel')
      .map(({ to }) => to),
  ).toEqual(['10.20.0.0/16', '10.99.0.1/32', '10.99.0.2/32']);
});

test('on a clean wire the client waits for nothing but the distance', () => {
  const oneWayMs = 100;
  const gatewaySettleMs = 30; // so that quick mode 3 is acted upon before SCCRQ
  const { client, run } = pair(4, { faults: { delayMs: oneWayMs } });
  const { nowMs } = run(() => client.connected);
  // docs/performance.md counts them, message by message.
  expect(nowMs).toBe(11 * 2 * oneWayMs + gatewaySettleMs);
});

test('a gateway that sleeps is woken while PPP is negotiated, and left alone from then on', () => {
  const softEther = pair(14, { gateway: { vendorName: 'L2TP' }, faults: { delayMs: 100 } });
  const other = pair(14, { faults: { delayMs: 100 } });
  expect(softEther.run(() => softEther.client.connected).ended).toBe('done');
  expect(other.run(() => other.client.connected).ended).toBe('done');
  expect(softEther.gateway.emptyFrames).toBeGreaterThan(20); // every 20 ms of four round trips
  expect(other.gateway.emptyFrames).toBe(0);
  expect(softEther.client.deadlineMs()).toBe(other.client.deadlineMs());
});

test('a user who stops is told nothing failed, and both ends forget their keys', () => {
  const { client, gateway, run } = pair(5);
  run(() => client.connected);
  let stopping = client.give({ kind: 'stop' }, 60_000);
  for (let turn = 0; turn < 20 && client.ended === undefined; turn++) {
    const answers = stopping.flatMap((datagram) => gateway.receive(datagram, 60_000 + turn));
    stopping = answers.flatMap((datagram) => client.receive(datagram, 60_000 + turn));
  }
  expect(client.ended?.code).toBe('user.stopped');
  expect(client.events.some(({ event }) => event === 'failed')).toBe(false);
  for (const datagram of stopping) gateway.receive(datagram, 60_100);
  expect([client.datapath.installed, gateway.datapath.installed]).toEqual([0, 0]);
});

test('a stop before anything was sent ends at once', () => {
  const client = new MemoryClient(clientConfig(), 6);
  client.give({ kind: 'stop' }, 0);
  expect(client.ended?.code).toBe('user.stopped');
});

describe('each way to fail has its own code', () => {
  const retry: Pair = { client: { password: 'wrong', newPassword: 'new-pass' }, gateway: { retryAllowed: true } };
  const cases: readonly [string, FailureCode, Pair][] = [
    ['a wrong pre-shared key', 'ike.authenticationTimeout', { gateway: { preSharedKey: 'another one' } }],
    ['an unknown user', 'auth.rejected', { client: { userName: 'mallory' } }],
    ['a wrong password', 'auth.rejected', { client: { password: 'wrong' } }],
    ['a wrong password that may be tried again', 'auth.rejected', retry],
    ['an expired password', 'auth.passwordExpired', { gateway: { expired: true } }],
    ['no common phase 1 proposal', 'ike.noCommonProposal', { gateway: { ike: ['aes128-sha512-modp4096'] } }],
    ['no common phase 2 proposal', 'esp.noCommonProposal', { gateway: { esp: ['3des-sha512'] } }],
    ['no L2TP behind IPsec', 'l2tp.noResponse', { gateway: { withoutL2tp: true } }],
    ['an empty address pool', 'ppp.noAddress', { gateway: { emptyPool: true } }],
    ['a gateway that wants PAP alone', 'auth.noCommonMethod', { gateway: { methods: ['pap'] } }],
    [
      'a gateway of another name',
      'ike.identityMismatch',
      { profile: { ipsec: { remoteId: { kind: 'fqdn', value: 'gw.example' } } } },
    ],
  ];
  test.each(cases)('%s', (_, code, options) => {
    const { client, run } = pair(7, options);
    expect(run(() => client.ended !== undefined).ended).toBe('done');
    expect(client.ended?.code).toBe(code);
    expect(client.events.filter(({ event }) => event === 'failed')).toHaveLength(1);
  });

  test('a gateway that takes the tunnel away as soon as it has refused the password', () => {
    const { client, gateway, run } = pair(13, { client: { password: 'wrong' } });
    const { nowMs } = run(() => client.state.link?.at === 'terminating');
    const farewell = gateway.give({ tunnel: { kind: 'close' } }, nowMs);
    for (const datagram of farewell) client.receive(datagram, nowMs);
    expect(client.events.filter(({ event }) => event === 'failed')).toMatchObject([
      { failure: { code: 'auth.rejected' } },
    ]);
  });

  test('a gateway that never answers', () => {
    const { client, gateway, run } = pair(8);
    gateway.dead = true;
    expect(run(() => client.ended !== undefined).ended).toBe('done');
    expect(client.ended?.code).toBe('gateway.unreachable');
  });

  test('a gateway that dies while connected', () => {
    const { client, gateway, run } = pair(9, {
      profile: { ipsec: { deadPeerDetection: { idle: 5, retry: 2, tries: 3 } } },
    });
    run(() => client.connected);
    gateway.dead = true;
    let nowMs = 0;
    for (
      let deadline = client.deadlineMs();
      deadline !== undefined && client.ended === undefined;
      deadline = client.deadlineMs()
    ) {
      nowMs = deadline;
      client.tick(nowMs);
    }
    expect(client.ended?.code).toBe('gateway.dead');
    expect(nowMs).toBeLessThan(5000 + 3 * 2000 + 5000);
  });
});

test('an expired password is changed for the one that is at hand', () => {
  const { client, run } = pair(12, { client: { newPassword: 'alice-next' }, gateway: { expired: true } });
  expect(run(() => client.connected).ended).toBe('done');
  expect(client.passwordChanged).toBe(true); // a redial uses the new one
});

/** What anybody on the path can say to the first message of a main mode. */
function refusalOf(datagram: Uint8Array): Uint8Array[] {
  const { kind, body } = unframe(datagram);
  if (kind !== 'ike' && kind !== 'natt') return [];
  const { header } = decodePacket(body);
  if (header.exchange !== 'mainMode' || header.responderCookie.some((byte) => byte !== 0)) return [];
  const spi = new Uint8Array();
  const refusal = { kind: 'notification', protocol: 'isakmp', spi, type: 'noProposalChosen', data: spi } as const;
  const clear = { ...header, responderCookie: fromHex('0102030405060708'), exchange: 'informational' } as const;
  return [frame(kind, encodeMessage(clear, [refusal]))];
}

test('a connection that is up never goes down the ladder', () => {
  const { client, run } = pair(13, {
    profile: { ipsec: { security: 'legacy', ikeLifetime: 30, deadPeerDetection: { idle: 3600 } } },
  });
  run(() => client.connected);
  for (let turns = 0; turns < 500 && client.ended === undefined; turns++) {
    const nowMs = client.deadlineMs() ?? 0;
    for (const refusal of client.tick(nowMs).flatMap(refusalOf)) client.receive(refusal, nowMs);
  }
  expect(client.ended?.code).toBe('rekey.failed');
  expect(client.state.stage).toBe(0);
});

test('the ladder goes down to what the gateway knows, as far as the profile allows', () => {
  const legacy = { ike: ['3des-sha1-modp1024'], esp: ['3des-sha1'] };
  const allowed = pair(10, { profile: { ipsec: { security: 'legacy' } }, gateway: legacy });
  expect(allowed.run(() => allowed.client.connected).ended).toBe('done');
  const refused = pair(11, { gateway: legacy });
  refused.run(() => refused.client.ended !== undefined);
  expect(refused.client.ended?.code).toBe('ike.noCommonProposal');
});

test.each(seeds(25))('seed %i: client and gateway meet despite loss, repetition, reordering and corruption', (seed) => {
  const { client, gateway, run } = pair(seed, { faults: { loss: 0.2, repeat: 0.1, reorder: 0.2, corrupt: 0.02 } });
  const { ended } = run(() => (client.connected && gateway.userUp) || client.ended !== undefined, 300_000);
  expect(ended).toBe('done');
  // Phase 1 is not authenticated until its end: a bit that flips there looks like other keys or other proposals.
  if (client.ended?.retry === 'user') expect(client.ended.phase).toMatch(/^ike/);
});
