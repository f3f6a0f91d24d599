import { describe, expect, test } from 'vitest';
import { type CulvertHost, type CulvertHostOptions, startCulvertHost } from '../support/culvert-host.ts';
import type { Host } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { officeAddress, officePageTitle, startOffice } from '../support/peers/office.ts';
import { type StockClient, type StockClientOptions, startStockClient } from '../support/peers/uml/stock-client.ts';
import { eventually } from '../support/processes.ts';
import { useScene } from './scene.ts';

const megabyte = 1_000_000;
const gatewayAddress = '203.0.113.40';
const branchNetwork = '10.77.0.0/24';
const branchAddress = '10.77.0.1';
/** Of every test: three users may sign in, each from anywhere. */
const names = [userName, 'bob', 'carol', 'dora'];

describe('strongSwan, xl2tpd and pppd on a real kernel as clients of the host', () => {
  const scene = useScene();
  let gateway: Host;

  async function startHost(options: Partial<CulvertHostOptions> = {}): Promise<CulvertHost> {
    gateway = await scene.network.addMachine('gateway', { address: gatewayAddress });
    const office = await startOffice(gateway);
    scene.afterwards(() => office.stop());
    const host = await startCulvertHost(gateway, {
      users: names.map((name) => ({ user: { name }, password })),
      ...options,
      config: { groups: { default: { dns: { servers: [officeAddress] } } }, ...options.config },
    });
    scene.afterwards(() => host.cleanUp());
    return host;
  }

  async function client(options: Partial<StockClientOptions> = {}): Promise<StockClient> {
    const started = await startStockClient(scene.network, { gateway: gatewayAddress, ...options });
    scene.afterwards(() => started.stop());
    return started;
  }

  async function expectCarried(from: StockClient, bytes: number): Promise<void> {
    for (const direction of ['send', 'receive'] as const) {
      const { localSha256, remoteSha256 } = await from.transfer(direction, bytes);
      expect(localSha256).toMatch(/^[0-9a-f]{64}$/);
      expect(remoteSha256).toBe(localSha256);
    }
  }

  const nobodyIsLeft = (host: CulvertHost, withinMs: number) =>
    eventually('the end of every session', withinMs, async () => (await host.sessions()).length === 0);

  test.each([
    { behindNat: false, between: 'nothing' },
    { behindNat: true, between: 'a NAT' },
  ])(
    'IKE, ESP, an address, DNS, ping, 100 MB each way, a clean goodbye; with $between between',
    async ({ behindNat }) => {
      const host = await startHost();
      const linux = await client({ behindNat });
      await linux.dial();
      const [session] = await host.sessions();
      expect(session).toMatchObject({ user: userName, method: 'mschapv2', client: 'linux' });
      expect(await linux.guest.exec('ip -4 -o address show dev ppp0')).toContain(` ${session?.address} peer `);
      expect(await linux.guest.exec('cat /etc/ppp/resolv.conf')).toContain(`nameserver ${officeAddress}`);
      await linux.guest.exec(`ping -c3 -w10 ${officeAddress}`);
      expect(await linux.guest.exec(`busybox wget -q -O - http://${officeAddress}/`)).toContain(officePageTitle);
      await expectCarried(linux, 100 * megabyte);
      await linux.hangUp();
      await nobodyIsLeft(host, 3000);
    },
    240_000,
  );

  test.each([
    ['pap', 'pap'],
    ['chap', 'chap-md5'],
  ] as const)('signs in by %s', async (authentication, method) => {
    const host = await startHost({ config: { authentication: { methods: [method] } } });
    const linux = await client({ authentication });
    await linux.dial();
    expect(await host.sessions()).toMatchObject([{ user: userName, method }]);
    await expectCarried(linux, megabyte);
  });

  test('three behind one NAT, and one behind another with the same private address as one of them', async () => {
    const host = await startHost();
    const elsewhere = await scene.network.addNat('nat2', '203.0.113.3');
    const clients = await Promise.all(
      [
        { userName: 'alice', address: '192.168.50.31', behindNat: true },
        { userName: 'bob', address: '192.168.50.32', behindNat: true },
        { userName: 'carol', address: '192.168.50.33', behindNat: true },
        { userName: 'dora', address: '192.168.50.31', behindNat: elsewhere },
      ].map((options, index) => client({ ...options, label: `client${index}` })),
    );
    await Promise.all(clients.map((each) => each.dial()));
    const sessions = await host.sessions();
    expect(sessions.map(({ user }) => user).sort()).toEqual(names);
    expect(new Set(sessions.map(({ address }) => address)).size).toBe(clients.length);
    await Promise.all(clients.map((each) => expectCarried(each, 5 * megabyte)));
    // The one that leaves takes nobody with it.
    await clients[0]?.hangUp();
    await eventually('the end of one session', 5000, async () => (await host.sessions()).length === clients.length - 1);
    await Promise.all(clients.slice(1).map((each) => expectCarried(each, megabyte)));
  }, 240_000);

  test.each([
    { who: 'the client, by time', ipsecLines: ['lifetime=20s', 'margintime=6s', 'rekeyfuzz=0%'], config: {} },
    { who: 'the host, by bytes', ipsecLines: [], config: { ipsec: { espLifetimeKilobytes: 20_000 } } },
  ])(
    'keeps carrying while the keys are renewed: $who',
    async ({ ipsecLines, config }) => {
      await startHost({ config });
      const linux = await client({ ipsecLines });
      await linux.dial();
      const first = await outboundSpis(linux);
      for (let transfers = 0; transfers < 4; transfers++) await expectCarried(linux, 20 * megabyte);
      await eventually('another SA', 30_000, async () => {
        const now = await outboundSpis(linux);
        return now.some((spi) => !first.includes(spi));
      });
      await expectCarried(linux, megabyte);
    },
    240_000,
  );

  test('ends a client that fell silent, and lets it come back to the same address', async () => {
    const host = await startHost({ config: { ipsec: { deadPeerDetection: { idle: 5, retry: 1, tries: 3 } } } });
    const linux = await client();
    await linux.dial();
    const [before] = await host.sessions();
    await linux.guest.unplug();
    await nobodyIsLeft(host, 30_000);
    await linux.guest.plug();
    await linux.hangUp();
    await linux.dial();
    expect(await host.sessions()).toMatchObject([{ user: userName, address: before?.address }]);
    await expectCarried(linux, megabyte);
  });

  test("is told when it is disconnected, and when the host goes: nothing of the tunnel is left on the client's side", async () => {
    const host = await startHost();
    const linux = await client();
    await linux.dial();
    expect(await host.ask({ request: 'disconnect', who: { user: userName } })).toMatchObject({ sessions: 1 });
    await withoutTunnel(linux);
    await linux.hangUp();
    await linux.dial();
    await host.stop();
    await withoutTunnel(linux);
  });

  test('a branch network behind a client is reached from the office, and the office from there', async () => {
    const config = { users: [{ name: userName, networks: [branchNetwork] }] };
    const host = await startHost({ config });
    const linux = await client();
    await linux.dial();
    await linux.guest.exec(`ip address add ${branchAddress}/24 dev lo`);
    const ping = (address: string, source: string): string[] => ['ping', '-q', '-c3', '-w10', '-I', source, address];
    await gateway.exec(ping(branchAddress, officeAddress));
    await linux.guest.exec(ping(officeAddress, branchAddress).join(' '));
    // What is not of the branch is not let through.
    await linux.guest.exec('ip address add 10.78.0.1/24 dev lo');
    await expect(linux.guest.exec(ping(officeAddress, '10.78.0.1').join(' '))).rejects.toThrow(/100% packet loss/);
    await linux.hangUp();
    await nobodyIsLeft(host, 3000);
    // EHOSTUNREACH: a network without its branch is told to be away, and not sent to the internet.
    const route = await gateway.exec(['ip', 'route', 'get', branchAddress], { allowFailure: true });
    expect(route.stderr).toContain('No route to host');
  });
});

async function outboundSpis(linux: StockClient): Promise<string[]> {
  const said = await linux.guest.exec('ip xfrm state');
  return [...said.matchAll(/spi (0x[0-9a-f]+)/g)].map(([, spi = '']) => spi);
}

/** Within the time that goodbyes take. */
function withoutTunnel(linux: StockClient): Promise<true> {
  return eventually('the end of the tunnel at the client', 15_000, async () => {
    const links = await linux.guest.exec('ip -o link show; ip xfrm state');
    return links.includes('ppp0') || links.includes('spi 0x') ? undefined : true;
  });
}
