// Gives a bare Electron runtime its command line: electron [-r MODULE]... [switches] APP [arguments]. For development and tests
// alone; it is what Electron's own distribution holds as its default app.
import { app } from 'electron';
import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const argv = process.argv.slice(1);
const preloaded = [];
let target;
for (let index = 0; index < argv.length && target === undefined; index++) {
  const argument = argv[index] ?? '';
  if (argument === '-r' || argument === '--require') {
    index += 1;
    preloaded.push(argv[index] ?? '');
  } else if (!argument.startsWith('-')) target = resolve(argument);
}
if (target === undefined) throw new Error('usage: electron [-r MODULE] APP');
Object.assign(process, { defaultApp: true });
const require = createRequire(import.meta.url);
for (const module of preloaded) require(module);

const manifestFile = join(target, 'package.json');
const manifest = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {};
if (manifest.name !== undefined) app.setName(manifest.productName ?? manifest.name);
if (manifest.version !== undefined) Reflect.get(app, 'setVersion').call(app, manifest.version);
Reflect.get(app, 'setAppPath').call(app, target);
const file = Reflect.get(Module, '_resolveFilename')(target, null, true);
await import(pathToFileURL(file).href);
