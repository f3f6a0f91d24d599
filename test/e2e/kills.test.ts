import { existsSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Phase } from '../../main/contracts/failure.ts';
import type { Culvert } from '../support/culvert.ts';
import { startCulvertHost } from '../support/culvert-host.ts';
import type { Host } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { eventually, run } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { startUdpRelay } from '../support/udp-relay.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const gatewayAddress = '203.0.113.40';
const relayAddress = '203.0.113.50';
/** A gateway this far away leaves time to aim between two messages. */
const oneWayMs = 60;
/** As much of the machine's network as a connection may change. */
const network = { mode: 'full', killSwitch: true };

const phases: readonly Phase[] = [
  'reach',
  'ikePhase1',
  'ikeAuthentication',
  'ikePhase2',
  'l2tpTunnel',
  'lcp',
  'userAuthentication',
  'addresses',
  'routes',
  'dns',
  'online',
];

type Victim = 'control plane' | 'warden' | 'broker' | 'datapath';

async function processOf(culvert: Culvert, victim: Victim): Promise<number> {
  if (victim === 'control plane') return culvert.process.pid;
  return (await culvert.helperProcesses())[victim];
}

/** Programs that run in the network namespace of the machine, but for its own kernel's. */
function processesIn(machine: Host): Promise<string[]> {
  return run(['ip', 'netns', 'pids', machine.name]).then(({ stdout }) =>
    stdout.split('\n').filter((pid) => pid !== '' && existsSync(`/proc/${pid}/exe`) && isProgram(pid)),
  );
}

function isProgram(pid: string): boolean {
  try {
    return /culvert-helper|node/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}

async function expectAllOver(client: Host): Promise<void> {
  await eventually('every process of culvert ended', 15_000, async () => (await processesIn(client)).length === 0);
}

/** Culvert's own: it lets a client in again at once that vanished a moment ago, as not every gateway does. */
async function distantGateway(): Promise<Host> {
  const host = await startCulvertHost(await scene.network.addMachine('gateway', { address: gatewayAddress }), {
    users: [{ user: { name: userName, sessions: phases.length }, password }],
    config: { groups: { everybody: { dns: { servers: ['10.64.0.1'] } } }, defaultGroup: 'everybody' },
  });
  scene.afterwards(() => host.cleanUp());
  const relay = await scene.network.addMachine('relay', { address: relayAddress });
  await startUdpRelay(relay, { gateway: gatewayAddress, delayMs: oneWayMs });
  return scene.client();
}

describe.each(['control plane', 'warden', 'broker', 'datapath'] as const)('kill -9 of the %s', (victim) => {
  test('at any phase leaves the network as it was', async () => {
    const client = await distantGateway();
    const before = await client.machineState();
    for (const phase of phases) {
      const culvert = scene.culvert(client, { gateway: relayAddress, profile: { network } });
      await culvert.until((event) => event.event === 'phase' && event.phase === phase && event.state === 'started');
      process.kill(await processOf(culvert, victim), 'SIGKILL');
      await culvert.process.exited;
      await expectAllOver(client);
      expect({ phase, state: await client.machineState() }).toEqual({ phase, state: before });
      if (victim !== 'control plane') expect((await culvert.failed()).code).toBe('helper.lost');
    }
  });
});

test('what is left when everything is killed at once is undone by the next start, and by "restore"', async () => {
  const client = await distantGateway();
  const before = await client.machineState();
  for (const remedy of ['restore', 'connect'] as const) {
    const culvert = scene.culvert(client, { gateway: relayAddress, profile: { network } });
    await culvert.connected();
    const { warden, broker, datapath } = await culvert.helperProcesses();
    for (const pid of [warden, broker, datapath, culvert.process.pid]) process.kill(pid, 'SIGSTOP');
    for (const pid of [warden, broker, datapath, culvert.process.pid]) process.kill(pid, 'SIGKILL');
    await expectAllOver(client);
    expect(await client.machineState()).not.toEqual(before);
    if (remedy === 'restore') {
      const program = inRepository('build/release/culvert-helper');
      await client.exec([program, 'restore', '--state-dir', `${culvert.folder}/state`]);
    } else {
      const again = scene.culvert(client, { gateway: relayAddress, profile: { network }, folder: culvert.folder });
      await again.connected();
      await again.stop();
    }
    await expectAllOver(client);
    expect(await client.machineState()).toEqual(before);
  }
});
