// `npm run demo`: a gateway that Culvert's authors did not write, a client behind a NAT, and a page fetched between them.
import { deepStrictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectionEvent } from '../../main/contracts/events.ts';
import type { ConnectionEvent } from '../../main/contracts/events.ts';
import { phases } from '../../main/contracts/failure.ts';
import { createNetwork } from '../support/namespaces.ts';
import type { Host, Network } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { fetchOfficePage, officeAddress, transfer } from '../support/peers/office.ts';
import { startSoftEther } from '../support/peers/softether.ts';
import { eventually } from '../support/processes.ts';
import type { Running } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';
import { profile } from './profile.ts';

const transferBytes = 100_000_000;
const connectTimeoutMs = 60_000;

const say = (text: string): void => {
  console.log(text);
};
const milliseconds = (ms: number): string => `${Math.round(ms)} ms`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function startCulvert(client: Host, gateway: string, folder: string): Running {
  const profilePath = join(folder, 'profile.json');
  writeFileSync(profilePath, JSON.stringify(profile(gateway), null, 2), { mode: 0o600 });
  const flags = ['--json', '--user', userName, '--password-stdin'];
  return client.spawn([process.execPath, inRepository('dist/culvert.js'), 'connect', profilePath, ...flags], {
    input: `${password}\n`,
    env: { CULVERT_RUNTIME_DIR: join(folder, 'run'), CULVERT_STATE_DIR: join(folder, 'state') },
  });
}

/** The line for people that an event is worth. */
function describe(event: ConnectionEvent): string | undefined {
  switch (event.event) {
    case 'phase':
      if (event.state === 'started') return undefined;
      return `    ${phases[event.phase].title.padEnd(22)} ${milliseconds(event.tookMs).padStart(8)}   ${event.detail}`;
    case 'connected': {
      const { localAddress, tunnelName, espSuite } = event.connection;
      return `  Connected in ${milliseconds(event.atMs)}: ${localAddress} on ${tunnelName}, ESP ${espSuite}`;
    }
    case 'failed':
    case 'disconnected':
      return `    ${event.failure.cause} ${event.failure.fix}`;
    case 'note':
      return `    ${event.text}`;
    case 'dialling':
    case 'waiting':
      return undefined;
  }
}

/** Shows the events as they come, until the connection is up. */
async function followUntilConnected(culvert: Running): Promise<void> {
  let shown = 0;
  let connected = false;
  const next = (): boolean => {
    if (connected) return true;
    const lines = culvert.stdout().split('\n').slice(0, -1);
    for (const line of lines.slice(shown)) {
      shown += 1;
      const event = connectionEvent.parse(JSON.parse(line));
      const text = describe(event);
      if (text !== undefined) say(text);
      connected = event.event === 'connected';
      if (connected) return true;
      if (event.event === 'failed') throw new Error('Culvert did not connect.');
    }
    return false;
  };
  const ended = culvert.exited.then(() => {
    if (!next()) throw new Error(`Culvert ended before it was connected.\n${culvert.stderr()}`);
    return true;
  });
  await Promise.race([eventually('connected', connectTimeoutMs, next), ended]);
}

async function carry(client: Host): Promise<void> {
  const page = await fetchOfficePage(client);
  const heading = /<h1>(.*)<\/h1>/.exec(page)?.[1] ?? '';
  say(`  Fetched http://${officeAddress}/ through the tunnel: “${heading}”`);
  for (const direction of ['send', 'receive'] as const) {
    const { bytes, tookMs, localSha256, remoteSha256 } = await transfer(client, direction, transferBytes);
    if (localSha256 !== remoteSha256) throw new Error(`what was to ${direction} came out different`);
    const megabits = Math.round((bytes * 8) / tookMs / 1000);
    const done = direction === 'send' ? 'Sent' : 'Received';
    say(`  ${done.padEnd(8)} ${bytes / 1_000_000} MB over TCP at ${megabits} Mbit/s, checksums equal`);
  }
}

async function refusesBeforehand(client: Host): Promise<void> {
  const early = await fetchOfficePage(client).then(
    () => 'reached',
    () => 'unreachable',
  );
  if (early === 'reached') throw new Error('the office was reachable without a tunnel: this shows nothing');
  say(`  Before connecting, http://${officeAddress}/ cannot be reached.`);
}

async function demonstrate(network: Network, folder: string): Promise<void> {
  const startMs = performance.now();
  say('\nCulvert demo. Everything happens in network namespaces of this machine.\n');
  const gateway = await network.addMachine('gateway', { address: '203.0.113.10' });
  const client = await network.addMachine('client', { address: '192.168.50.10', behindNat: true });
  const softEther = await startSoftEther(gateway);
  say(`Gateway: SoftEther VPN Server at ${gateway.address}, started in ${seconds(performance.now() - startMs)}`);
  say(`Client:  ${client.address}, behind a NAT`);
  await refusesBeforehand(client);
  const before = await client.machineState();

  const culvert = startCulvert(client, softEther.address, folder);
  say(`\n  culvert connect profile.json --user ${userName} --password-stdin`);
  await followUntilConnected(culvert);
  say('');
  await carry(client);

  const disconnectMs = performance.now();
  culvert.signal('SIGINT');
  await culvert.exited;
  deepStrictEqual(await client.machineState(), before);
  say(
    `\n  Disconnected in ${milliseconds(performance.now() - disconnectMs)}: the client's network is as it was before.`,
  );
  await softEther.stop();
  say(`\nDone in ${seconds(performance.now() - startMs)}; nothing is left behind.`);
}

const folder = scratchFolder('demo');
const network = await createNetwork();
try {
  await demonstrate(network, folder);
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await network.remove();
  removeScratch(folder);
}
