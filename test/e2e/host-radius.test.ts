import { expect, test } from 'vitest';
import { startCulvertHost } from '../support/culvert-host.ts';
import { loopback, radclient, radiusSecret, startFreeRadius } from '../support/peers/freeradius.ts';
import { eventually } from '../support/processes.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const hostAddress = '203.0.113.40';
const insideAddress = '10.64.0.1';
const dynamicPort = 3799;

test('FreeRADIUS lets a client in, gives it its address, counts what it does, changes its session and ends it', async () => {
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const radius = await startFreeRadius({ on: machine });
  scene.afterwards(() => radius.stop());
  const { authenticationPort, accountingPort } = radius;
  const host = await startCulvertHost(machine, {
    users: [],
    config: {
      authentication: { sources: ['local', 'radius'] },
      pools: { clients: { ranges: ['10.64.0.0/18'] }, 'staff-pool': { ranges: ['10.99.0.0/24'] } },
      groups: { staff: {}, guests: { rate: { up: 512, down: 512 } } },
      radius: {
        servers: [{ address: loopback, authenticationPort, accountingPort, secret: radiusSecret }],
        groups: ['staff', 'guests'].map((name) => ({ value: name, group: name })),
        dynamicAuthorization: { port: dynamicPort, clients: [{ address: loopback, secret: radiusSecret }] },
      },
    },
  });
  scene.afterwards(() => host.cleanUp());
  const client = await scene.client();
  const profile = { network: { mode: 'split', routes: [`${insideAddress}/32`] } } as const;
  const refused = scene.culvert(client, { gateway: hostAddress, user: 'alice', password: 'wrong', profile });
  expect((await refused.failed()).code).toBe('auth.rejected');
  const culvert = scene.culvert(client, { gateway: hostAddress, user: 'alice', password: 'alice-pass', profile });
  expect((await culvert.connected()).localAddress).toBe('10.99.0.77');
  await client.exec(['ping', '-q', '-c3', '-i0.2', '-w5', insideAddress]);
  expect(await host.sessions()).toMatchObject([{ user: 'alice', groups: ['staff'], address: '10.99.0.77' }]);

  const date = (): string => `Event-Timestamp = ${Math.floor(Date.now() / 1000)}`;
  const ask = (what: 'coa' | 'disconnect', ...attributes: string[]) =>
    radclient(dynamicPort, what, ['User-Name = "alice"', ...attributes, date()], { on: machine });
  expect(await ask('coa', 'Filter-Id = "guests"')).toMatch(/CoA-ACK/);
  await eventually('the other group', 5000, async () => (await host.sessions())[0]?.groups[0] === 'guests');
  expect(await ask('disconnect', 'Framed-IP-Address = 10.99.0.77')).toMatch(/Disconnect-ACK/);
  await culvert.until(({ event }) => event === 'disconnected');
  await eventually('the last record', 5000, () => radius.accounting().includes('Acct-Status-Type = Stop'));
  const stop =
    radius
      .accounting()
      .split(/\n\n/)
      .find((record) => record.includes('Acct-Status-Type = Stop')) ?? '';
  expect(stop).toMatch(/User-Name = "alice"/);
  expect(stop).toMatch(/Framed-IP-Address = 10\.99\.0\.77/);
  expect(stop).toMatch(/Acct-Terminate-Cause = Admin-Reset/);
  expect(stop).toMatch(/Class = 0x636c6173732d616c696365/);
  expect(Number(/Acct-Input-Packets = (\d+)/.exec(stop)?.[1])).toBeGreaterThanOrEqual(3);
  expect(await host.ask({ request: 'failures' })).toMatchObject({
    failures: [{ user: 'alice', reason: 'wrongPassword', phase: 'userAuthentication' }],
  });
  await culvert.stop();
  expect((await host.stop()).exitCode).toBe(0);
  expect(radius.accounting()).toContain('Acct-Status-Type = Accounting-Off');
});
