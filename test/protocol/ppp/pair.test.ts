import { describe, expect, test } from 'vitest';
import type { AuthMethod, ClientConfig, HostConfig } from '../../../main/protocol/ppp/index.ts';
import { runWire, type WireFaults } from '../../support/lossy-wire.ts';
import { seeds } from '../../support/seeded-crypto.ts';
import { LinkUnderTest, clientConfig, hostConfig, hostLink, type User } from './links.ts';

/** For CULVERT_SEEDS in the thousands. */
const longRunMs = 600_000;

interface Scene {
  readonly client?: Partial<ClientConfig>;
  readonly host?: Partial<HostConfig>;
  readonly user?: User;
  readonly address?: string | undefined;
  readonly faults?: WireFaults;
}

function meet(scene: Scene = {}) {
  const seed = scene.faults?.seed ?? 1;
  const client = new LinkUnderTest({ ...clientConfig, ...scene.client }, seed);
  const address = 'address' in scene ? scene.address : '10.99.0.10';
  const host = hostLink(
    scene.user ?? { password: 'alice-pass' },
    address,
    { ...hostConfig, ...scene.host },
    seed + 1000,
  );
  const settled = (end: LinkUnderTest) => end.state.at === 'closed' || isUp(end);
  const run = (timeoutMs = 120_000) =>
    runWire([client, host], scene.faults ?? { seed }, { done: () => settled(client) && settled(host), timeoutMs });
  return { client, host, run };
}

function isUp({ state }: LinkUnderTest): boolean {
  return state.at === 'network' && state.ipcp?.control.at === 'opened';
}

test('a client gets its address, name servers and IPv6 from a host', () => {
  const { client, host, run } = meet();
  run();
  expect(client.up).toEqual({
    kind: 'ipv4Up',
    local: '10.99.0.10',
    remote: '10.99.0.1',
    dns: ['10.99.0.53', '10.99.0.54'],
    wins: ['10.99.0.42'],
  });
  expect(host.up).toMatchObject({ local: '10.99.0.1', remote: '10.99.0.10' });
  expect(host.all('authenticated')).toMatchObject([{ method: 'mschapv2', userName: 'CORP\\alice' }]);
  expect(client.all('lcpUp')).toMatchObject([
    { peerMruBytes: 1400, ourMruBytes: 1400, compressAddressControl: true, compressProtocol: true },
  ]);
  const [ours] = client.all('ipv6Up');
  const [theirs] = host.all('ipv6Up');
  expect(ours?.localInterfaceId).toEqual(theirs?.remoteInterfaceId);
  expect(ours?.remoteInterfaceId).toEqual(theirs?.localInterfaceId);
});

test('without loss it takes no timer: nine one-way trips from start to address', () => {
  const { client, run } = meet({ faults: { seed: 1, delayMs: 100 }, client: { ipv6: false } });
  run();
  // LCP: Request, Ack. CHAP: Challenge, Response, Success. IPCP: Request, Nak, Request, Ack.
  expect(client.up).toBeDefined();
  expect(client.nowMs).toBe(900);
});

describe.each<AuthMethod>(['mschapv2', 'chap-md5', 'pap'])('%s', (method) => {
  test('the right password opens the link', () => {
    const { client, host, run } = meet({ host: { methods: [method] } });
    run();
    expect(client.all('authenticated')).toMatchObject([{ method }]);
    expect(host.all('authenticated')).toMatchObject([{ method, userName: 'CORP\\alice' }]);
    expect(client.up).toBeDefined();
  });

  test('a wrong password is tried once and ends the link with its cause', () => {
    const { client, host, run } = meet({ host: { methods: [method] }, user: { password: 'other' } });
    run();
    expect(client.cause).toMatchObject({ code: 'authenticationRejected', method, message: 'wrong' });
    expect(host.all('verify')).toHaveLength(1);
    expect(client.up ?? host.up).toBeUndefined();
  });

  test('a client that does not accept it says what was offered', () => {
    const methods = clientConfig.methods.filter((accepted) => accepted !== method);
    const { client, host, run } = meet({ host: { methods: [method] }, client: { methods } });
    run();
    expect(client.cause).toEqual({ code: 'noCommonAuthentication', offered: [method] });
    expect(host.cause).toEqual({ code: 'noCommonAuthentication', offered: [method] });
  });

  test('the client leads the host to it', () => {
    const { client, run } = meet({ client: { methods: [method] } });
    run();
    expect(client.all('authenticated')).toMatchObject([{ method }]);
  });
});

test('PAP is neither offered nor accepted outside IPsec', () => {
  const outside = { insideIpsec: false };
  const offered = meet({ host: { ...outside, methods: ['pap'] }, client: outside });
  offered.run();
  expect(offered.client.all('authenticated')).toHaveLength(0);
  const asked = meet({ host: { methods: ['pap'] }, client: outside });
  asked.run();
  expect(asked.client.cause).toEqual({ code: 'noCommonAuthentication', offered: ['pap'] });
});

test('no authentication is needed where the host asks for none', () => {
  const { client, run } = meet({ host: { methods: [] } });
  run();
  expect(client.up).toBeDefined();
  expect(client.all('authenticated')).toHaveLength(0);
});

test('an expired password is changed within the link', () => {
  const { client, host, run } = meet({
    user: { password: 'alice-pass', expired: true },
    client: { userWaitMs: 60_000 },
  });
  client.react = (effect) =>
    effect.kind === 'passwordExpired' ? { kind: 'changePassword', newPassword: 'fresh-päss' } : undefined;
  run();
  expect(client.all('passwordExpired')).toMatchObject([{ message: 'too old' }]);
  expect(host.all('verify').map(({ request }) => request.method)).toEqual(['mschapv2', 'mschapv2-change']);
  expect(client.up).toBeDefined();
});

test('an expired password that no one changes in time ends with 648', () => {
  const { client, run } = meet({ user: { password: 'alice-pass', expired: true }, client: { userWaitMs: 5000 } });
  run();
  expect(client.cause).toMatchObject({ code: 'authenticationRejected', reason: 648 });
});

test('a refused credential is followed only by another one, on request', () => {
  const { client, host, run } = meet({ user: { password: 'second' }, client: { userWaitMs: 60_000 } });
  client.react = (effect) =>
    effect.kind === 'credentialsRefused'
      ? { kind: 'credentials', credentials: { userName: 'alice', password: 'second' } }
      : undefined;
  run();
  expect(host.all('verify').map(({ request }) => request.userName)).toEqual(['CORP\\alice', 'alice']);
  expect(client.up).toBeDefined();
});

test('an empty address pool has its own cause on both sides', () => {
  const { client, host, run } = meet({ address: undefined });
  run();
  expect([client.cause, host.cause]).toEqual([{ code: 'noAddress' }, { code: 'noAddress' }]);
});

test('a gateway that does not know the password is not believed', () => {
  const { client, host, run } = meet();
  host.react = (effect) =>
    effect.kind === 'verify'
      ? { kind: 'verdict', attempt: effect.attempt, verdict: { ok: true, authenticatorResponse: '0'.repeat(40) } }
      : undefined;
  run();
  expect(client.cause).toEqual({ code: 'serverNotAuthentic' });
});

test('closing says goodbye, and both sides end', () => {
  const { client, host, run } = meet();
  run();
  runWire(
    [
      Object.assign(Object.create(client) as LinkUnderTest, {
        start: () => client.input({ kind: 'close', reason: 'bye' }),
      }),
      Object.assign(Object.create(host) as LinkUnderTest, { start: () => [] }),
    ],
    { seed: 1 },
    { done: () => client.state.at === 'closed' && host.state.at === 'closed', timeoutMs: 1e6 },
  );
  expect(client.cause).toEqual({ code: 'closedByUs' });
  expect(host.cause).toEqual({ code: 'peerTerminated', phase: 'network', message: 'bye' });
  expect(client.all('ipv4Down')).toHaveLength(1);
  expect(host.all('ipv4Down')).toHaveLength(1);
});

describe('over a wire that loses 20%, repeats and reorders', () => {
  test.each(['mschapv2', 'chap-md5', 'pap'] as const)('%s: they always meet', { timeout: longRunMs }, (method) => {
    for (const seed of seeds(60)) {
      const { client, host, run } = meet({
        faults: { seed, loss: 0.2, repeat: 0.1, reorder: 0.2 },
        host: { methods: [method] },
      });
      const { ended } = run();
      expect({ seed, ended, client: client.cause, host: host.cause }).toEqual({
        seed,
        ended: 'done',
        client: undefined,
        host: undefined,
      });
      expect(client.up?.local).toBe('10.99.0.10');
    }
  });

  test('and corrupts: each ends up or with a cause, and nothing throws', { timeout: longRunMs }, () => {
    for (const seed of seeds(60)) {
      const { client, host, run } = meet({ faults: { seed, loss: 0.1, repeat: 0.1, reorder: 0.1, corrupt: 0.1 } });
      expect({ seed, ...run(600_000) }.ended).not.toBe('timeout');
      for (const end of [client, host]) expect(isUp(end) || end.cause !== undefined).toBe(true);
    }
  });
});
