import { describe, expect, test } from 'vitest';
import { utf8 } from '../../main/protocol/wire/bytes.ts';
import { clientConfig, MemoryClient } from './support/memory-client.ts';
import { hostConfig, MemoryHost, type MemoryHostOptions, sessionPolicy } from './support/memory-host.ts';
import { Star } from './support/star.ts';

function one(options: MemoryHostOptions = {}, changes: Parameters<typeof clientConfig>[1] = {}, profile: object = {}) {
  const host = new MemoryHost(options);
  const star = new Star(host);
  const client = new MemoryClient(clientConfig(profile, changes), 7);
  star.add(client);
  return { host, star, client };
}

const nothing = [0, 0, 0];

test('a client comes online, and the host says who, from where and with what', () => {
  const { host, star, client } = one({ policy: { groups: ['staff'] } });
  expect(star.run(() => client.connected)).toBe(true);
  expect(host.of('sessionStarted')).toMatchObject([
    {
      user: 'alice',
      method: 'mschapv2',
      address: '10.99.1.10',
      mtuBytes: 1400,
      policy: { groups: ['staff'] },
      about: {
        remote: { address: '198.51.100.1', port: 1025 },
        innerAddress: '192.168.50.100',
        identity: '192.168.50.100',
        preSharedKey: 'everybody',
        ikeSuite: 'aes-256-cbc/sha256/curve25519',
        espSuite: 'aes-256-gcm-16',
        hostName: 'laptop',
        client: 'culvert',
      },
    },
  ]);
  expect(host.of('applyPolicy')).toHaveLength(1);
  expect(host.installed).toEqual([1, 1, 1]);
});

test('a client that asked one of several addresses is answered from there', () => {
  const asked = '192.0.2.77';
  const { host, star, client } = one({ asked });
  expect(star.run(() => client.connected)).toBe(true);
  const ike = host.of('command').filter(({ command }) => command.kind === 'sendIke');
  expect(ike.length).toBeGreaterThan(3);
  for (const { command } of ike) expect(command).toMatchObject({ local: asked });
  const paths = host.of('datapath').filter(({ request }) => request.kind === 'setPath');
  expect(paths).not.toHaveLength(0);
  for (const { request } of paths) expect(request).toMatchObject({ local: asked });
});

test('an SA whose volume is used up before another replaced it is not taken from its client', () => {
  const { host, star, client } = one({
    config: { lifetimes: { ikeSeconds: 28_800, espSeconds: 3600, espKilobytes: 20_000 } },
  });
  star.run(() => client.connected);
  const installs = () => host.of('datapath').flatMap(({ request }) => (request.kind === 'installSa' ? [request] : []));
  const [first] = installs();
  if (first === undefined) throw new Error('no SA');
  expect(first).toMatchObject({ softBytes: String(10_000 * 1024), hardBytes: String(20_000 * 1024) });
  const { path } = first;
  const { spi: inboundSpi } = first.inbound;
  const removed = () => host.of('datapath').some(({ request }) => request.kind === 'removeSa');
  // On a fast link both limits are reached within the time of one exchange.
  for (const reason of ['softBytes', 'hardBytes'] as const) {
    const event = { kind: 'saLifetime', path, inboundSpi, reason } as const;
    star.atHost((of, nowMs) => of.give({ kind: 'datapathEvent', event, attachment: new Uint8Array() }, nowMs));
  }
  expect(star.run(() => removed() || installs().length > 1)).toBe(true);
  expect(removed()).toBe(false);
  expect(star.run(() => removed())).toBe(true);
  expect(installs()).toHaveLength(2);
  expect(star.run(() => client.ended !== undefined, 120_000)).toBe(false);
});

describe('everything a peer had is gone', () => {
  test('when the client stops', () => {
    const { host, star, client } = one();
    star.run(() => client.connected);
    star.stop(0);
    star.run(() => client.ended !== undefined && host.state.size === 0);
    expect(host.of('sessionEnded')).toMatchObject([
      { user: 'alice', address: '10.99.1.10', end: { code: 'userRequest' } },
    ]);
    expect(host.installed).toEqual(nothing);
    expect(host.state.size).toBe(0);
  });

  test('when the client vanishes: dead peer detection finds out', () => {
    const { host, star, client } = one();
    star.run(() => client.connected);
    star.silence(0);
    star.run(() => host.state.size === 0, 120_000);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'peerLost' } }]);
    expect(host.installed).toEqual(nothing);
  });

  test.each(['administrator', 'shutdown'] as const)('when the host disconnects it: %s', (cause) => {
    const { host, star, client } = one();
    star.run(() => client.connected);
    const [started] = host.of('sessionStarted');
    const who = cause === 'shutdown' ? ('everybody' as const) : { session: started?.about.session ?? 0 };
    star.atHost((at, nowMs) => at.give({ kind: 'disconnect', who, cause }, nowMs));
    star.run(() => client.ended !== undefined && host.state.size === 0, 5000);
    expect(client.ended).toMatchObject({ code: 'gateway.hungUp' });
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: cause } }]);
    expect([host.installed, host.state.size]).toEqual([nothing, 0]);
  });

  test('when the datapath would not have its session', () => {
    const { host, star, client } = one();
    star.run(() => client.connected);
    star.atHost((at, nowMs) => at.give({ kind: 'datapathRefused', session: 1, reason: 'taken' }, nowMs));
    star.run(() => host.state.size === 0, 5000);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'datapathRefused', detail: 'taken' } }]);
    expect([host.installed, host.state.size]).toEqual([nothing, 0]);
  });

  test('when its pre-shared key is another in a new configuration, and not before', () => {
    const { host, star, client } = one();
    star.run(() => client.connected);
    star.atHost((at, nowMs) => at.give({ kind: 'configure', config: hostConfig({ name: 'renamed' }) }, nowMs));
    star.run(() => false, 20_000);
    expect(client.connected).toBe(true);
    const preSharedKeys = [{ name: 'everybody', key: utf8('a new one') }];
    star.atHost((at, nowMs) => at.give({ kind: 'configure', config: hostConfig({ preSharedKeys }) }, nowMs));
    star.run(() => host.state.size === 0, 5000);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'reconfigured' } }]);
    expect([host.installed, host.state.size]).toEqual([nothing, 0]);
  });
});

describe('who does not come in is told, and so is the log', () => {
  test('a wrong password', () => {
    const { host, star, client } = one({}, { password: 'guess' });
    star.run(() => client.ended !== undefined && host.state.size === 0);
    expect(client.ended?.code).toBe('auth.rejected');
    expect(host.facts('authenticationFailed')).toMatchObject([{ user: 'alice', method: 'mschapv2', code: 691 }]);
    expect(host.facts('attemptEnded')).toMatchObject([{ user: 'alice', end: { code: 'authenticationFailed' } }]);
    expect(host.of('sessionStarted')).toEqual([]);
    expect([host.installed, host.state.size]).toEqual([nothing, 0]);
  });

  test('a wrong pre-shared key', () => {
    const { host, star, client } = one({}, { preSharedKey: utf8('guess') });
    star.run(() => client.ended !== undefined && host.state.size === 0);
    expect(client.ended?.code).toBe('ike.authenticationTimeout');
    const remote = { address: '198.51.100.1', port: 1024 };
    expect(host.facts('peerRefused')).toEqual([
      { fact: 'peerRefused', remote, code: 'authenticationFailed', detail: 'undecryptable' },
    ]);
  });

  test('proposals that are too weak', () => {
    const { host, star, client } = one({}, {}, { ipsec: { ikeProposals: ['3des-sha1-modp1024'] } });
    star.run(() => client.ended !== undefined);
    expect(client.ended?.code).toBe('ike.noCommonProposal');
    expect(host.facts('peerRefused')).toMatchObject([
      { code: 'noProposalChosen', detail: '3des-cbc/sha1/modp1024/psk' },
    ]);
  });

  test('an empty pool', () => {
    const { host, star, client } = one({ emptyPool: true });
    star.run(() => client.ended !== undefined && host.state.size === 0);
    expect(client.ended?.code).toBe('ppp.noAddress');
    expect(host.facts('attemptEnded')).toMatchObject([{ end: { code: 'noAddress' } }]);
  });

  test('an address that comes when its session is over is given back', () => {
    const { host, star } = one();
    star.atHost((at, nowMs) => at.give({ kind: 'address', session: 4711, address: '10.99.1.1' }, nowMs));
    expect(host.of('addressUnused')).toEqual([{ kind: 'addressUnused', session: 4711 }]);
  });
});

describe('what the user is granted', () => {
  test('the session ends when its time is up', () => {
    const { host, star, client } = one({ policy: { sessionTimeout: 600 } });
    star.run(() => client.connected);
    star.run(() => host.state.size === 0, 599_000);
    expect(host.state.sessionCount).toBe(1);
    star.run(() => host.state.size === 0, 20_000);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'sessionTimeout' }, lastedMs: 600_020 }]);
  });

  test('an idle session ends, one that is used does not', () => {
    const { host, star, client } = one({ policy: { idleTimeout: 60 } });
    star.run(() => client.connected);
    const counted = (packets: bigint) => ({
      receivedPackets: packets,
      receivedBytes: 0n,
      sentPackets: 0n,
      sentBytes: 9n,
    });
    for (let minute = 1n; minute < 5n; minute++) {
      star.run(() => false, 50_000);
      star.atHost((at, nowMs) => at.give({ kind: 'counters', sessions: new Map([[1, counted(minute)]]) }, nowMs));
    }
    expect(client.connected).toBe(true);
    star.run(() => host.state.size === 0, 70_000);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'idleTimeout' }, totals: counted(4n) }]);
  });

  test('may change while it lasts: a time-out counts from the beginning, and address and MTU stay', () => {
    const { host, star, client } = one({ policy: { sessionTimeout: 3600, mtu: 1280 } });
    star.run(() => client.connected);
    const before = host.of('applyPolicy');
    const policy = sessionPolicy({ sessionTimeout: 300, rateUp: 64, address: { kind: 'fixed', address: '10.9.9.9' } });
    star.run(() => false, 200_000);
    star.atHost((at, nowMs) => at.give({ kind: 'changePolicy', session: 1, policy }, nowMs));
    const address = before[0]?.policy.address;
    const after = { ...before[0], policy: { ...policy, mtu: 1280, address } };
    expect(host.of('applyPolicy')).toEqual([...before, after]);
    star.run(() => host.state.size === 0, 120_000);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'sessionTimeout' }, lastedMs: 300_020 }]);
  });

  test('of a session that is gone is nobody’s to change', () => {
    const { host, star } = one();
    star.atHost((at, nowMs) => at.give({ kind: 'changePolicy', session: 9, policy: sessionPolicy() }, nowMs));
    expect(host.of('applyPolicy')).toEqual([]);
  });

  test('name servers and the MTU of the group', () => {
    const { host, star, client } = one({ policy: { dnsServers: ['2001:db8::53', '10.1.1.53'], mtu: 1280 } });
    star.run(() => client.connected);
    expect(client.plans.at(-1)?.dns?.servers).toEqual(['10.1.1.53']);
    expect(host.of('applyPolicy')).toMatchObject([{ mtuBytes: 1280, policy: { mtu: 1280 } }]);
  });
});

test('an approval may take its time, and the user is told so', () => {
  const { star, client } = one({ verdictMs: 50_000 }, { userWaitMs: 60_000 });
  expect(star.run(() => client.connected, 70_000)).toBe(true);
  expect(client.asked).toMatchObject([{ kind: 'approval' }]);
  expect(client.withdrawn).toBe(1);
});

test('an answer that is there at once is not waited for', () => {
  const { star, client } = one({}, { userWaitMs: 60_000 });
  expect(star.run(() => client.connected)).toBe(true);
  expect(client.asked).toEqual([]);
});

test.each([
  { types: ['4711'], outcome: 'connected' },
  { types: ['wrong'], outcome: 'auth.rejected' },
  { types: [], outcome: 'auth.challengeUnanswered' },
])('a code is asked for by EAP-GTC, and $types comes to $outcome', ({ types, outcome }) => {
  const { host, star, client } = one(
    { code: '4711', config: { ppp: { ...hostConfig().ppp, methods: ['eap-gtc'] } } },
    { userWaitMs: 60_000 },
    { ppp: { authentication: ['eap-gtc'] } },
  );
  client.types.push(...types);
  star.run(() => client.connected || client.ended !== undefined, 90_000);
  expect(client.connected ? 'connected' : client.ended?.code).toBe(outcome);
  expect(client.asked).toEqual([{ kind: 'challenge', text: 'Code', masked: false }]);
  expect(host.of('sessionStarted')).toHaveLength(outcome === 'connected' ? 1 : 0);
});

test('hours of renewals from both sides: one path, one session, and no more than the SAs of a renewal', () => {
  const lifetimes = { ikeSeconds: 600, espSeconds: 300 };
  const { host, star, client } = one(
    { config: { lifetimes } },
    {},
    { ipsec: { ikeLifetime: 3600, espLifetime: 1200 } },
  );
  star.run(() => client.connected);
  for (let minute = 0; minute < 120; minute++) {
    star.run(() => false, 60_000);
    expect(client.connected, `minute ${minute}`).toBe(true);
    const [paths, sas, sessions] = host.installed;
    expect([paths, sessions]).toEqual([1, 1]);
    expect(sas).toBeLessThanOrEqual(3);
    expect(host.state.peers.size).toBeLessThanOrEqual(2);
  }
  expect(host.of('sessionStarted')).toHaveLength(1);
});

test('a client whose NAT gives it another port is followed', () => {
  const { host, star, client } = one();
  star.run(() => client.connected);
  const path = [...host.state.peers.values()][0];
  star.atHost((at, nowMs) => {
    const remote = { address: '198.51.100.99', port: 4711 };
    const event = { kind: 'pathMoved', path: path?.id ?? 0, remote } as const;
    return at.give({ kind: 'datapathEvent', event, attachment: new Uint8Array() }, nowMs);
  });
  const [moved] = [...host.state.peers.values()];
  expect(moved?.path?.remote).toEqual({ address: '198.51.100.99', port: 4711 });
  expect(host.of('datapath').filter(({ request }) => request.kind === 'setPath')).toHaveLength(1);
});
