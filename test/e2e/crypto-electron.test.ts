import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checks } from '../engine/crypto/vectors.ts';
import { electronRuntime } from '../setup/electron-runtime.mjs';

interface Report {
  readonly electron: string;
  readonly checks: number;
  readonly failures: readonly { readonly name: string; readonly error: string }[];
}

let folder: string;
let electron: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'culvert-crypto-'));
  electron = await electronRuntime();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("the crypto port passes the same checks under Electron's BoringSSL as under Node", async () => {
  const script = join(folder, 'checks.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../engine/crypto/electron-main.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  const { stdout } = await promisify(execFile)(electron, [script], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  const report = JSON.parse(stdout) as Report;
  expect(report.failures).toEqual([]);
  expect(report.electron).toMatch(/^\d+\./);
  expect(report.checks).toBe(checks.length);
});
