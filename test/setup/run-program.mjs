// Runs one of the tests' own TypeScript programs as root: node test/setup/run-program.mjs PROGRAM.ts [ARGUMENT...]
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { requireRoot, root, run, SetupError } from './commands.mjs';
import { report } from './setup.mjs';

/** @param {readonly string[]} argv */
export async function runProgram([program, ...rest]) {
  if (program === undefined) throw new SetupError('usage: run-program.mjs PROGRAM.ts [ARGUMENT...]');
  const path = await bundle(program, join('.setup', `${basename(program, '.ts')}.mjs`), {
    // It knows its folders by where it is itself.
    external: [join(root, 'test', 'setup', 'electron-runtime.mjs')],
  });
  await run([...requireRoot(`${program}, which makes network namespaces,`), process.execPath, path, ...rest]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runProgram(process.argv.slice(2)).catch(report);
}
