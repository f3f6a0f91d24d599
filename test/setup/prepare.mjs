// npm's "prepare": makes `npx culvert` work after `npm install`. Without the tools (npm ci --omit=dev) there is nothing to do.
import { buildCli } from './build-cli.mjs';

await buildCli().catch((/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
});
