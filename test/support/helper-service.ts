import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './namespaces.ts';
import type { Finished, Running } from './processes.ts';
import { inRepository } from './repository.ts';
import { scratchFolder } from './scratch.ts';
import type { LocalUser } from './users.ts';

const helper = inRepository('build/release/culvert-helper');

/** `culvert-helper service` on a machine of the test network, with folders of its own. */
export interface HelperService {
  readonly process: Running;
  readonly socket: string;
  readonly folder: string;
  /** `culvert-helper end`: ends what it has started. */
  endHelpers(): Promise<Finished>;
}

/** An ordinary user who asks a service for the helper. */
export interface ServiceUser extends LocalUser {
  readonly serviceSocket: string;
}

const folders = (folder: string) =>
  ({ socket: join(folder, 'helper.sock'), runtime: join(folder, 'helpers'), state: join(folder, 'state') }) as const;

export function serviceArguments(folder: string): string[] {
  const { socket, runtime, state } = folders(folder);
  return [helper, 'service', '--socket', socket, '--runtime-dir', runtime, '--state-dir', state];
}

/** `folder`: an earlier one's. */
export async function startHelperService(machine: Machine, folder?: string): Promise<HelperService> {
  const home = folder ?? scratchFolder('service');
  chmodSync(home, 0o755);
  const running = machine.spawn(serviceArguments(home));
  await running.until(/"listening":true/);
  const { socket, state } = folders(home);
  return {
    process: running,
    socket,
    folder: home,
    endHelpers: () => machine.exec([helper, 'end', '--state-dir', state], { allowFailure: true }),
  };
}
