import { describe, expect, test } from 'vitest';
import { eventually } from '../support/processes.ts';
import { expectTraffic, softEtherAddress as gateway, useScene } from './scene.ts';

const megabyte = 1_000_000;

describe('SoftEther VPN Server as the gateway', () => {
  const scene = useScene();

  test.each(['mschapv2', 'pap'])('carries 100 MB each way after %s, and leaves nothing behind', async (method) => {
    const softEther = await scene.softEther();
    const client = await scene.client();
    const before = await client.machineState();
    const culvert = scene.culvert(client, { gateway, profile: { ppp: { authentication: [method] } } });
    const connection = await culvert.connected();
    expect(connection).toMatchObject({ authentication: method, dnsServers: [softEther.innerAddress] });
    await expectTraffic(client, softEther.innerAddress);
    expect((await culvert.stop()).exitCode).toBe(0);
    expect(await client.machineState()).toEqual(before);
    // It takes its time to forget a session that hung up.
    await eventually('SoftEther forgot the session', 15_000, async () => (await softEther.sessions()).length === 0);
  });

  test('under its own default name 0.0.0.0 it is a gateway like any other', async () => {
    const softEther = await scene.softEther({ listenOn: 'any' });
    const client = await scene.client();
    const culvert = scene.culvert(client, { gateway });
    expect((await culvert.connected()).gatewayIdentity).toBe('0.0.0.0');
    await expectTraffic(client, softEther.innerAddress, megabyte);
    await culvert.stop();
  });

  test('serves two clients behind one NAT at the same time', async () => {
    const softEther = await scene.softEther();
    const clients = await scene.clientsBehindNat();
    const culverts = clients.map((client) => scene.culvert(client, { gateway }));
    await Promise.all(culverts.map((culvert) => culvert.connected()));
    await Promise.all(clients.map((client) => expectTraffic(client, softEther.innerAddress, 20 * megabyte)));
    await Promise.all(culverts.map((culvert) => culvert.stop()));
  });

  test('status and disconnect talk to the running connection', async () => {
    await scene.softEther();
    const client = await scene.client();
    const before = await client.machineState();
    const culvert = scene.culvert(client, { gateway });
    await culvert.connected();
    const status = await culvert.command('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ name: 'test', state: 'connected' });
    const disconnect = await culvert.command('disconnect');
    expect(disconnect).toMatchObject({ exitCode: 0, stdout: 'test: disconnected; the network is as it was.\n' });
    expect((await culvert.process.exited).exitCode).toBe(0);
    expect(await client.machineState()).toEqual(before);
    expect((await culvert.command('status')).stdout).toBe('Not connected.\n');
  });

  test('a full tunnel carries everything but the way to the gateway, and gives it all back', async () => {
    const softEther = await scene.softEther();
    const client = await scene.client();
    const before = await client.machineState();
    const culvert = scene.culvert(client, { gateway, profile: { network: { mode: 'full', killSwitch: true } } });
    const { tunnelName } = await culvert.connected();
    const route = (to: string) => client.exec(['ip', '-o', 'route', 'get', to]).then(({ stdout }) => stdout);
    expect(await route('198.51.100.1')).toContain(`dev ${tunnelName}`);
    expect(await route(gateway)).toContain('dev eth0');
    expect((await client.exec(['cat', '/etc/resolv.conf'])).stdout).toContain(softEther.innerAddress);
    const beside = await client.exec(['ping', '-c1', '-W1', '-I', 'eth0', '203.0.113.1'], { allowFailure: true });
    expect(beside.exitCode).not.toBe(0);
    await culvert.stop();
    expect(await client.machineState()).toEqual(before);
  });
});
