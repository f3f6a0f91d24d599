import { describe, expect, test } from 'vitest';
import { userName } from '../support/peers/credentials.ts';
import { officeAddress } from '../support/peers/office.ts';
import type { StockClient } from '../support/peers/uml/stock-client.ts';
import { eventually } from '../support/processes.ts';
import { expectCarried, megabyte, nobodyIsLeft, useLinuxScene } from './linux-scene.ts';

const branchNetwork = '10.77.0.0/24';
const branchAddress = '10.77.0.1';

describe('a session of strongSwan, xl2tpd and pppd at the host', () => {
  const { startHost, stockClient } = useLinuxScene();

  test.each([
    { who: 'the client, by time', ipsecLines: ['lifetime=20s', 'margintime=6s', 'rekeyfuzz=0%'], config: {} },
    { who: 'the host, by bytes', ipsecLines: [], config: { ipsec: { espLifetimeKilobytes: 20_000 } } },
  ])(
    'keeps carrying while the keys are renewed: $who',
    async ({ ipsecLines, config }) => {
      await startHost({ config });
      const linux = await stockClient({ ipsecLines });
      await linux.dial();
      const first = await outboundSpis(linux);
      for (let transfers = 0; transfers < 3; transfers++) await expectCarried(linux, 20 * megabyte);
      await eventually('another SA', 30_000, async () => {
        const now = await outboundSpis(linux);
        return now.some((spi) => !first.includes(spi));
      });
      await expectCarried(linux, megabyte);
    },
    240_000,
  );

  test('ends a client that fell silent, and lets it come back to the same address', async () => {
    const { host } = await startHost({ config: { ipsec: { deadPeerDetection: { idle: 5, retry: 1, tries: 3 } } } });
    const linux = await stockClient();
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
    const { host } = await startHost();
    const linux = await stockClient();
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
    const { gateway, host } = await startHost({ config });
    const linux = await stockClient();
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
