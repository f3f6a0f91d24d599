import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Failure, type Result } from '../contracts/failure.ts';
import { profile, type Profile } from '../contracts/profile.ts';
import { Secret } from '../contracts/secret.ts';
import { bundledHelper, connectHelper, type Helper, startHelper } from '../helper/index.ts';
import { describeSystemError } from '../files/system-error.ts';
import { insideAddress, insideNetwork, startGateway } from './gateway.ts';
import { environment, makeTrialNetworks, type TrialEnd, type TrialNetworks } from './namespaces.ts';

/** A gateway to connect to, on this computer, with the way there. */
export interface Trial {
  readonly profile: Profile;
  readonly password: string;
  readonly preSharedKey: Secret;
  /** The client's. */
  readonly openHelper: () => Promise<Result<Helper>>;
  /** Sends something through the tunnel now and then, for as long as the trial lasts, where the system has `ping`. */
  readonly carrySomething: () => void;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
}

const user = 'you';
/** Being root inside a name space opens no file that is somebody else's outside. */
const tunnelDevice = '/dev/net/tun';
/** In the name space, whoever made it is root. */
const ownerInside = 0;

/**
 * Starts a host of Culvert and a place to connect to it from, both in networks that nobody else sees: the whole of Culvert, client,
 * gateway and helpers, with no right over this computer's network and nothing of it changed.
 */
export async function startTrial(version: string, log: (text: string) => void): Promise<Result<Trial>> {
  const binary = bundledHelper();
  if (!binary.ok) return binary;
  const closed = tunnelDeviceClosed();
  if (closed !== undefined) return { ok: false, failure: closed };
  const made = await makeTrialNetworks();
  if (!made.ok) return made;
  const networks = made.value;
  const helperOf = (end: TrialEnd, name: string) => () => openHelper(binary.value, networks, end, name);
  const secrets = { password: newSecret(), preSharedKey: newSecret() };
  const started = await startGateway({
    ...{ folder: join(networks.folder, 'gateway'), address: networks.host.address, user, version, log },
    ...secrets,
    openHelper: helperOf(networks.host, 'host'),
  }).catch((error: unknown) => unexpected(error));
  if (!started.ok) {
    await networks.close();
    return started;
  }
  const gateway = started.value;
  const over = gateway.run();
  const traffic = new AbortController();
  let isCarrying = false;
  return {
    ok: true,
    value: {
      profile: profileFor(networks.host.address),
      password: secrets.password.expose(),
      preSharedKey: new Secret(new TextEncoder().encode(secrets.preSharedKey.expose())),
      openHelper: helperOf(networks.client, 'client'),
      carrySomething: () => {
        if (!isCarrying) ping(networks.client, traffic.signal);
        isCarrying = true;
      },
      stop: async () => {
        traffic.abort();
        gateway.stop();
        await over;
        await networks.close();
      },
    },
  };
}

function profileFor(gateway: string): Profile {
  return profile.parse({
    version: 1,
    name: 'trial',
    title: 'Trial on this computer',
    gateway,
    user,
    // Its name servers would be this computer's own, which it cannot reach.
    network: { mode: 'split', routes: [insideNetwork], dns: { use: 'none' } },
    reconnect: { enabled: false },
  });
}

async function openHelper(
  binary: string,
  { folder }: TrialNetworks,
  { entering }: TrialEnd,
  name: string,
): Promise<Result<Helper>> {
  const folders = { runtime: join('/run', name), state: '/run/state' };
  const started = await startHelper(binary, folders, { entering, owner: ownerInside });
  if (!started.ok) return started;
  try {
    return { ok: true, value: await connectHelper(join(folder, name)) };
  } catch (error) {
    return unexpected(error);
  }
}

function unexpected(error: unknown): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: failure('trial.gateway', { reason: describeSystemError(error) }) };
}

function ping({ entering }: TrialEnd, signal: AbortSignal): void {
  const [program, ...rest] = [...entering, 'ping', '-O', '-i', '0.5', '-s', '1000', insideAddress];
  // It says something each time (-O), and so ends once nobody hears it any more.
  const pinging = spawn(program, rest, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], signal });
  pinging.on('error', () => undefined);
  pinging.stdout.resume();
  pinging.stderr.resume();
}

/** Of 160 random bits, in letters that any form takes. */
function newSecret(): Secret<string> {
  return new Secret(randomBytes(20).toString('hex'));
}

function tunnelDeviceClosed(): Failure | undefined {
  try {
    closeSync(openSync(tunnelDevice, 'r+'));
    return undefined;
  } catch (error) {
    return failure('trial.tunnelDevice', { reason: describeSystemError(error) });
  }
}
