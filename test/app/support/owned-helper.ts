import { join } from 'node:path';
import type { Machine } from '../../support/namespaces.ts';
import type { Running } from '../../support/processes.ts';
import { inRepository } from '../../support/repository.ts';

/** A native helper that root started for an ordinary user's connections of one name, and starts again whenever one has ended. */
export interface OwnedHelper {
  /** The one that waits, or serves, now. */
  current(): Running;
  stop(): Promise<void>;
}

export async function startOwnedHelper(
  machine: Machine,
  folder: string,
  name: string,
  uid: number,
): Promise<OwnedHelper> {
  const argv = [
    ...[inRepository('build', 'release', 'culvert-helper'), 'serve', '--owner', String(uid)],
    ...['--runtime-dir', `${join(folder, 'run')}-${name}`, '--state-dir', join(folder, 'helper-state')],
  ];
  let stopped = false;
  let running = machine.spawn(argv);
  const keep = (): void => {
    void running.exited.then(() => {
      if (stopped) return;
      running = machine.spawn(argv);
      keep();
    });
  };
  keep();
  await running.until(/"ready":true/);
  return {
    current: () => running,
    stop: async () => {
      stopped = true;
      await running.stop();
    },
  };
}
