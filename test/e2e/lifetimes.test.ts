import { describe, expect, test } from 'vitest';
import type { ConnectionEvent } from '../../main/contracts/events.ts';
import type { Culvert } from '../support/culvert.ts';
import type { Machine } from '../support/namespaces.ts';
import { transfer } from '../support/peers/office.ts';
import { eventually } from '../support/processes.ts';
import { softEtherAddress, useScene } from './scene.ts';

const scene = useScene();
/** The shortest that a profile allows, and long enough for three of each. */
const lifetimes = { ikeLifetime: 14, espLifetime: 10 };
const pings = 700;
const pingSeconds = 0.05;

function renewals(culvert: Culvert, of: 'IKE phase 1' | 'IPsec SA'): number {
  return culvert.events().filter((event) => event.event === 'note' && event.text.startsWith(`${of} renewed`)).length;
}

/** A gateway's pppd still sets its end up when ours is already told that it may send. */
async function answered(client: Machine, address: string): Promise<void> {
  await eventually('a first ping', 10_000, async () => {
    const { exitCode } = await client.exec(['ping', '-q', '-c1', '-W1', address], { allowFailure: true });
    return exitCode === 0;
  });
}

async function lostPings(client: Machine, address: string): Promise<number> {
  const argv = ['ping', '-q', `-c${pings}`, `-i${pingSeconds}`, '-W10', address];
  const { stdout } = await client.exec(argv, { timeoutMs: 120_000, allowFailure: true });
  return pings - Number(/(\d+) received/.exec(stdout)?.[1]);
}

describe('both phases are renewed under traffic without losing a packet', () => {
  test.each(['strongSwan', 'SoftEther'] as const)('with %s', async (peer) => {
    const gateway = peer === 'SoftEther' ? await scene.softEther() : await scene.strongswan();
    const client = await scene.client();
    const culvert = scene.culvert(client, { gateway: gateway.address, profile: { ipsec: lifetimes } });
    await culvert.connected();
    await answered(client, gateway.innerAddress);
    const [lost, carried] = await Promise.all([
      lostPings(client, gateway.innerAddress),
      transfer(client, 'receive', 100_000_000),
    ]);
    expect(carried.remoteSha256).toBe(carried.localSha256);
    expect(lost).toBe(0);
    expect(renewals(culvert, 'IPsec SA')).toBeGreaterThanOrEqual(2);
    expect(renewals(culvert, 'IKE phase 1')).toBeGreaterThanOrEqual(1);
    expect(culvert.events().some(({ event }) => event === 'failed')).toBe(false);
    await culvert.stop();
  });

  test('when the gateway starts the renewals', async () => {
    const gateway = await scene.strongswan({ rekeys: true, saLifetimeSeconds: 12, ikeLifetimeSeconds: 20 });
    const client = await scene.client();
    const culvert = scene.culvert(client, { gateway: gateway.address });
    await culvert.connected();
    await answered(client, gateway.innerAddress);
    expect(await lostPings(client, gateway.innerAddress)).toBe(0);
    expect(renewals(culvert, 'IPsec SA')).toBeGreaterThanOrEqual(2);
    await culvert.stop();
  });
});

const deadPeerDetection = { idle: 3, retry: 1, tries: 3 };
const noticedSeconds = deadPeerDetection.idle + deadPeerDetection.retry * deadPeerDetection.tries;

test('a gateway that dies is noticed in the configured time, and dialled again when it is back', async () => {
  await scene.softEther();
  const gateway = scene.softEtherMachine();
  const client = await scene.client();
  const culvert = scene.culvert(client, {
    gateway: softEtherAddress,
    profile: { ipsec: { deadPeerDetection }, reconnect: { enabled: true, longestPause: 2 } },
  });
  await culvert.connected();
  await gateway.unplug();
  const unpluggedMs = performance.now();
  const failure = await culvert.failed((noticedSeconds + 10) * 1000);
  expect(failure.code).toBe('gateway.dead');
  // The clock starts at the last valid packet, so it can only be earlier; what is added is scheduling.
  expect((performance.now() - unpluggedMs) / 1000).toBeLessThan(noticedSeconds + 3);
  await gateway.plug();
  const connections = (event: ConnectionEvent): boolean =>
    event.event === 'connected' && culvert.events().filter((one) => one.event === 'connected').length === 2;
  await culvert.until(connections, 90_000);
  await culvert.stop();
});
