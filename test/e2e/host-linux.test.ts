import { describe, expect, test } from 'vitest';
import { userName } from '../support/peers/credentials.ts';
import { officeAddress, officePageTitle } from '../support/peers/office.ts';
import { eventually } from '../support/processes.ts';
import { expectCarried, megabyte, names, nobodyIsLeft, useLinuxScene } from './linux-scene.ts';

describe('strongSwan, xl2tpd and pppd on a real kernel sign in at the host', () => {
  const { scene, startHost, stockClient } = useLinuxScene();

  test.each([
    { behindNat: false, between: 'nothing' },
    { behindNat: true, between: 'a NAT' },
  ])(
    'IKE, ESP, an address, DNS, ping, 100 MB each way, a clean goodbye; with $between between',
    async ({ behindNat }) => {
      const { host } = await startHost();
      const linux = await stockClient({ behindNat });
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
    const { host } = await startHost({ config: { authentication: { methods: [method] } } });
    const linux = await stockClient({ authentication });
    await linux.dial();
    expect(await host.sessions()).toMatchObject([{ user: userName, method }]);
    await expectCarried(linux, megabyte);
  });

  test('three behind one NAT, and one behind another with the same private address as one of them', async () => {
    const { host } = await startHost();
    const elsewhere = await scene.network.addNat('nat2', '203.0.113.3');
    const clients = await Promise.all(
      [
        { userName: 'alice', address: '192.168.50.31', behindNat: true },
        { userName: 'bob', address: '192.168.50.32', behindNat: true },
        { userName: 'carol', address: '192.168.50.33', behindNat: true },
        { userName: 'dora', address: '192.168.50.31', behindNat: elsewhere },
      ].map((options, index) => stockClient({ ...options, label: `client${index}` })),
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
});
