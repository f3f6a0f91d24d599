import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HostPool } from '../../../main/contracts/host-pool.ts';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { DhcpSources } from '../../../main/host/addresses/index.ts';
import { leaseIdentity } from '../../../main/host/addresses/dhcp/identity.ts';
import type { RelaySocketEvents } from '../../../main/host/addresses/dhcp/socket.ts';
import { toHex } from '../../../main/protocol/wire/bytes.ts';
import { OfficeServer } from '../../protocol/dhcp/office-server.ts';

const crypto = await createCrypto();
const pools: Readonly<Record<string, HostPool>> = {
  office: { source: 'dhcp', interface: 'eth0', mode: 'proxyArp' },
  own: { ranges: ['10.99.0.0/24'], exclude: [], sticky: true, mode: 'nat' },
};

/** A LAN in memory: what the relay sends arrives at the server, and the answer at once at the relay. */
class Lan {
  readonly server = new OfficeServer();
  readonly lost: (readonly [number, string])[] = [];
  readonly said: string[] = [];
  opened = 0;
  broken = '';
  readonly sources = new DhcpSources({
    crypto,
    patienceMs: 5000,
    lost: (session, address) => this.lost.push([session, address]),
    say: (text) => this.said.push(text),
    openSocket: (_device, events) => this.#open(events),
  });

  #open(events: RelaySocketEvents) {
    if (this.broken !== '') return Promise.reject(new Error(this.broken));
    this.opened++;
    return Promise.resolve({
      address: '10.20.0.5',
      send: (bytes: Uint8Array) => {
        const answer = this.server.receive(bytes);
        if (answer !== undefined) events.message(answer, '10.20.0.1');
        events.message(Uint8Array.of(1, 2, 3), '10.20.0.99');
      },
      close: () => {
        this.opened--;
        return Promise.resolve();
      },
    });
  }

  get office() {
    const source = this.sources.of(pools).get('office');
    if (source === undefined) throw new Error('no source');
    return source;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const alice = (session: number) => ({ session, user: 'alice', hint: 'laptop' });

test('pools with a DHCP server have a source, those with ranges have none, and one socket serves an interface', async () => {
  const lan = new Lan();
  expect([...lan.sources.of(pools).keys()]).toEqual(['office']);
  expect(await lan.office.take(alice(1))).toEqual({ ok: true, address: '10.20.0.100' });
  expect(await lan.office.take({ session: 2, user: 'bob', hint: 'desk' })).toEqual({
    ok: true,
    address: '10.20.0.101',
  });
  expect(lan.opened).toBe(1);
  await lan.sources.close();
  expect(lan.opened).toBe(0);
  expect(lan.server.bound.size).toBe(0);
});

test('a user finds the address of each of several sessions again', async () => {
  const lan = new Lan();
  const take = async (session: number) => {
    const leased = await lan.office.take(alice(session));
    return leased.ok ? leased.address : leased.reason;
  };
  const [first, second] = [await take(1), await take(2)];
  expect(first).not.toBe(second);
  lan.office.release(alice(1));
  expect(lan.server.bound.size).toBe(1);
  expect(await take(3)).toBe(first);
  expect(await take(3)).toBe(first);
  expect(lan.server.bound.size).toBe(2);
});

test('a lease is renewed while its session lasts, and its loss is told once', async () => {
  const lan = new Lan();
  await lan.office.take(alice(1));
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(lan.lost).toEqual([]);
  lan.server.silent = true;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(lan.lost).toEqual([[1, '10.20.0.100']]);
  lan.office.release(alice(1));
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(lan.lost).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('where nobody answers the user is told in time; who hangs up meanwhile is not waited for', async () => {
  const lan = new Lan();
  lan.server.silent = true;
  const silent = lan.office.take(alice(1));
  const gone = lan.office.take(alice(2));
  await vi.advanceTimersByTimeAsync(1000);
  lan.office.release(alice(2));
  expect(await gone).toEqual({ ok: false, reason: 'noAddress' });
  await vi.advanceTimersByTimeAsync(4000);
  expect(await silent).toEqual({ ok: false, reason: 'dhcpSilent' });
  expect(vi.getTimerCount()).toBe(0);
});

test('what is in the way is said once, and the next user may find it gone', async () => {
  const lan = new Lan();
  lan.broken = 'port 67 is taken';
  const { office } = lan;
  expect(await office.take(alice(1))).toEqual({ ok: false, reason: 'dhcpSilent' });
  expect(await office.take(alice(1))).toEqual({ ok: false, reason: 'dhcpSilent' });
  expect(lan.said).toEqual(['the DHCP server on eth0 cannot be asked: port 67 is taken']);
  lan.broken = '';
  expect(await office.take(alice(1))).toMatchObject({ ok: true });
});

test('a session is the same client each time, a different one from every other, and tells the LAN no name', () => {
  const of = (user: string, hint: string, ordinal: number): string => {
    const { clientId, hardwareAddress } = leaseIdentity(user, hint, ordinal);
    expect(clientId.length).toBe(25);
    expect(hardwareAddress.length).toBe(6);
    expect((hardwareAddress[0] ?? 0) & 3).toBe(2);
    expect(Buffer.from(clientId).includes(user)).toBe(false);
    return toHex(clientId) + toHex(hardwareAddress);
  };
  const all = [of('alice', 'a', 1), of('alice', 'a', 2), of('alice', 'b', 1), of('alicea', '', 1), of('bob', 'a', 1)];
  expect(new Set(all).size).toBe(all.length);
  expect(of('alice', 'a', 1)).toBe(all[0]);
});
