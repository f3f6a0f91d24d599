import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { SessionPolicy } from '../../main/contracts/session-policy.ts';
import { type DhcpMessage, optionValue, readDhcp, writeDhcp } from '../../main/protocol/dhcp/index.ts';
import { dhcpv6 } from '../../main/protocol/dhcpv6/index.ts';
import { readIp, readUdp, writeIcmpv6, writeUdp } from '../../main/protocol/ip/index.ts';
import { readRouterAdvertisement } from '../../main/protocol/ndp/index.ts';
import { Frame, protocols } from '../../main/protocol/ppp/index.ts';
import { concat } from '../../main/protocol/wire/bytes.ts';
import { decode, encode } from '../../main/protocol/wire/codec.ts';
import { appleInform, windowsInform } from '../protocol/dhcp/stock-informs.ts';
import { clientConfig, MemoryClient } from './support/memory-client.ts';
import { hostConfig, MemoryHost, type MemoryHostOptions } from './support/memory-host.ts';
import { Star } from './support/star.ts';

// An hour of virtual time takes a while on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const own = '10.99.1.10';
const prefix = '2001:db8:0:7::/64';
const policy: Partial<SessionPolicy> = {
  tunnel: 'split',
  dnsServers: ['10.20.0.1', '2001:db8::53'],
  searchDomains: ['office.example', 'example'],
  routes: ['10.20.0.0/16', '2001:db8:20::/48'],
  wins: ['10.20.0.9'],
};

class Office {
  readonly host: MemoryHost;
  readonly star: Star;
  readonly client: MemoryClient;

  constructor(options: MemoryHostOptions = {}) {
    const ppp = { ...hostConfig().ppp, ipv6: true };
    this.host = new MemoryHost({ policy, ipv6Prefix: prefix, ...options, config: { ppp } });
    this.star = new Star(this.host);
    this.client = new MemoryClient(clientConfig({ ppp: { ipv6: true } }, { kernelHasIpv6: true }), 7);
    this.star.add(this.client);
    expect(this.star.run(() => this.client.connected)).toBe(true);
    this.star.run(() => false, 2000);
  }

  /** The packets that the host sends into the tunnel on account of what happens in `act`. */
  sent(act: () => void): Uint8Array[] {
    const before = this.host.effects.length;
    act();
    return this.host.effects.slice(before).flatMap((effect) => {
      if (effect.kind !== 'command' || effect.command.kind !== 'sendPpp') return [];
      const { protocol, information } = decode(Frame, effect.attachment ?? new Uint8Array());
      return protocol === protocols.ipv4 || protocol === protocols.ipv6 ? [information] : [];
    });
  }

  /** What the host answers to an IP packet that the datapath reports. */
  ask(packet: Uint8Array, session = 1): Uint8Array[] {
    const protocol = (packet[0] ?? 0) >> 4 === 4 ? protocols.ipv4 : protocols.ipv6;
    const attachment = encode(Frame, { protocol, information: packet });
    return this.sent(() => {
      this.star.atHost((host, nowMs) =>
        host.give({ kind: 'datapathEvent', event: { kind: 'ppp', session }, attachment }, nowMs),
      );
    });
  }

  wait(durationMs: number): Uint8Array[] {
    return this.sent(() => this.star.run(() => false, durationMs));
  }
}

function inform(message: DhcpMessage, source = message.ciaddr, destination = '255.255.255.255'): Uint8Array {
  const ends = { source: { address: source, port: 68 }, destination: { address: destination, port: 67 } };
  return writeUdp({ ...ends, payload: writeDhcp(message) });
}

test('the datapath is told to report requests of every session, from its first moment', () => {
  const { host } = new Office();
  const told = host.of('datapath').flatMap(({ request }) => (request.kind === 'setSession' ? [request] : []));
  expect(new Set(told.map(({ configuredBy }) => configuredBy))).toEqual(new Set(['10.99.0.1']));
});

describe('a DHCPINFORM', () => {
  test('of Windows is answered to its address, from the host, with the policy', () => {
    const office = new Office();
    const [answer, ...more] = office.ask(inform(windowsInform(own)));
    expect(more).toEqual([]);
    const { source, destination, payload } = readUdp(readIp(answer ?? new Uint8Array()));
    expect(source).toEqual({ address: '10.99.0.1', port: 67 });
    expect(destination).toEqual({ address: own, port: 68 });
    const { options, xid } = readDhcp(payload);
    const routes = [{ network: '10.20.0.0/16', router: '10.99.0.1' }];
    expect(xid).toBe(windowsInform(own).xid);
    expect(optionValue(options, 'microsoftRoutes')).toEqual(routes);
    expect(optionValue(options, 'classlessRoutes')).toEqual(routes);
    expect(optionValue(options, 'dnsServers')).toEqual(['10.20.0.1']);
    expect(optionValue(options, 'domainName')).toBe('office.example');
    expect(optionValue(options, 'wins')).toEqual(['10.20.0.9']);
  });

  test('of Apple is answered, byte for byte as its pppd sends it', () => {
    const ends = { source: { address: own, port: 68 }, destination: { address: '255.255.255.255', port: 67 } };
    const [answer] = new Office().ask(writeUdp({ ...ends, payload: appleInform(own).bytes }));
    const { options } = readDhcp(readUdp(readIp(answer ?? new Uint8Array())).payload);
    expect(optionValue(options, 'classlessRoutes')).toHaveLength(1);
    expect(optionValue(options, 'microsoftRoutes')).toBeUndefined();
  });

  test('without an address in it is answered by broadcast where it says so', () => {
    const office = new Office();
    const asked = { ...windowsInform(own), ciaddr: '0.0.0.0' };
    const to = (packet: Uint8Array) => office.ask(packet).map((answer) => readIp(answer).destination);
    expect(to(inform({ ...asked, broadcast: true }, own))).toEqual(['255.255.255.255']);
    expect(to(inform(asked, own, '10.99.0.1'))).toEqual([own]);
  });

  test('in another address, another kind of message, or before the session is online, is none', () => {
    const office = new Office();
    expect(office.ask(inform(windowsInform('10.99.1.11')))).toEqual([]);
    expect(office.ask(inform({ ...windowsInform(own), op: 'reply' }))).toEqual([]);
    const discover = new Map(windowsInform(own).options).set(53, Uint8Array.of(1));
    expect(office.ask(inform({ ...windowsInform(own), options: discover }))).toEqual([]);
    expect(office.ask(inform(windowsInform(own)), 99)).toEqual([]);
    expect(office.ask(inform(windowsInform(own)))).toHaveLength(1);
  });

  test('repeated without end gets eight answers, then one a second', () => {
    const office = new Office();
    const packet = inform(windowsInform(own));
    const burst = Array.from({ length: 100 }, () => office.ask(packet).length);
    expect(burst.reduce((sum, answers) => sum + answers, 0)).toBe(8);
    office.wait(3000);
    expect(Array.from({ length: 10 }, () => office.ask(packet).length).filter((answers) => answers > 0)).toHaveLength(
      3,
    );
  });
});

const linkScoped = { source: 'fe80::1234', destination: 'ff02::2', hopLimit: 255 };
const solicitation = writeIcmpv6({ ...linkScoped, type: 133, code: 0, body: new Uint8Array(4) });

function advertised(packet: Uint8Array | undefined) {
  const ip = readIp(packet ?? new Uint8Array());
  return { ...ip, said: readRouterAdvertisement(ip) };
}

describe('a router advertisement', () => {
  test('answers a solicitation, with the prefix of the session and what its policy says', () => {
    const office = new Office();
    const [answer, ...more] = office.ask(solicitation);
    const { source, destination, hopLimit, said } = advertised(answer);
    expect(more).toEqual([]);
    expect([destination, hopLimit]).toEqual(['fe80::1234', 255]);
    expect(source).toMatch(/^fe80::/);
    expect(said).toEqual({
      ...{ hopLimit: 64, managed: false, otherConfiguration: true, routerSeconds: 0 },
      options: [
        {
          ...{ kind: 'prefix', network: prefix, onLink: false, autonomous: true },
          ...{ validSeconds: 5400, preferredSeconds: 2700 },
        },
        { kind: 'mtu', mtuBytes: 1400 },
        { kind: 'dnsServers', addresses: ['2001:db8::53'], seconds: 1800 },
        { kind: 'searchDomains', domains: ['office.example', 'example'], seconds: 1800 },
        { kind: 'route', network: '2001:db8:20::/48', seconds: 1800 },
      ],
    });
  });

  test('makes the host the default router with a full tunnel alone', () => {
    const full = new Office({ policy: { ...policy, tunnel: 'full' } });
    expect(advertised(full.ask(solicitation)[0]).said?.routerSeconds).toBe(1800);
  });

  test('comes unasked: when IPv6 is up, twice more soon, and then every few minutes within its lifetime', () => {
    const office = new Office();
    const all = office.host.effects.length;
    expect(all).toBeGreaterThan(0);
    expect(office.wait(30_000).map((packet) => readIp(packet).destination)).toEqual(['ff02::1']);
    const later = office.wait(3_600_000).filter((packet) => advertised(packet).said !== undefined);
    expect(later.length).toBeGreaterThanOrEqual(6);
    expect(later.length).toBeLessThanOrEqual(18);
  });

  test('is sent again when the policy changes, and never once the session is over', () => {
    const office = new Office();
    const changed = office.host.of('applyPolicy').at(-1)?.policy;
    const again = office.sent(() => {
      office.star.atHost((host, nowMs) =>
        changed === undefined
          ? []
          : host.give({ kind: 'changePolicy', session: 1, policy: { ...changed, dnsServers: [] } }, nowMs),
      );
    });
    expect(again.map((packet) => advertised(packet).said?.options.map(({ kind }) => kind))).toEqual([
      ['prefix', 'mtu', 'searchDomains', 'route'],
    ]);
    office.star.stop(0);
    office.star.run(() => office.host.state.size === 0);
    expect(office.ask(solicitation)).toEqual([]);
  });

  test('is not made without a prefix, or on a link too narrow for IPv6', () => {
    const without = new Office({ ipv6Prefix: '' });
    expect(without.ask(solicitation)).toEqual([]);
    expect(without.wait(1_000_000)).toEqual([]);
    expect(new Office({ policy: { ...policy, mtu: 1200 } }).ask(solicitation)).toEqual([]);
  });
});

test('an Information-request is answered, from a server that is the same each time', () => {
  const request = { type: 11, transactionId: 0xabcdef, options: [{ code: 6, data: Uint8Array.of(0, 23, 0, 24) }] };
  const packet = writeUdp({
    source: { address: 'fe80::1234', port: 546 },
    destination: { address: 'ff02::1:2', port: 547 },
    payload: encode(dhcpv6, request),
  });
  const answers = [new Office(), new Office()].map((office) => {
    const [answer] = office.ask(packet);
    return readUdp(readIp(answer ?? new Uint8Array()));
  });
  const [first, second] = answers.map(({ payload }) => decode(dhcpv6, payload));
  expect(answers[0]?.destination).toEqual({ address: 'fe80::1234', port: 546 });
  expect(answers[0]?.source.address).toMatch(/^fe80::/);
  expect(first?.options.map(({ code }) => code)).toEqual([2, 23, 24]);
  expect(second).toEqual(first);
});

test('whatever a client sends there, the host neither fails nor says much', () => {
  const office = new Office();
  const udp = writeUdp({
    source: { address: own, port: 68 },
    destination: { address: '255.255.255.255', port: 67 },
    payload: writeDhcp(windowsInform(own)),
  });
  const bytes = fc.uint8Array({ maxLength: 80 });
  const packets = fc.oneof(
    bytes,
    fc.tuple(fc.constantFrom(udp, solicitation), fc.nat(), bytes).map(([packet, at, patch]) => {
      const from = at % packet.length;
      return concat(packet.subarray(0, from), patch, packet.subarray(from + patch.length));
    }),
  );
  let answers = 0;
  fc.assert(
    fc.property(packets, (packet) => {
      answers += office.ask(packet).length;
    }),
    { numRuns: 500 },
  );
  expect(answers).toBeLessThanOrEqual(8);
});
