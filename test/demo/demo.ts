// `npm run demo`: a gateway that Culvert's authors did not write, a client behind a NAT, and a page fetched between them.
import { deepStrictEqual } from 'node:assert/strict';
import { describeEvent } from '../../main/cli/present.ts';
import { type Culvert, startCulvert } from '../support/culvert.ts';
import { createNetwork, type Host, type Network } from '../support/namespaces.ts';
import { userName } from '../support/peers/credentials.ts';
import { fetchOfficePage, officeAddress, transfer } from '../support/peers/office.ts';
import { startSoftEther } from '../support/peers/softether.ts';

const transferBytes = 100_000_000;
const pollMs = 25;

const say = (text: string): void => {
  console.log(text);
};
const milliseconds = (ms: number): string => `${Math.round(ms)} ms`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Shows what the command line would show, as it comes, until the connection is up. */
async function showUntilConnected(culvert: Culvert): Promise<void> {
  let shown = 0;
  const show = (): void => {
    for (const event of culvert.events().slice(shown)) {
      shown += 1;
      const text = describeEvent(event);
      if (text !== undefined) say(text.replaceAll(/^/gm, '  '));
    }
  };
  const timer = setInterval(show, pollMs);
  try {
    await culvert.connected();
  } finally {
    clearInterval(timer);
    show();
  }
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

async function demonstrate(network: Network): Promise<void> {
  const startMs = performance.now();
  say('\nCulvert demo. Everything happens in network namespaces of this machine.\n');
  const gateway = await network.addMachine('gateway', { address: '203.0.113.10' });
  const client = await network.addMachine('client', { address: '192.168.50.10', behindNat: true });
  const softEther = await startSoftEther(gateway);
  say(`Gateway: SoftEther VPN Server at ${gateway.address}, started in ${seconds(performance.now() - startMs)}`);
  say(`Client:  ${client.address}, behind a NAT`);
  await refusesBeforehand(client);
  const before = await client.machineState();

  say(`\n  culvert connect profile.json --user ${userName} --password-stdin`);
  const culvert = startCulvert(client, { gateway: softEther.address, profile: { name: 'demo' } });
  await showUntilConnected(culvert);
  say('');
  await carry(client);

  const disconnectMs = performance.now();
  await culvert.stop();
  deepStrictEqual(await client.machineState(), before);
  say(
    `\n  Disconnected in ${milliseconds(performance.now() - disconnectMs)}: the client's network is as it was before.`,
  );
  await culvert.cleanUp();
  await softEther.stop();
  say(`\nDone in ${seconds(performance.now() - startMs)}; nothing is left behind.`);
}

const network = await createNetwork();
try {
  await demonstrate(network);
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await network.remove();
}
