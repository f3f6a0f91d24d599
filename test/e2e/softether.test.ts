import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Culvert, startCulvert } from '../support/culvert.ts';
import { createNetwork, type Host, type Network } from '../support/namespaces.ts';
import { fetchOfficePage, officePageTitle, transfer } from '../support/peers/office.ts';
import { type SoftEther, startSoftEther } from '../support/peers/softether.ts';

const megabytes = 100;

describe('SoftEther VPN Server as the gateway', () => {
  let network: Network;
  let gateway: Host;
  let client: Host;
  let softEther: SoftEther | undefined;
  let culvert: Culvert | undefined;

  beforeEach(async () => {
    network = await createNetwork();
    gateway = await network.addMachine('gateway', { address: '203.0.113.10' });
    client = await network.addMachine('client', { address: '203.0.113.30' });
  });
  afterEach(async () => {
    await culvert?.cleanUp();
    await softEther?.stop();
    await network.remove();
    culvert = softEther = undefined;
  });

  test.each(['mschapv2', 'pap'])('carries 100 MB each way after %s, and leaves nothing behind', async (method) => {
    softEther = await startSoftEther(gateway);
    const before = await client.machineState();
    culvert = startCulvert(client, { gateway: gateway.address, profile: { ppp: { authentication: [method] } } });
    const connection = await culvert.connected();
    expect(connection).toMatchObject({ authentication: method, dnsServers: ['192.168.30.1'] });
    await client.exec(['ping', '-c3', '-i0.2', '-W5', '192.168.30.1']);
    expect(await fetchOfficePage(client)).toContain(officePageTitle);
    for (const direction of ['send', 'receive'] as const) {
      const { bytes, localSha256, remoteSha256 } = await transfer(client, direction, megabytes * 1_000_000);
      expect(bytes).toBe(megabytes * 1_000_000);
      expect(remoteSha256).toBe(localSha256);
    }
    expect((await culvert.stop()).exitCode).toBe(0);
    expect(await client.machineState()).toEqual(before);
    expect(await softEther.sessions()).toEqual([]);
  });

  test('under its own default name 0.0.0.0 it is a gateway like any other', async () => {
    softEther = await startSoftEther(gateway, { listenOn: 'any' });
    culvert = startCulvert(client, { gateway: gateway.address });
    await culvert.connected();
    expect(await fetchOfficePage(client)).toContain(officePageTitle);
    await culvert.stop();
  });

  test('status and disconnect talk to the running connection', async () => {
    softEther = await startSoftEther(gateway);
    const before = await client.machineState();
    culvert = startCulvert(client, { gateway: gateway.address });
    await culvert.connected();
    const status = await culvert.command('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ name: 'test', state: 'connected' });
    const disconnect = await culvert.command('disconnect');
    expect(disconnect).toMatchObject({ exitCode: 0, stdout: 'test: disconnected; the network is as it was.\n' });
    expect((await culvert.process.exited).exitCode).toBe(0);
    expect(await client.machineState()).toEqual(before);
    expect((await culvert.command('status')).stdout).toBe('Not connected.\n');
  });
});
