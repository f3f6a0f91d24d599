import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { run } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

vi.setConfig({ testTimeout: 60_000 });

/** What the JSON report says that these tests look at. */
interface Report {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly rule: { name: string } }[];
  };
}

async function cruise(folder: string, ...targets: string[]): Promise<Report> {
  const program = inRepository('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const options = ['--config', inRepository('.dependency-cruiser.cjs'), '--output-type', 'json'];
  const { stdout } = await run([process.execPath, program, ...options, ...targets], {
    cwd: folder,
    allowFailure: true,
  });
  return JSON.parse(stdout) as Report;
}

const folders: string[] = [];
afterAll(() => {
  folders.forEach(removeScratch);
});

/** The rules that a small tree of files breaks. */
async function broken(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = scratchFolder('architecture');
  folders.push(folder);
  for (const [path, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const report = await cruise(folder, 'main');
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].sort();
}

const leaf = 'export const leaf = 1;\n';
const importing = (path: string): string => `import { leaf } from '${path}';\nexport const branch = leaf;\n`;

describe('the architecture rules', () => {
  test('let an allowed import pass', async () => {
    expect(await broken({ 'main/protocol/a.ts': leaf, 'main/session/b.ts': importing('../protocol/a.ts') })).toEqual(
      [],
    );
  });

  test.each([
    [
      'the protocol layer that knows the engine',
      'main/protocol/b.ts',
      '../engine/a.ts',
      'main/engine/a.ts',
      'protocol-imports',
    ],
    ['the session that knows the helper', 'main/session/b.ts', '../helper/a.ts', 'main/helper/a.ts', 'session-imports'],
    ['the engine that knows the command line', 'main/engine/b.ts', '../cli/a.ts', 'main/cli/a.ts', 'engine-imports'],
    ['a program that knows its tests', 'main/engine/b.ts', '../../test/a.ts', 'test/a.ts', 'no-tests-inside'],
    ['a folder that the table does not name', 'main/engine/b.ts', '../misc/a.ts', 'main/misc/a.ts', 'known-folders'],
  ])('catch %s', async (_what, from, path, to, rule) => {
    expect(await broken({ [from]: importing(path), [to]: leaf })).toContain(rule);
  });

  test('catch an import of types alone', async () => {
    const typeImport = "import type { Leaf } from '../engine/a.ts';\nexport const leaf: Leaf = 1;\n";
    expect(
      await broken({ 'main/protocol/b.ts': typeImport, 'main/engine/a.ts': 'export type Leaf = number;\n' }),
    ).toEqual(['protocol-imports']);
  });

  test('catch a protocol that reads the file system', async () => {
    const reading = "import { readFileSync } from 'node:fs';\nexport const text = readFileSync('x');\n";
    expect(await broken({ 'main/protocol/a.ts': reading })).toEqual(['protocol-is-pure']);
  });

  test('catch a cycle', async () => {
    const a = "import { branch } from './b.ts';\nexport const leaf: unknown = () => branch;\n";
    expect(await broken({ 'main/protocol/a.ts': a, 'main/protocol/b.ts': importing('./a.ts') })).toContain('no-cycles');
  });

  test('see the modules of this repository', async () => {
    const report = await cruise(inRepository('.'), 'main');
    expect(report.summary.totalCruised).toBeGreaterThan(30);
  });
});
