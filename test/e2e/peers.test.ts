import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNetwork, testNamespaces } from '../support/namespaces.ts';
import type { Network } from '../support/namespaces.ts';
import { fetchOfficePage, officePageTitle, transfer } from '../support/peers/office.ts';
import { startSoftEther } from '../support/peers/softether.ts';
import { startStockClient } from '../support/peers/uml/stock-client.ts';
import { startStrongswanGateway } from '../support/peers/uml/strongswan-gateway.ts';
import { startUdpRelay } from '../support/udp-relay.ts';

const mine = (names: readonly { name: string; owner: number }[]): string[] =>
  names.filter(({ owner }) => owner === process.pid).map(({ name }) => name);
const scratch = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`culvert-test-${process.pid}-`));

describe('the test peers', () => {
  let network: Network;
  beforeEach(async () => {
    network = await createNetwork();
  });
  afterEach(async () => {
    await network.remove();
    expect(mine(testNamespaces())).toEqual([]);
    expect(scratch()).toEqual([]);
  });

  test('a network lets a client behind the NAT reach a machine outside, and shows each change of its state', async () => {
    const outside = await network.addMachine('outside', { address: '203.0.113.10' });
    const inside = await network.addMachine('inside', { address: '192.168.50.10', behindNat: true });
    await inside.exec(['ping', '-c1', '-W2', outside.address]);
    const before = await inside.machineState();
    expect(await inside.machineState()).toEqual(before);
    await inside.exec(['ip', 'route', 'add', '10.0.0.0/8', 'via', '192.168.50.1', 'table', '77']);
    expect(await inside.machineState()).not.toEqual(before);
    await inside.exec(['ip', 'route', 'flush', 'table', '77']);
    expect(await inside.machineState()).toEqual(before);
    await outside.unplug();
    const lost = await inside.exec(['ping', '-c1', '-W1', outside.address], { allowFailure: true });
    expect(lost.exitCode).toBe(1);
  });

  test('an office proves what it carried', async () => {
    const gateway = await network.addMachine('gateway', { address: '203.0.113.10' });
    const softEther = await startSoftEther(gateway);
    expect(await fetchOfficePage(gateway)).toContain(officePageTitle);
    for (const direction of ['send', 'receive'] as const) {
      const { bytes, localSha256, remoteSha256 } = await transfer(gateway, direction, 1_000_003);
      expect(bytes).toBe(1_000_003);
      expect(remoteSha256).toBe(localSha256);
    }
    await softEther.stop();
  });

  test('the stock Linux client reaches the office behind SoftEther, and behind strongSwan over a distance', async () => {
    const gateway = await network.addMachine('gateway', { address: '203.0.113.10' });
    const relay = await network.addMachine('relay', { address: '203.0.113.50' });
    const softEther = await startSoftEther(gateway);
    const strongswan = await startStrongswanGateway(network);
    await startUdpRelay(relay, { gateway: strongswan.address, delayMs: 25 });
    for (const address of [softEther.address, relay.address]) {
      const client = await startStockClient(network, { gateway: address, behindNat: true });
      await client.dial();
      expect(await client.guest.exec('busybox wget -q -O - http://10.20.0.1/')).toContain(officePageTitle);
      for (const direction of ['send', 'receive'] as const) {
        const { localSha256, remoteSha256 } = await client.transfer(direction, 1_000_003);
        expect(localSha256).toMatch(/^[0-9a-f]{64}$/);
        expect(remoteSha256).toBe(localSha256);
      }
      await client.hangUp();
      await client.stop();
    }
    await strongswan.stop();
    await softEther.stop();
  });
});
