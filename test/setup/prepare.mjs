// npm's "prepare": makes `npx --no culvert` work after `npm install`. Without the tools (npm ci --omit=dev) there is nothing to do, nor
// for whoever may not write here, and runs what the owner of the folder has built.
import { accessSync, constants } from 'node:fs';
import { buildCli } from './build-cli.mjs';
import { root } from './commands.mjs';

function isOurs() {
  try {
    accessSync(root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

if (isOurs()) {
  await buildCli().catch((/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  });
}
