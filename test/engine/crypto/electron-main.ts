import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { checks } from './vectors.ts';

/** Runs the checks with no test runner, under Electron's own Node, and prints what happened as one line of JSON. */
const crypto = await createCrypto();
const failures: { name: string; error: string }[] = [];
for (const { name, run } of checks) {
  try {
    run(crypto);
  } catch (error) {
    failures.push({ name, error: String(error) });
  }
}
console.log(JSON.stringify({ electron: process.versions['electron'], checks: checks.length, failures }));
