// `npm run demo`: a gateway with an office behind it, a client behind a NAT, and a page fetched between them. Both are Culvert.
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { describeEvent } from '../../main/cli/present.ts';
import { type Culvert, startCulvert } from '../support/culvert.ts';
import { type CulvertHost, startCulvertHost } from '../support/culvert-host.ts';
import { createNetwork, type Host, type Network } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { fetchOfficePage, officeAddress, officeRoute, startOffice, transfer } from '../support/peers/office.ts';
import { eventually } from '../support/processes.ts';

const transferBytes = 100_000_000;
const pollMs = 25;
const patienceMs = 30_000;

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

/** The gateway, and the office that only it knows the way to. */
async function addOffice(network: Network): Promise<Host> {
  const gateway = await network.addMachine('gateway', { address: '203.0.113.10' });
  const office = await network.addMachine('office', { address: '203.0.113.20' });
  await gateway.exec(['ip', 'route', 'add', officeRoute, 'via', office.address]);
  await startOffice(office);
  return gateway;
}

/** As soon as the host has counted both transfers, which it does every few seconds. */
async function showSessions(host: CulvertHost): Promise<void> {
  await eventually('the counters', patienceMs, async () =>
    (await host.sessions()).some(({ sentBytes }) => Number(sentBytes) >= transferBytes),
  );
  const { stdout } = await host.command('sessions');
  say('\n  culvert host sessions');
  say(stdout.trimEnd().replaceAll(/^/gm, '  '));
}

async function demonstrate(network: Network): Promise<void> {
  const startMs = performance.now();
  say('\nCulvert demo. Everything happens in network namespaces of this machine.\n');
  const gateway = await addOffice(network);
  const client = await network.addMachine('client', { address: '192.168.50.10', behindNat: true });
  const machines = [gateway, client];
  const states = () => Promise.all(machines.map((machine) => machine.machineState()));
  const before = await states();

  say('  culvert host run --config host.json');
  const hostMs = performance.now();
  const host = await startCulvertHost(gateway, { users: [{ user: { name: userName }, password }] });
  say(`Gateway: Culvert at ${gateway.address}, started in ${seconds(performance.now() - hostMs)}, an office behind it`);
  say(`Client:  ${client.address}, behind a NAT`);
  await refusesBeforehand(client);

  say(`\n  culvert connect profile.json --user ${userName} --password-stdin`);
  const culvert = startCulvert(client, {
    gateway: gateway.address,
    profile: { name: 'demo', network: { routes: [officeRoute] } },
  });
  await showUntilConnected(culvert);
  say('');
  await carry(client);
  await showSessions(host);

  const disconnectMs = performance.now();
  await culvert.stop();
  say(`\n  Disconnected in ${milliseconds(performance.now() - disconnectMs)}.`);
  await eventually('the end of the session', patienceMs, async () => (await host.sessions()).length === 0);
  strictEqual((await host.stop()).exitCode, 0);
  deepStrictEqual(await states(), before);
  say('  The host is over: the networks of both machines are as they were before.');
  await culvert.cleanUp();
  await host.cleanUp();
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
