// Sets up, then runs every stage of the tests, or those named: node test/setup/test.mjs [STAGE...]
import { join } from 'node:path';
import { helperSources, requireRoot, run, runAtOnce, seconds, SetupError, toolSources } from './commands.mjs';
import { report, setUp } from './setup.mjs';
import { secretIn } from '../support/canary/secrets.mjs';

const bin = (/** @type {string} */ name) => join('node_modules', '.bin', name);

/**
 * One project of vitest; fails too where its output has a secret of the tests.
 *
 * @param {string} project
 * @param {readonly string[]} [prefix]
 */
async function vitest(project, prefix = []) {
  let heard = '';
  const env = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  await run([...prefix, bin('vitest'), 'run', '--project', project], { env, hear: (text) => (heard += text) });
  const found = secretIn(heard);
  if (found !== undefined) throw new SetupError(`a secret of the tests is in the output: ${found}`);
}

/** Under ThreadSanitizer: the suites that start threads. */
const threadTests = {
  server_tests: '*DatapathProcess*:ReportQueue*:Handover*',
  datapath_tests: 'Workers.*:Turnstile.*:CipherEngines.OfSeveralThreadsShareTheKeys',
};

/** @type {Readonly<Record<string, { title: string, run: () => Promise<void> }>>} */
const stages = {
  types: {
    title: 'type check',
    run: () =>
      runAtOnce(
        ['test', 'test/app', 'main', 'renderer', 'main/protocol'].map((project) => [bin('tsc'), '-p', project]),
      ),
  },
  lint: {
    title: 'lint and formatting',
    run: () =>
      runAtOnce([
        [bin('eslint'), '--max-warnings', '0', '--ignore-pattern', 'test/**', '.'],
        [bin('eslint'), '--max-warnings', '0', 'test'],
        [bin('prettier'), '--check', '--log-level', 'warn', '.'],
        ['clang-format', '--dry-run', '--Werror', ...helperSources(), ...toolSources()],
      ]),
  },
  architecture: {
    title: 'architecture: allowed imports, unused code',
    run: async () => {
      await run([bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'main', 'renderer', 'test', 'test/app']);
      await run([bin('knip'), '--no-progress']);
    },
  },
  unit: {
    title: 'unit and property tests',
    run: () => vitest('unit'),
  },
  e2e: {
    title: 'end to end, with real peers',
    run: () => run([...requireRoot('the end-to-end stage'), bin('vitest'), 'run', '--project', 'e2e']),
  },
  helper: {
    title: 'native helper: tests under sanitizers, fuzzing',
    run: async () => {
      await setUp('sanitized');
      for (const folder of ['build/asan', 'build/fuzz/fuzz']) {
        await run(['ctest', '--test-dir', folder, '--output-on-failure', '--no-tests=error', '--parallel', '2']);
      }
      // What runs in several threads; the other suites are not built with it.
      for (const [suite, tests] of Object.entries(threadTests)) {
        await run([join('build', 'tsan', suite), `--gtest_filter=${tests}`, '--gtest_brief=1']);
      }
    },
  },
  package: {
    title: 'packages, on a clean Debian',
    run: () => vitest('package', requireRoot("the packages' stage")),
  },
  app: {
    title: 'the app in a real Electron',
    run: () => vitest('app', requireRoot("the app's stage")),
  },
};

/** @param {readonly string[]} names */
async function main(names) {
  const unknown = names.filter((name) => !(name in stages));
  if (unknown.length > 0)
    throw new SetupError(`no such stage: ${unknown.join(', ')} (there are ${Object.keys(stages).join(', ')})`);
  await setUp('test');
  const lines = [];
  let failed = 0;
  for (const [name, stage] of Object.entries(stages)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n── ${name}: ${stage.title} ${'─'.repeat(Math.max(0, 90 - name.length - stage.title.length))}`);
    const startMs = performance.now();
    const verdict = await stage.run().then(
      () => 'passed',
      (error) => {
        console.error(error instanceof Error ? error.message : error);
        failed += 1;
        return 'FAILED';
      },
    );
    lines.push(`${verdict}  ${name.padEnd(13)} ${seconds(startMs)}`);
  }
  console.log(`\n${lines.join('\n')}\n${lines.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

await main(process.argv.slice(2)).catch(report);
