import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { serviceState } from '../../main/elevation/index.ts';
import { serveControl } from '../../main/engine/control-socket.ts';
import { controlSocketPath, helperFolders } from '../../main/engine/folders.ts';
import { openHelper } from '../../main/engine/open-helper.ts';
import { helperService } from '../../main/contracts/helper-service.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

const nobody = 64_321;
const isRoot = process.getuid?.() === 0;
const cleanUps: (() => void)[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.seteuid?.(process.getuid?.() ?? 0);
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

/** The system's folder, made by root, with the service's place in it. */
function systemFolder(): string {
  const scratch = scratchFolder('system');
  cleanUps.push(() => {
    removeScratch(scratch);
  });
  chmodSync(scratch, 0o755);
  const folder = join(scratch, 'run');
  vi.stubEnv('CULVERT_RUNTIME_DIR', folder);
  vi.stubEnv('CULVERT_HELPER_SERVICE', join(folder, 'helper.sock'));
  vi.stubEnv('CULVERT_HELPER', '/usr/bin/env'); // named, never started
  return folder;
}

function becomeOrdinary(): void {
  vi.spyOn(process, 'getuid').mockReturnValue(nobody);
  process.seteuid?.(nobody);
}

test.runIf(isRoot)("where the system's folder is closed to the user, the service is not running", async () => {
  mkdirSync(systemFolder(), { mode: 0o700 });
  becomeOrdinary();
  expect(await openHelper(helperFolders('office'))).toMatchObject({
    ok: false,
    failure: { code: 'helper.notRunning' },
  });
  expect(['absent', 'outdated', 'stopped']).toContain((await serviceState()).state);
});

test.runIf(isRoot)(
  "a connection of root's closes the system's folder to nobody, since the service listens there",
  async () => {
    const folder = systemFolder();
    const socket = controlSocketPath('office');
    const server = await serveControl(socket, helperService, () => Promise.reject(new Error('nobody asks')));
    cleanUps.push(() => server.close());
    expect(statSync(folder).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder, 'control')).mode & 0o777).toBe(0o700);
  },
);
