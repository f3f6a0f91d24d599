import { describe, expect, test } from 'vitest';
import { hostProposals } from '../../main/session/proposals.ts';
import { seededCryptoWithPooledKeys } from '../support/seeded-crypto.ts';
import { MemoryHost, type MemoryHostOptions } from './support/memory-host.ts';
import { Star } from './support/star.ts';
import { allClients, ios, macos, type StockClient, windows } from './support/stock/clients.ts';
import { StockDialler } from './support/stock/stock-client.ts';

const crypto = seededCryptoWithPooledKeys(21);

function dial(client: StockClient, options: MemoryHostOptions = {}) {
  const host = new MemoryHost(options);
  const star = new Star(host);
  const stock = new StockDialler(client, crypto, 'CORP\\alice');
  star.add(stock);
  star.run(() => stock.connected, 10_000);
  return { host, star, stock };
}

describe.each(Object.entries(allClients))('%s', (_, client) => {
  test('comes online, finds itself behind a NAT and the host not, and is told its address and name servers', () => {
    const { host, stock } = dial(client);
    expect(stock.connected).toBe(true);
    const nat = { local: true, remote: false };
    expect(stock.of('ikeEstablished')).toMatchObject([{ natDetected: nat, encapsulation: 'udp' }]);
    expect(stock.ppp.address).toBe('10.99.1.10');
    expect(stock.ppp.hostAddress).toBe('10.99.0.1');
    expect(stock.ppp.servers).toEqual(['129 10.99.0.1', '131 10.99.0.2']);
    expect(host.of('sessionStarted')).toMatchObject([
      { user: 'CORP\\alice', method: 'mschapv2', address: '10.99.1.10' },
    ]);
  });

  test('hangs up in its own order, and nothing of it is left', () => {
    const { host, star, stock } = dial(client);
    star.stop(0);
    star.run(() => host.state.size === 0, 5000);
    expect(stock.ppp.terminated).toBe(true);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'userRequest' } }]);
    expect([host.installed, host.state.size]).toEqual([[0, 0, 0], 0]);
  });

  test('is hung up on', () => {
    const { host, star, stock } = dial(client);
    star.atHost((at, nowMs) => at.give({ kind: 'disconnect', who: 'everybody', cause: 'administrator' }, nowMs));
    star.run(() => host.state.size === 0, 60_000);
    expect(stock.ppp.terminated).toBe(true);
    expect([host.installed, host.state.size]).toEqual([[0, 0, 0], 0]);
  });

  test('is one of fifty behind one NAT, with one address, port and message ID', () => {
    const host = new MemoryHost();
    const star = new Star(host);
    const all = Array.from({ length: 50 }, (__, i) => new StockDialler(client, crypto, `user${i}`));
    for (const each of all) star.add(each);
    star.run(() => all.every(({ connected }) => connected), 20_000);
    expect(new Set(all.map(({ ppp }) => ppp.address)).size).toBe(50);
    expect(host.installed).toEqual([50, 50, 50]);
  });
});

describe('what the host agrees to', () => {
  const agreed = (client: StockClient, level: Parameters<typeof hostProposals>[0]) => {
    const { host } = dial(client, { config: { proposals: hostProposals(level) } });
    const about = host.of('sessionStarted')[0]?.about;
    return about && [about.ikeSuite, about.espSuite, about.client];
  };

  test('is the best that each offers', () => {
    expect(agreed(windows, 'compatible')).toEqual(['aes-256-cbc/sha1/ecp384', 'aes-256-cbc/hmac-sha1-96', 'windows']);
    expect(agreed(macos, 'compatible')).toEqual(['aes-256-cbc/sha256/modp2048', 'aes-256-cbc/hmac-sha1-96', 'apple']);
    expect(agreed(ios, 'compatible')).toEqual(['aes-256-cbc/sha256/modp2048', 'aes-256-cbc/hmac-sha1-96', 'apple']);
  });

  const oldOnly: StockClient = {
    ...windows,
    ike: { ...windows.ike, transforms: windows.ike.transforms.slice(-1) },
    quickMode: { ...windows.quickMode, transforms: windows.quickMode.transforms.slice(-1) },
  };

  test('is 3DES with MODP 1024 for nobody, unless the old switch is on', () => {
    expect(agreed(oldOnly, 'compatible')).toBeUndefined();
    expect(agreed(oldOnly, 'legacy')).toEqual(['3des-cbc/sha1/modp1024', '3des-cbc/hmac-sha1-96', 'windows']);
  });
});

describe('PPP answers', () => {
  test('Windows: no callback, no WINS where there is none, no compression, no IPv6 where it is off', () => {
    const { stock } = dial(windows);
    expect(stock.ppp.rejectedOptions).toEqual(['c021/13', '8021/130', '8021/132']);
    expect(stock.ppp.rejectedProtocols.sort()).toEqual([0x8057, 0x80fd]);
  });

  test("macOS: Apple's own protocol is rejected, so that it asks by DHCP", () => {
    const { stock } = dial(macos);
    expect(stock.ppp.rejectedOptions).toEqual([]);
    expect(stock.ppp.rejectedProtocols.sort()).toEqual([0x8057, 0x8235]);
  });
});

test('lifetimes by time and by volume are those of the offer, and the port of L2TP is what the peer said', () => {
  const { host } = dial(windows);
  const [request] = host.of('datapath').flatMap(({ request: each }) => (each.kind === 'installSa' ? [each] : []));
  expect(request).toMatchObject({ hardBytes: String(250_000 * 1024) });
  const ports = ({ host: at }: ReturnType<typeof dial>) =>
    at.of('datapath').flatMap(({ request: each }) => (each.kind === 'setPath' ? [each.remoteL2tpPort] : []));
  expect(ports(dial(macos))).toEqual([52_317]);
  const any = { ...windows, quickMode: { ...windows.quickMode, l2tpPort: 0 } };
  expect(ports(dial(any))).toEqual([0]);
});

test.each([true, false])(
  'a client that crashed and dials from the very same port comes in again (INITIAL-CONTACT: %s)',
  (initialContact) => {
    const { host, star } = dial(windows);
    star.run(() => false, 60_000);
    const again = new StockDialler(windows, crypto, 'CORP\\alice', { initialContact });
    star.replace(0, again);
    star.run(() => again.connected, 10_000);
    expect(again.connected).toBe(true);
    expect(host.of('sessionEnded')).toMatchObject([{ end: { code: 'replaced' } }]);
    star.run(() => false, 60_000);
    expect(again.ppp.terminated).toBe(false);
    expect([host.state.sessionCount, host.state.peers.size]).toEqual([1, 1]);
  },
);
