// Runs clang-tidy over the native helper and its tests, or over those of their files whose path holds one of the words
// given: npm run tidy -- [WORD...]. Takes minutes for all of them, so it is no stage of the tests.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { report } from './setup.mjs';
import { helperSources, root, run, seconds, SetupError } from './commands.mjs';

/**
 * @param {string} file
 * @returns {Promise<string>} what it found, empty if nothing
 */
function tidy(file) {
  const options = ['--quiet', '-p', 'build/asan', '--config-file=native-helper/.clang-tidy'];
  return new Promise((resolve, reject) => {
    const child = spawn('clang-tidy', [...options, file], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
    let found = '';
    child.stdout.on('data', (text) => (found += String(text)));
    child.once('error', (error) => reject(new SetupError(`clang-tidy: ${error.message}`)));
    child.once('close', (code) => resolve(code === 0 ? '' : found || `${file}: clang-tidy ended with ${code}\n`));
  });
}

/** @param {readonly string[]} words */
async function main(words) {
  const startMs = performance.now();
  const files = helperSources().filter(
    (file) => file.endsWith('.cpp') && !file.includes(join('native-helper', 'fuzz')),
  );
  const waiting = words.length === 0 ? files : files.filter((file) => words.some((word) => file.includes(word)));
  const count = waiting.length;
  if (count === 0) throw new SetupError(`no file's path holds ${words.join(' or ')}`);
  await run(['cmake', '-S', 'native-helper', '--preset', 'asan'], { quiet: true });
  let failed = 0;
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const found = await tidy(file);
      if (found === '') continue;
      failed += 1;
      console.log(found);
    }
  };
  await Promise.all(cpus().map(worker));
  console.log(`${count} files in ${seconds(startMs)}, findings in ${failed}`);
  if (failed > 0) process.exitCode = 1;
}

await main(process.argv.slice(2)).catch(report);
