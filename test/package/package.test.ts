import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Display, startDisplay } from '../app/support/display.ts';
import { type CulvertHost, startCulvertHost } from '../support/culvert-host.ts';
import { testProfile } from '../support/culvert.ts';
import { createNetwork, type Host, type MachineState, type Network } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { eventually, run, type Running } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type Debian, startDebian } from './debian.ts';
import { openInstalled } from './window.ts';

const hostAddress = '203.0.113.40';
const next = '0.1.1';
const packages = inRepository('dist/packages');

let network: Network;
let client: Host;
let host: CulvertHost;
let packed: Awaited<ReturnType<typeof pack>>;

async function pack(): Promise<{ readonly deb: string; readonly rpm: string }> {
  const argv = [process.execPath, 'packaging/package.mjs', '--test-runtime', 'deb', 'rpm'];
  const { stdout } = await run(argv, { cwd: inRepository(), timeoutMs: 280_000 });
  const [deb, rpm] = [/^(\/.*\.deb)$/m, /^(\/.*\.rpm)$/m].map((line) => line.exec(stdout)?.[1]);
  if (deb === undefined || rpm === undefined) throw new Error(stdout);
  return { deb, rpm };
}

/** The same package, as the next release. */
async function packNext(deb: string): Promise<string> {
  const folder = scratchFolder('next');
  const tree = join(folder, 'tree');
  await run(['dpkg-deb', '--raw-extract', deb, tree]);
  const control = join(tree, 'DEBIAN', 'control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${next}`));
  await run(['dpkg-deb', '-Znone', '--build', tree, join(folder, 'next.deb')]);
  return join(folder, 'next.deb');
}

beforeAll(async () => {
  network = await createNetwork();
  client = await network.addMachine('client', { address: '203.0.113.30' });
  const gateway = await network.addMachine('gateway', { address: hostAddress });
  host = await startCulvertHost(gateway, { users: [{ user: { name: userName }, password }] });
  packed = await pack();
}, 300_000);
afterAll(async () => {
  await host.cleanUp();
  await network.remove();
});

/**
 * What dpkg and the tools for accounts keep of the past in files of their own; and /opt itself, which dpkg removes with the last that is
 * in it, whoever made it.
 */
const notOurs =
  / \/(var\/(log|lib\/dpkg|cache)|etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?|home|root)(\/| )| \/opt $/;

async function traces(debian: Debian): Promise<string[]> {
  const groups = (await debian.exec(['cut', '-d:', '-f1', '/etc/group'])).stdout.split('\n').sort();
  return [...(await debian.files()).filter((line) => !notOurs.test(line)), ...groups];
}

function putProfile(debian: Debian): void {
  const profile = testProfile(hostAddress, { network: { mode: 'split', routes: ['10.64.0.0/18'] } });
  const file = join(scratchFolder('profile'), 'office.json');
  writeFileSync(file, JSON.stringify(profile));
  debian.put(file, 'home/alice/office.json');
}

const connect = ['connect', '/home/alice/office.json', '--user', userName, '--password-stdin', '--json'];

async function connected(running: Running): Promise<string> {
  const [, address = ''] = await running.until(/"event":"connected".*"remoteAddress":"([\d.]+)"/, 60_000);
  return address;
}

describe('the deb', () => {
  let debian: Debian;
  let display: Display;
  let before: string[];
  let networkBefore: MachineState;
  beforeAll(async () => {
    display = await startDisplay();
    debian = await startDebian(client, { boots: true });
    // Not "degraded": nothing has failed.
    await eventually('systemd to be up', 60_000, async () => {
      const asked = await debian.exec(['systemctl', 'is-system-running'], { allowFailure: true });
      return asked.stdout === 'running\n';
    });
    await debian.show(display);
    for (const name of ['alice', 'bob']) await debian.exec(['useradd', '--create-home', '--user-group', name]);
    before = await traces(debian);
    networkBefore = await client.machineState();
  });
  afterAll(async () => {
    await debian.stop();
    await display.stop();
  });

  async function install(deb: string): Promise<string> {
    debian.put(deb, 'var/cache/culvert.deb');
    const { stdout } = await debian.exec(['dpkg', '--force-unsafe-io', '--install', '/var/cache/culvert.deb']);
    const active = ['systemctl', 'is-active', 'culvert-helper.service', 'culvert-helper.socket'];
    expect((await debian.exec(active)).stdout).toBe('active\nactive\n');
    return stdout;
  }

  test('installs, with its service, for those whom the administrator lets connect', async () => {
    expect(await install(packed.deb)).toContain('usermod -aG culvert USER');
    await debian.exec(['usermod', '-aG', 'culvert', 'alice']);
    expect((await debian.exec(['culvert', '--version'], { user: 'bob' })).stdout).toBe('0.1.0\n');
    putProfile(debian);
    const refused = await debian.exec(['culvert', ...connect], { user: 'bob', input: 'x\n', allowFailure: true });
    expect(refused).toMatchObject({ exitCode: 10 });
    expect(refused.stdout).toContain('"helper.notAllowed"');
  });

  test('opens its window, where a click connects to what the computer offers', async () => {
    await debian.exec(['install', '-D', '--mode=0644', '/home/alice/office.json', '/etc/culvert/profiles/office.json']);
    const { page, running } = await openInstalled(debian, client, { user: 'alice', display: display.name });
    await page.getByRole('button', { name: 'Connect to test' }).click();
    await page.getByLabel('User name', { exact: true }).fill(userName);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Disconnect from test' }).click();
    await page.getByRole('button', { name: 'Connect to test' }).waitFor();
    expect(await client.machineState()).toEqual(networkBefore);
    await running.stop();
    await debian.exec(['rm', '-r', '/etc/culvert']);
  });

  test('upgrades under a connection, and goes without a trace', async () => {
    const alices = debian.spawn(['culvert', ...connect], { user: 'alice', input: `${password}\n` });
    const address = await connected(alices);
    const ping = () => client.exec(['ping', '-q', '-c2', '-i0.2', '-w10', address]);
    await ping();

    await install(await packNext(packed.deb));
    expect((await debian.exec(['dpkg-query', '--show', 'culvert'])).stdout).toBe(`culvert\t${next}\n`);
    await ping();

    // Removing it ends what is connected, with the network as it was.
    const { stdout } = await debian.exec(['dpkg', '--force-unsafe-io', '--purge', 'culvert']);
    expect(stdout).not.toContain('did not end');
    await alices.exited;
    expect(await client.machineState()).toEqual(networkBefore);
    expect(await traces(debian)).toEqual(before);
  });
});

describe('the rpm', () => {
  let debian: Debian;
  beforeAll(async () => {
    debian = await startDebian(client);
  });
  afterAll(() => debian.stop());

  test('installs, connects as an ordinary user, and takes its files away', async () => {
    await debian.exec(['useradd', '--create-home', '--user-group', 'alice']);
    debian.put(packed.rpm, 'var/cache/culvert.rpm');
    await debian.exec(['rpm', '--initdb']);
    const before = await traces(debian);
    // What it depends on has Fedora's names.
    const installed = await debian.exec(['rpm', '--install', '--nodeps', '/var/cache/culvert.rpm']);
    expect(installed.stdout).toContain('usermod -aG culvert USER');
    await debian.exec(['usermod', '-aG', 'culvert', 'alice']);
    const service = debian.spawn(['/usr/lib/culvert/culvert-helper', 'service']);
    await service.until(/"listening":true/);
    putProfile(debian);
    const running = debian.spawn(['culvert', ...connect], { user: 'alice', input: `${password}\n` });
    await client.exec(['ping', '-q', '-c2', '-i0.2', '-w10', await connected(running)]);

    await debian.exec(['rpm', '--erase', '--nodeps', 'culvert']);
    await running.exited;
    await service.exited;
    // An rpm has no purge, so what hosts keep and who may connect stays. The folder is the system's own where rpms are at home.
    const left = (await traces(debian)).filter((line) => !before.includes(line));
    expect(left).toEqual(['d 700 root root /var/lib/culvert ', 'd 755 root root /usr/share/metainfo ', 'culvert']);
  });
});

/** With the command line of an app that was unpacked into a user's folder. */
const unpacked = (...argv: string[]): string[] => [
  ...['/home/alice/Culvert/culvert-app', '--no-sandbox', '--ozone-platform=headless', '--disable-gpu', '--log-level=3'],
  ...['--culvert-command-line', '--', ...argv],
];

describe('an app in a folder of its user', () => {
  let debian: Debian;
  beforeAll(async () => {
    debian = await startDebian(client);
    await debian.exec(['useradd', '--create-home', '--user-group', '--shell', '/bin/bash', 'alice']);
    debian.put(join(packages, 'linux-unpacked'), 'home/alice/Culvert');
    await debian.exec(['mkdir', '-p', '/run/dbus', '/var/lib/polkit-1']);
    debian.spawn(['dbus-daemon', '--system', '--nofork', '--nopidfile']);
    await eventually('the bus', 10_000, async () => {
      return (await debian.exec(['test', '-S', '/run/dbus/system_bus_socket'], { allowFailure: true })).exitCode === 0;
    });
  });
  afterAll(() => debian.stop());

  /** What polkit answers to whoever wants to run something as root. */
  async function rule(answer: 'YES' | 'NO'): Promise<void> {
    // polkit's JavaScript is ES5.
    const text = `polkit.addRule(function (action) {
      if (action.id === 'org.freedesktop.policykit.exec') return polkit.Result.${answer};
    });`;
    await debian.exec(['tee', '/etc/polkit-1/rules.d/10-culvert-test.rules'], { input: text });
  }
  const command = (...argv: string[]) => debian.exec(unpacked(...argv), { user: 'alice', allowFailure: true });

  test('installs its service by one grant, says what keeps it from that, and takes it away again', async () => {
    const before = await traces(debian);
    expect((await command('service', 'status', '--json')).stdout).toBe('{"state":"absent"}\n');
    expect((await command('service', 'install')).stderr).toContain('no polkit agent runs');
    await rule('NO');
    await eventually('the refusal', 20_000, async () =>
      (await command('service', 'install')).stderr.includes('[elevation.refused]'),
    );
    expect(await debian.exec(['test', '-e', '/usr/lib/culvert'], { allowFailure: true })).toMatchObject({
      exitCode: 1,
    });

    await rule('YES');
    await eventually('the grant', 20_000, async () =>
      (await command('service', 'install')).stdout.includes('alice is in the group culvert now'),
    );
    expect((await command('service', 'status', '--json')).stdout).toContain('"state":"running","allowed":true');
    putProfile(debian);
    const running = debian.spawn(unpacked(...connect), { user: 'alice', input: `${password}\n` });
    await client.exec(['ping', '-q', '-c2', '-i0.2', '-w10', await connected(running)]);

    expect(await command('service', 'uninstall')).toMatchObject({ exitCode: 0 });
    await running.exited;
    await debian.exec(['rm', '/etc/polkit-1/rules.d/10-culvert-test.rules']);
    expect(await traces(debian)).toEqual(before);
  });
});
