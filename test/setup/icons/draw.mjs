// npm run icons: draws the bitmaps of assets/ anew.
import { join } from 'node:path';
import { root, run } from '../commands.mjs';
import { electronRuntime } from '../electron-runtime.mjs';

const script = join(root, 'test', 'setup', 'icons', 'main.mjs');
await run(['xvfb-run', '-a', await electronRuntime(), '--no-sandbox', '--disable-gpu', script]);
